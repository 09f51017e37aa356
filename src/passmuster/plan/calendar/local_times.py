"""Times as people write them in a calendar: a day, a local time, or an instant; and what is wrong with a file."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from passmuster.model.schedule import Span
from passmuster.plan.windows import read_local

_FIRST_YEAR, _LAST_YEAR = 1970, 2200


class Complaints:
    """What is wrong with one file, with its places, in the order found."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.lines: list[str] = []

    def say(self, place: str, text: str) -> None:
        """Note one mistake and its mend."""
        self.lines.append(f"{self.where}: {place}: {text}")


def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of a name such as Europe/Berlin; None where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins there."""
    return read_local(datetime.combine(day, time()), zone)


def instant_of(text: str, zone: ZoneInfo, *, is_end: bool = False) -> datetime:
    """The instant a text means in a zone; a day alone is its begin, as an end that of the next. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"{text!r} is too far away; name a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    if len(text) == 10 and is_end:
        moment += timedelta(days=1)
    return read_local(moment, zone)


def read_span(item: dict[str, Any], zone: ZoneInfo, place: str, complaints: Complaints) -> Span | None:
    """From `start` to `end`; None, and a complaint, where one is no time or the end is not after the start."""
    start = read_instant(item["start"], zone, f"{place}.start", complaints)
    end = read_instant(item["end"], zone, f"{place}.end", complaints, is_end=True)
    if start is None or end is None:
        return None
    if end <= start:
        complaints.say(place, f"ends before it starts ({item['start']} to {item['end']}); swap or mend the times")
        return None
    return Span(start, end)


def read_instant(
    text: str, zone: ZoneInfo, place: str, complaints: Complaints, *, is_end: bool = False
) -> datetime | None:
    """The instant of a text; None, and a complaint, where it is none."""
    try:
        return instant_of(text, zone, is_end=is_end)
    except ValueError as error:
        why = str(error) if "too far" in str(error) else f"{text!r} is no time; write 2026-12-31 or 2026-12-31T17:00:00"
        complaints.say(place, why)
        return None


def read_wall_clock(text: str, place: str, complaints: Complaints) -> datetime | None:
    """A local time without a zone; None, and a complaint, where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        complaints.say(place, f"{text!r} is no local time; write 2026-12-06T02:00:00, without an offset")
        return None
    return moment
