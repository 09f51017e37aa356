"""Recurrences in plain words, and the RFC 5545 rules they stand for. Pure.

What is read back from a rule is exactly what would write it again; a rule that plain words cannot say is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from passmuster.plan.rules import WEEKDAYS, Rule, read_rule
from passmuster.plan.windows import read_local

DAY_NAMES: Mapping[str, str] = dict(
    zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)
ORDINALS: Mapping[int, str] = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
LAST_DAY = -1
_MOST_EVERY = 99
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
NEAR_IN_WORDS = f"a year from {_FIRST_YEAR} to {_LAST_YEAR}"


class Repeats(StrEnum):
    """How something comes again."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY_DAY = "monthly_day"
    MONTHLY_WEEKDAY = "monthly_weekday"
    ONCE = "once"
    RULE = "rule"


@dataclass(frozen=True)
class Recurrence:
    """How often: every `every` days, weeks or months; on `weekdays` (MO ...), `month_days` (-1 is the last day) or the
    `ordinal` of each of the weekdays in a month (-1 is the last); up to and with `until`. `rule` is for RULE alone."""

    repeats: Repeats
    every: int = 1
    weekdays: tuple[str, ...] = ()
    month_days: tuple[int, ...] = ()
    ordinal: int = 1
    until: date | None = None
    rule: str = ""


def recurrence_complaints(given: Recurrence) -> list[str]:
    """What is missing or wrong, each with its mend; empty where a rule can be written."""
    found = []
    if not 1 <= given.every <= _MOST_EVERY:
        found.append(f"every: a whole number from 1 to {_MOST_EVERY}")
    if given.repeats in (Repeats.WEEKLY, Repeats.MONTHLY_WEEKDAY) and not given.weekdays:
        found.append("days: choose at least one day of the week")
    if unknown := [day for day in given.weekdays if day not in WEEKDAYS]:
        found.append(f"days: {', '.join(unknown)}: write some of {', '.join(WEEKDAYS)}")
    if given.repeats is Repeats.MONTHLY_DAY and not given.month_days:
        found.append("days of the month: write at least one, like 1, 15 or last")
    if any(day != LAST_DAY and not 1 <= day <= 31 for day in given.month_days):
        found.append("days of the month: numbers from 1 to 31, or last")
    if given.repeats is Repeats.MONTHLY_WEEKDAY and given.ordinal not in ORDINALS:
        found.append("which: choose first, second, third, fourth or last")
    if given.until and not is_near(given.until):
        found.append(f"until: name {NEAR_IN_WORDS}")
    if given.repeats is Repeats.RULE:
        found += [f"rule: {complaint}" for complaint in read_rule(given.rule)[1]] if given.rule else ["rule: is empty"]
    return found


def is_near(day: date) -> bool:
    """Whether a day lies where windows can be planned."""
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


def rule_of(given: Recurrence, zone: str) -> str:
    """The rule, for a recurrence without complaints that is not ONCE; `until` ends with that day in the zone."""
    if given.repeats is Repeats.RULE:
        return given.rule.strip()
    days = _in_order(given.weekdays)
    parts = {
        Repeats.DAILY: "FREQ=DAILY",
        Repeats.WEEKLY: "FREQ=WEEKLY",
    }.get(given.repeats, "FREQ=MONTHLY")
    parts += f";INTERVAL={given.every}" if given.every != 1 else ""
    if given.repeats is Repeats.WEEKLY:
        parts += f";BYDAY={','.join(days)}"
    elif given.repeats is Repeats.MONTHLY_DAY:
        parts += f";BYMONTHDAY={','.join(str(day) for day in _days_in_order(given.month_days))}"
    elif given.repeats is Repeats.MONTHLY_WEEKDAY:
        parts += f";BYDAY={','.join(f'{given.ordinal}{day}' for day in days)}"
    return parts + (f";UNTIL={_until(given.until, zone):%Y%m%dT%H%M%SZ}" if given.until else "")


def recurrence_of(rule: str, zone: str) -> Recurrence:
    """The recurrence a rule says; RULE where plain words cannot say the same."""
    read, _ = read_rule(rule)
    said = _said(read, zone) if read else None
    if said is not None and not recurrence_complaints(said) and same_rule(rule_of(said, zone), rule):
        return said
    return Recurrence(Repeats.RULE, rule=rule)


def same_rule(one: str, other: str) -> bool:
    """Whether two rules say the same, in whatever order their parts stand."""
    first, second = read_rule(one)[0], read_rule(other)[0]
    return first is not None and second is not None and _normal(first) == _normal(second)


def in_words(given: Recurrence) -> str:
    """How often, as people say it: `every 2 weeks on Monday and Thursday`."""
    days = joined(DAY_NAMES[day] for day in _in_order(given.weekdays))
    if given.repeats is Repeats.RULE:
        return f"by the rule {given.rule}"
    if given.repeats is Repeats.ONCE:
        return "once"
    if given.repeats is Repeats.DAILY:
        text = _every(given.every, "day")
    elif given.repeats is Repeats.WEEKLY:
        text = f"every {days}" if given.every == 1 else f"{_every(given.every, 'week')} on {days}"
    elif given.repeats is Repeats.MONTHLY_DAY:
        text = f"{_every(given.every, 'month')} on {joined(_day_in_words(day) for day in given.month_days)}"
    else:
        text = f"{_every(given.every, 'month')} on the {ORDINALS[given.ordinal]} {days}"
    return text + (f", until {given.until}" if given.until else "")


def joined(parts: Iterable[str]) -> str:
    """`a, b and c`."""
    told = list(parts)
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}" if told else ""


def read_month_days(text: str) -> tuple[int, ...]:
    """Days of a month as people write them, `1, 15, last`; 0 stands for what is no day."""
    pieces = [piece for piece in text.replace(",", " ").split() if piece]
    found = [
        LAST_DAY if piece.lower() == "last" else int(piece) if piece.isascii() and piece.isdigit() else 0
        for piece in pieces[:31]
    ]
    return tuple(dict.fromkeys(found))


def _every(every: int, what: str) -> str:
    return f"every {what}" if every == 1 else f"every {every} {what}s"


def _day_in_words(day: int) -> str:
    return "the last day" if day == LAST_DAY else f"day {day}"


def _in_order(days: Iterable[str]) -> list[str]:
    return sorted(set(days), key=WEEKDAYS.index)


def _days_in_order(days: Iterable[int]) -> list[int]:
    return sorted(set(days), key=lambda day: (day == LAST_DAY, day))


def _until(day: date, zone: str) -> datetime:
    return read_local(datetime.combine(day + timedelta(days=1), time()), ZoneInfo(zone)) - timedelta(seconds=1)


def _said(rule: Rule, zone: str) -> Recurrence | None:
    """What the rule might say in plain words; whether it does is for whoever compares."""
    until = rule.until.astimezone(ZoneInfo(zone)).date() if rule.until else None
    month_days = tuple(rule.limits.get("BYMONTHDAY", ()))
    ordinals = {ordinal for ordinal, _ in rule.by_day}
    weekdays = tuple(WEEKDAYS[day] for _, day in rule.by_day)
    shape: dict[str, Any] | None = None
    if rule.freq == "DAILY":
        shape = {"repeats": Repeats.DAILY}
    elif rule.freq == "WEEKLY":
        shape = {"repeats": Repeats.WEEKLY, "weekdays": weekdays}
    elif rule.freq == "MONTHLY" and month_days:
        shape = {"repeats": Repeats.MONTHLY_DAY, "month_days": month_days}
    elif rule.freq == "MONTHLY" and len(ordinals) == 1:
        shape = {"repeats": Repeats.MONTHLY_WEEKDAY, "weekdays": weekdays, "ordinal": ordinals.pop()}
    return Recurrence(every=rule.interval, until=until, **shape) if shape else None


def _normal(rule: Rule) -> tuple[Any, ...]:
    limits = sorted((name, tuple(sorted(numbers))) for name, numbers in rule.limits.items())
    until = rule.until.astimezone(UTC) if rule.until else None
    return rule.freq, rule.interval, rule.count, until, rule.week_start, tuple(sorted(rule.by_day)), tuple(limits)
