"""When something comes next: a window, a freeze, a review. For people who look at what they set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from passmuster.model.schedule import Span
from passmuster.pipeline.cadence import due_days, today_in
from passmuster.pipeline.environment_times import read_environment_times

# Looked at first: what comes often is found soon; what comes seldom within the years.
_WEEKS = (8, 60, 260)
_YEARS = 6


def next_windows(item: Mapping[str, Any], zone: str, now: datetime, many: int) -> list[datetime]:
    """The next local starts of a window from `now` on, within five years; raises UnreadableInput."""
    return _next("windows", item, zone, now, many)


def next_freezes(item: Mapping[str, Any], zone: str, now: datetime, many: int) -> list[datetime]:
    """The next local starts of a freeze from `now` on, within five years; raises UnreadableInput."""
    return _next("freezes", item, zone, now, many)


def next_due_days(rrule: str, zone: str, starts_on: date, now: datetime, many: int) -> list[date]:
    """The next days a cadence falls on, after today and within six years; raises UnreadableInput."""
    today = max(today_in(zone, now), starts_on)
    until = today + timedelta(days=366 * _YEARS)
    return due_days(rrule, timezone=zone, starts_on=starts_on, after=today, until=until)[:many]


def _next(kind: str, item: Mapping[str, Any], zone: str, now: datetime, many: int) -> list[datetime]:
    local, found = ZoneInfo(zone), []
    for weeks in _WEEKS:
        spans = _spans(kind, item, zone, now, weeks)
        found = [span.start.astimezone(local) for span in sorted(spans, key=lambda span: span.start)]
        found = [start for start in found if start >= now][:many]
        if len(found) == many:
            break
    return found


def _spans(kind: str, item: Mapping[str, Any], zone: str, now: datetime, weeks: int) -> list[Span]:
    if kind == "windows":
        return read_environment_times([dict(item)], [], time_zone=zone, now=now, weeks=weeks).window_spans
    return read_environment_times([], [dict(item)], time_zone=zone, now=now, weeks=weeks).freeze_spans
