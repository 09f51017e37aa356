"""A time zone as a VTIMEZONE component, every change of its clocks within a span written out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

_SECOND = timedelta(seconds=1)
_STEP = timedelta(days=1)


def vtimezone(name: str, first: datetime, last: datetime) -> icalendar.Timezone:
    """The zone, right from `first` to `last`; the local time of a change is read with the offset before it."""
    zone = ZoneInfo(name)
    component = icalendar.Timezone()
    component.add("tzid", name)
    start = first.astimezone(UTC).replace(microsecond=0)
    component.add_component(_observance(zone, start, _offset(zone, start)))
    for change in _changes(zone, start, last.astimezone(UTC)):
        component.add_component(_observance(zone, change, _offset(zone, change - _SECOND)))
    return component


def _observance(
    zone: ZoneInfo, start: datetime, before: timedelta
) -> icalendar.TimezoneStandard | icalendar.TimezoneDaylight:
    there = start.astimezone(zone)
    kind = icalendar.TimezoneDaylight if there.dst() else icalendar.TimezoneStandard
    found = kind()
    found.add("dtstart", (start + before).replace(tzinfo=None))
    found.add("tzoffsetfrom", before)
    found.add("tzoffsetto", _offset(zone, start))
    found.add("tzname", there.tzname())
    return found


def _changes(zone: ZoneInfo, start: datetime, last: datetime) -> Iterator[datetime]:
    """The first instants with another offset than the second before, in order."""
    early = start
    while early < last:
        late = min(early + _STEP, last)
        if _offset(zone, early) != _offset(zone, late):
            yield _first_change(zone, early, late)
        early = late


def _first_change(zone: ZoneInfo, early: datetime, late: datetime) -> datetime:
    old = _offset(zone, early)
    while late - early > _SECOND:
        middle = (early + (late - early) / 2).replace(microsecond=0)
        early, late = (middle, late) if _offset(zone, middle) == old else (early, middle)
    return late


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)
