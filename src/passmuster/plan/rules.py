"""RFC 5545 recurrence rules: read, and refused with every complaint where the standard does not allow them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

SUB_DAILY = frozenset({"HOURLY", "MINUTELY", "SECONDLY"})
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MOST_TEXT = 2_000
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"\d{8}T\d{6}Z?")

_RANGES = {
    "BYSECOND": (0, 59, False),
    "BYMINUTE": (0, 59, False),
    "BYHOUR": (0, 23, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYMONTH": (1, 12, False),
    "BYSETPOS": (1, 366, True),
}
_KNOWN = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_RANGES)
_NOT_WITH = {
    "BYWEEKNO": frozenset(FREQUENCIES) - {"YEARLY"},
    "BYYEARDAY": frozenset({"DAILY", "WEEKLY", "MONTHLY"}),
    "BYMONTHDAY": frozenset({"WEEKLY"}),
    "BYSETPOS": SUB_DAILY,
}
_LONGEST_MONTH = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


@dataclass(frozen=True)
class Rule:
    """A recurrence rule's parts. `limits` are its BY... numbers, `by_day` (ordinal or 0, 0 for Monday)."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    week_start: int = 0
    by_day: tuple[tuple[int, int], ...] = ()
    limits: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def read_rule(text: str) -> tuple[Rule | None, list[str]]:
    """The rule, or None and everything that is wrong with it. UNTIL is read in UTC."""
    parts, complaints = _parts(text)
    if complaints:
        return None, complaints
    freq = parts.get("FREQ", "")
    if freq not in FREQUENCIES:
        return None, [f"FREQ must be given as one of {', '.join(FREQUENCIES)}"]
    complaints += [
        f"{name} is not allowed with FREQ={freq}"
        for name, freqs in _NOT_WITH.items()
        if name in parts and freq in freqs
    ]
    if "COUNT" in parts and "UNTIL" in parts:
        complaints.append("COUNT and UNTIL exclude each other; keep one")
    limits = {name: _numbers(name, parts[name], complaints) for name in _RANGES if name in parts}
    rule = Rule(
        freq=freq,
        interval=_count("INTERVAL", parts, complaints) or 1,
        count=_count("COUNT", parts, complaints),
        until=_until(parts["UNTIL"], complaints) if "UNTIL" in parts else None,
        week_start=_week_start(parts, complaints),
        by_day=_days(parts, freq, complaints),
        limits=limits,
    )
    complaints += [] if complaints else _impossible(rule)
    return (None, complaints) if complaints else (rule, [])


def _parts(text: str) -> tuple[dict[str, str], list[str]]:
    if len(text) > _MOST_TEXT:
        return {}, [f"is longer than {_MOST_TEXT} characters"]
    parts: dict[str, str] = {}
    complaints = []
    body = text.strip().upper().removeprefix("RRULE:").removesuffix(";")
    for piece in body.split(";"):
        name, equals, value = piece.partition("=")
        name = name.strip()
        if not equals or not value.strip():
            complaints.append(f"{piece!r} is not NAME=VALUE")
        elif name not in _KNOWN:
            complaints.append(f"unknown part {name}; known are {', '.join(_KNOWN)}")
        elif name in parts:
            complaints.append(f"{name} is given twice")
        parts[name] = value.strip()
    return parts, complaints


def _numbers(name: str, text: str, complaints: list[str]) -> tuple[int, ...]:
    low, high, may_be_negative = _RANGES[name]
    found = []
    for piece in text.split(","):
        number = _whole(piece)
        size = abs(number) if number is not None and may_be_negative else number
        if number is None or size is None or not low <= size <= high:
            reach = f"{low} to {high}" + (f" or -{high} to -{low}" if may_be_negative else "")
            complaints.append(f"{name}: {piece!r} is not a whole number from {reach}")
        else:
            found.append(number)
    return tuple(dict.fromkeys(found))


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,6}", text.strip()) else None


def _count(name: str, parts: Mapping[str, str], complaints: list[str]) -> int | None:
    if name not in parts:
        return None
    number = _whole(parts[name])
    if number is None or number < 1:
        complaints.append(f"{name}: {parts[name]!r} is not a whole number from 1 to 999999")
    return number


def _until(text: str, complaints: list[str]) -> datetime | None:
    try:
        if not _UNTIL.fullmatch(text):
            raise ValueError
        return datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        complaints.append(f"UNTIL: {text!r} is no time in UTC; write 20261231T235959Z")
        return None


def _week_start(parts: Mapping[str, str], complaints: list[str]) -> int:
    text = parts.get("WKST", "MO")
    if text not in WEEKDAYS:
        complaints.append(f"WKST: {text!r} is none of {', '.join(WEEKDAYS)}")
        return 0
    return WEEKDAYS.index(text)


def _days(parts: Mapping[str, str], freq: str, complaints: list[str]) -> tuple[tuple[int, int], ...]:
    found = []
    may_count = freq == "MONTHLY" or (freq == "YEARLY" and "BYWEEKNO" not in parts)
    for piece in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        match = _DAY.fullmatch(piece.strip())
        ordinal = int(match[1] or 0) if match else 0
        if match is None or abs(ordinal) > 53 or (match[1] and not ordinal):
            complaints.append(f"BYDAY: {piece!r} is no weekday; write MO or, for the second Monday, 2MO")
        elif ordinal and not may_count:
            complaints.append(
                f"BYDAY: {piece!r} counts weekdays, which FREQ={freq} here does not allow; write {match[2]}"
            )
        else:
            found.append((ordinal, WEEKDAYS.index(match[2])))
    return tuple(dict.fromkeys(found))


def _impossible(rule: Rule) -> list[str]:
    """Days no month has: such a rule never comes, and looking for it would never end."""
    days = rule.limits.get("BYMONTHDAY", ())
    months = rule.limits.get("BYMONTH", range(1, 13))
    if days and min(abs(day) for day in days) > max(_LONGEST_MONTH.get(month, 31) for month in months):
        return ["never comes: none of the months in BYMONTH has a day of BYMONTHDAY"]
    return []
