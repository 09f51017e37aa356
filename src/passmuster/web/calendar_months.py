"""The calendar as a month of days and as a timeline, laid out here and drawn by the templates. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from passmuster.model.dated import Dated

_MOST_A_DAY = 4
_LEFT, _WIDTH, _TOP, _ROW = 150, 900, 26, 30
_DAY = timedelta(days=1)
WEEKS_OF_TIMELINE = 13


@dataclass(frozen=True)
class Shown:
    """An entry on one day; `clock` is empty for whole days and for days it merely lasts into."""

    entry: Dated
    clock: str


@dataclass(frozen=True)
class Day:
    """A day with what is on it; `rest` entries are not among the shown."""

    on: date
    entries: tuple[Shown, ...]
    is_other: bool = False
    is_today: bool = False
    rest: int = 0


def month_span(year: int, month: int, zone: tzinfo) -> tuple[date, date, datetime, datetime]:
    """The first and last day of the month's whole weeks, and the instants they begin and end at."""
    days = [day for week in calendar.Calendar().monthdatescalendar(year, month) for day in week]
    return days[0], days[-1], _midnight(days[0], zone), _midnight(days[-1] + _DAY, zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def month_weeks(year: int, month: int, entries: Sequence[Dated], zone: tzinfo, today: date) -> list[list[Day]]:
    """The weeks of a month, Monday first."""
    by_day = days_of(entries, zone)
    return [
        [_day(day, by_day.get(day, []), is_other=day.month != month, is_today=day == today) for day in week]
        for week in calendar.Calendar().monthdatescalendar(year, month)
    ]


def _day(day: date, found: Sequence[Shown], *, is_other: bool, is_today: bool) -> Day:
    room = _MOST_A_DAY if len(found) <= _MOST_A_DAY else _MOST_A_DAY - 1
    return Day(day, tuple(found[:room]), is_other, is_today, max(0, len(found) - room))


def day_list(entries: Sequence[Dated], zone: tzinfo, first: date, last: date, today: date) -> list[Day]:
    """The days from first to last that have something on them."""
    found = days_of(entries, zone)
    return [Day(day, tuple(found[day]), is_today=day == today) for day in sorted(found) if first <= day <= last]


def days_of(entries: Iterable[Dated], zone: tzinfo) -> dict[date, list[Shown]]:
    """Entries by the days they touch in that zone; whole days are the same days everywhere."""
    found: dict[date, list[Shown]] = {}
    for entry in entries:
        where = UTC if entry.is_all_day else zone
        start = entry.start.astimezone(where)
        last = (entry.end or entry.start).astimezone(where)
        # What ends at midnight is not on the day that begins then.
        if last > start:
            last -= timedelta(microseconds=1)
        day = start.date()
        while day <= last.date():
            clock = "" if entry.is_all_day or day > start.date() else f"{start:%H:%M}"
            found.setdefault(day, []).append(Shown(entry, clock))
            day += _DAY
    return found


@dataclass(frozen=True)
class Bar:
    """An entry in a row of the timeline."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True)
class Line:
    """A place and what is on it."""

    name: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Tick:
    """A Monday."""

    x: float
    text: str


@dataclass(frozen=True)
class Picture:
    """The timeline in pixels of its drawing; `today` is negative where today is outside."""

    width: int
    height: int
    left: int
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    today: float


def timeline(entries: Sequence[Dated], first: date, now: datetime) -> Picture:
    """Thirteen weeks from `first`, a row a place."""
    start = datetime.combine(first, time(), tzinfo=UTC)
    end = start + timedelta(weeks=WEEKS_OF_TIMELINE)
    places: dict[str, list[Dated]] = {}
    for entry in entries:
        places.setdefault(entry.where or "Everywhere", []).append(entry)
    lines = tuple(
        Line(name, _TOP + number * _ROW, tuple(_bar(each, _TOP + number * _ROW, start, end) for each in places[name]))
        for number, name in enumerate(sorted(places))
    )
    ticks = tuple(
        Tick(_x(start + timedelta(weeks=week), start, end), f"{start + timedelta(weeks=week):%d %b}")
        for week in range(WEEKS_OF_TIMELINE)
    )
    height = _TOP + len(lines) * _ROW + 6
    return Picture(_LEFT + _WIDTH + 10, height, _LEFT, lines, ticks, _x(now, start, end) if start <= now < end else -1)


def _x(moment: datetime, start: datetime, end: datetime) -> float:
    share = (moment - start) / (end - start)
    return round(_LEFT + min(1.0, max(0.0, share)) * _WIDTH, 1)


def _bar(entry: Dated, y: float, start: datetime, end: datetime) -> Bar:
    left = _x(entry.start, start, end)
    width = max(4.0, round(_x(entry.end or entry.start, start, end) - left, 1))
    place = min(left, _LEFT + _WIDTH - width)
    return Bar(place, y + 5, width, 20, entry.kind.value, f"{entry.title}: {_spell(entry)}")


def _spell(entry: Dated) -> str:
    start = entry.start.astimezone(UTC)
    if entry.is_all_day:
        return f"{start:%Y-%m-%d}"
    return f"{start:%Y-%m-%d %H:%M}" + (f" to {entry.end.astimezone(UTC):%Y-%m-%d %H:%M}" if entry.end else "")
