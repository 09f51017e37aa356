"""Windows and freezes of an environment in plain words, and as a calendar file spells them. Pure.

An item that plain words cannot say is None, and stays as it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from passmuster.application.programme.plain_rules import (
    NEAR_IN_WORDS,
    Recurrence,
    Repeats,
    in_words,
    is_near,
    recurrence_complaints,
    recurrence_of,
    rule_of,
    same_rule,
)
from passmuster.model.schedule import Binds

_MOST_MINUTES = 100_000
_MOST_DAYS = 15
# What an item of any shape may raise while it is read.
_ODD = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(frozen=True)
class PlainWindow:
    """A maintenance window: how often, from which day on, when it starts (local time) and how many minutes it lasts."""

    name: str
    recurrence: Recurrence
    from_day: date
    start: time
    minutes: int


class FreezeKind(StrEnum):
    """When nothing may be changed."""

    DAYS = "days"
    MONTH_END = "month_end"
    HOLIDAYS = "holidays"


@dataclass(frozen=True)
class PlainFreeze:
    """A freeze: from the first day through the last, around each month's end, or on a country's public holidays."""

    name: str
    kind: FreezeKind = FreezeKind.DAYS
    binds: Binds = Binds.OURS
    first: date | None = None
    last: date | None = None
    last_days: int = 0
    first_days: int = 0
    country: str = ""
    subdivision: str = ""


def window_complaints(window: PlainWindow) -> list[str]:
    """What is missing or wrong, each with its mend."""
    found = [] if window.name.strip() else ["name: is empty; call it after its purpose, like night"]
    if not 1 <= window.minutes <= _MOST_MINUTES:
        found.append(f"minutes: a whole number from 1 to {_MOST_MINUTES}")
    if not is_near(window.from_day):
        found.append(f"first day: name {NEAR_IN_WORDS}")
    if window.recurrence.until and window.recurrence.until < window.from_day:
        found.append("until: is before its first day; exchange the days")
    return found + recurrence_complaints(window.recurrence)


def window_item(window: PlainWindow, zone: str) -> dict[str, Any]:
    """The window as `passmuster/calendar@1` spells it, without `environments`."""
    starts = datetime.combine(window.from_day, window.start)
    if window.recurrence.repeats is Repeats.ONCE:
        ends = starts + timedelta(minutes=window.minutes)
        return {"id": window.name, "start": starts.isoformat(), "end": ends.isoformat()}
    rule = rule_of(window.recurrence, zone)
    return {"id": window.name, "rrule": rule, "starts": starts.isoformat(), "minutes": window.minutes}


def plain_window(item: Mapping[str, Any], zone: str) -> PlainWindow | None:
    """The window an item says; None where plain words and a rule cannot say all of it."""
    try:
        said = _window_said(item, zone)
        return said if not window_complaints(said) and _same(window_item(said, zone), item) else None
    except _ODD:
        return None


def window_in_words(window: PlainWindow) -> str:
    """The window as people say it: `every Sunday at 22:00 for 120 minutes, from 2026-06-01 on`."""
    once = window.recurrence.repeats is Repeats.ONCE
    day = f"on {window.from_day}" if once else in_words(window.recurrence)
    first = "" if once else f", from {window.from_day} on"
    return f"{day} at {window.start:%H:%M} for {window.minutes} minutes{first}"


def freeze_complaints(freeze: PlainFreeze) -> list[str]:
    """What is missing or wrong, each with its mend."""
    found = [] if freeze.name.strip() else ["name: is empty; call it after its reason, like year end"]
    if freeze.kind is FreezeKind.DAYS:
        if freeze.first is None or freeze.last is None:
            found.append("days: write the first and the last day")
        elif freeze.last < freeze.first:
            found.append("days: the last is before the first; exchange them")
    if freeze.kind is FreezeKind.MONTH_END and not (
        0 <= freeze.last_days <= _MOST_DAYS and 0 <= freeze.first_days <= _MOST_DAYS
    ):
        found.append(f"days: from 0 to {_MOST_DAYS} before and after the month's end")
    if freeze.kind is FreezeKind.MONTH_END and not freeze.last_days and not freeze.first_days:
        found.append("days: say how many of a month's last or first days")
    if freeze.kind is FreezeKind.HOLIDAYS and not freeze.country.strip():
        found.append("country: write its code, like DE")
    return found


def freeze_item(freeze: PlainFreeze) -> dict[str, Any]:
    """The freeze as `passmuster/calendar@1` spells it, without `environments`."""
    told: dict[str, Any] = {"name": freeze.name, "binds": freeze.binds.value}
    if freeze.kind is FreezeKind.MONTH_END:
        return {**told, "month_end": {"last_days": freeze.last_days, "first_days": freeze.first_days}}
    if freeze.kind is FreezeKind.HOLIDAYS:
        more = {"subdivision": freeze.subdivision} if freeze.subdivision else {}
        return {**told, "holidays": {"country": freeze.country, **more}}
    return {**told, "start": str(freeze.first), "end": str(freeze.last)}


def plain_freeze(item: Mapping[str, Any]) -> PlainFreeze | None:
    """The freeze an item says; None where plain words cannot say all of it."""
    try:
        said = _freeze_said(item)
        return said if not freeze_complaints(said) and freeze_item(said) == _filled(item) else None
    except _ODD:
        return None


def freeze_in_words(freeze: PlainFreeze) -> str:
    """The freeze as people say it, with whom it binds."""
    if freeze.kind is FreezeKind.DAYS:
        text = f"on {freeze.first}" if freeze.first == freeze.last else f"from {freeze.first} through {freeze.last}"
    elif freeze.kind is FreezeKind.HOLIDAYS:
        text = f"on public holidays of {' '.join(filter(None, (freeze.country, freeze.subdivision)))}"
    else:
        sides = ((freeze.last_days, "last"), (freeze.first_days, "first"))
        text = f"on the {' and the '.join(f'{which} {n}' for n, which in sides if n)} days of each month"
    return f"{text}; {BINDS_IN_WORDS[freeze.binds]}"


BINDS_IN_WORDS: Mapping[Binds, str] = {
    Binds.OURS: "binds our own changes",
    Binds.VENDOR: "binds the vendor's changes",
    Binds.BOTH: "binds our own and the vendor's changes",
}


def _window_said(item: Mapping[str, Any], zone: str) -> PlainWindow:
    if "start" in item:
        starts, ends = datetime.fromisoformat(item["start"]), datetime.fromisoformat(item["end"])
        minutes = (ends - starts) // timedelta(minutes=1)
        return PlainWindow(item["id"], Recurrence(Repeats.ONCE), starts.date(), starts.time(), minutes)
    starts = datetime.fromisoformat(item["starts"])
    return PlainWindow(
        item["id"], recurrence_of(item["rrule"], zone), starts.date(), starts.time(), int(item["minutes"])
    )


def _freeze_said(item: Mapping[str, Any]) -> PlainFreeze:
    said = PlainFreeze(item["name"], binds=Binds(item.get("binds", Binds.OURS)))
    if "month_end" in item:
        ends = item["month_end"]
        last, first = int(ends.get("last_days", 0)), int(ends.get("first_days", 0))
        return replace(said, kind=FreezeKind.MONTH_END, last_days=last, first_days=first)
    if "holidays" in item:
        of = item["holidays"]
        return replace(said, kind=FreezeKind.HOLIDAYS, country=of["country"], subdivision=of.get("subdivision", ""))
    return replace(said, first=date.fromisoformat(item["start"]), last=date.fromisoformat(item["end"]))


def _filled(item: Mapping[str, Any]) -> dict[str, Any]:
    """The item with what is understood where nothing is said."""
    told = {"binds": Binds.OURS.value, **item}
    if "month_end" in told:
        told["month_end"] = {"last_days": 0, "first_days": 0, **told["month_end"]}
    return told


def _same(made: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    if made.keys() != item.keys():
        return False
    return all(_same_value(name, made[name], item[name]) for name in made)


def _same_value(name: str, made: Any, kept: Any) -> bool:
    if name == "rrule":
        return bool(made == kept) or same_rule(made, kept)
    if name in ("start", "end", "starts"):
        # A day alone ends with its night, a time does not.
        return len(kept) > 10 and datetime.fromisoformat(made) == datetime.fromisoformat(kept)
    return bool(made == kept)
