"""On which days something recurring falls due: an RFC 5545 rule in a time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from passmuster.errors import UnreadableInput
from passmuster.model.schedule import RecurringWindow, Span
from passmuster.plan.rules import SUB_DAILY, read_rule
from passmuster.plan.windows import complaints_about, expand

# The last day every month has: a cadence that starts on the 31st would skip half of them.
_LAST_COMMON_DAY = 28
_CLOCK = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})


def cadence_complaints(rrule: str, timezone: str) -> list[str]:
    """Everything that is wrong with a rule or its zone; empty where days can be told."""
    complaints = complaints_about(_window(rrule, timezone, date(2026, 1, 1)))
    read, _ = read_rule(rrule)
    if read is not None and (read.freq in SUB_DAILY or not _CLOCK.isdisjoint(read.limits)):
        complaints.append("rrule: falls on days, so it names no hours; write DAILY, WEEKLY, MONTHLY or YEARLY")
    return complaints


def due_days(rrule: str, *, timezone: str, starts_on: date, after: date, until: date) -> list[date]:
    """The local days after `after` and up to `until` on which the rule falls, counted from `starts_on`.

    Raises UnreadableInput with everything that is wrong.
    """
    zone = ZoneInfo(timezone) if not cadence_complaints(rrule, timezone) else None
    if zone is None:
        raise UnreadableInput("\n".join(f"cadence: {each}" for each in cadence_complaints(rrule, timezone)))
    horizon = Span(_instant(after, zone), _instant(until + timedelta(days=1), zone))
    if horizon.end <= horizon.start:
        return []
    found = {
        window.span.start.astimezone(zone).date() for window in expand(_window(rrule, timezone, starts_on), horizon)
    }
    return sorted(day for day in found if after < day <= until)


def today_in(timezone: str, now: datetime) -> date:
    """The day it is there; in UTC where the zone is not known."""
    try:
        return now.astimezone(ZoneInfo(timezone)).date()
    except (KeyError, ValueError, OSError):
        return now.astimezone(UTC).date()


def _window(rrule: str, timezone: str, starts_on: date) -> RecurringWindow:
    # Noon exists once on every day in every zone.
    starts = datetime.combine(starts_on.replace(day=min(starts_on.day, _LAST_COMMON_DAY)), time(12))
    return RecurringWindow("cadence", "", rrule, starts, timezone, 1)


def _instant(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
