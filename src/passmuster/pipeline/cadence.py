"""On which days something recurring falls due: an RFC 5545 rule in a time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from passmuster.errors import UnreadableInput
from passmuster.model.schedule import RecurringWindow, Span
from passmuster.plan.rules import SUB_DAILY, read_rule
from passmuster.plan.windows import complaints_about, expand

# The last day every month has: a cadence that starts on the 31st would skip half of them.
_LAST_COMMON_DAY = 28
_YEARS_AHEAD = 6
_CLOCK = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})


def cadence_complaints(rrule: str, timezone: str) -> list[str]:
    """Everything that is wrong with a rule or its zone; empty where days can be told."""
    complaints = complaints_about(_window(rrule, timezone, date(2026, 1, 1)))
    read, _ = read_rule(rrule)
    if read is not None and (read.freq in SUB_DAILY or not _CLOCK.isdisjoint(read.limits)):
        complaints.append("rrule: falls on days, so it names no hours; write DAILY, WEEKLY, MONTHLY or YEARLY")
    if read is not None and (read.count is not None or read.until is not None):
        complaints.append("rrule: comes back for as long as the platform is used; leave COUNT and UNTIL out")
    if not complaints and not due_days_ahead(rrule, timezone, date(2026, 1, 1), date(2026, 1, 1)):
        complaints.append(f"rrule: falls on no day in {_YEARS_AHEAD} years; choose a day that comes")
    return complaints


def due_days(rrule: str, *, timezone: str, starts_on: date, after: date, until: date) -> list[date]:
    """The local days after `after` and up to `until` on which the rule falls, counted from `starts_on`.

    Raises UnreadableInput with everything that is wrong.
    """
    if complaints := cadence_complaints(rrule, timezone):
        raise UnreadableInput("\n".join(f"cadence: {each}" for each in complaints))
    return _days(rrule, timezone, starts_on, after, until)


def due_days_ahead(rrule: str, timezone: str, starts_on: date, after: date) -> list[date]:
    """The days of a sound rule in the six years after `after`, and after its start."""
    start = max(starts_on, after)
    return _days(rrule, timezone, starts_on, start, start + timedelta(366 * _YEARS_AHEAD))


def next_due_day(rrule: str, timezone: str, starts_on: date, after: date) -> date | None:
    """The first day of a cadence after `after` (and after its start); None where there is none in six years.

    Raises UnreadableInput with everything that is wrong with the rule.
    """
    if complaints := cadence_complaints(rrule, timezone):
        raise UnreadableInput("\n".join(f"cadence: {each}" for each in complaints))
    return next(iter(due_days_ahead(rrule, timezone, starts_on, after)), None)


def longest_gap(rrule: str, timezone: str) -> int:
    """The most days that pass from one due day of a sound rule to the next, over six years."""
    days = due_days_ahead(rrule, timezone, date(2026, 1, 1), date(2026, 1, 1))
    return max(((later - day).days for day, later in pairwise(days)), default=366 * _YEARS_AHEAD)


def _days(rrule: str, timezone: str, starts_on: date, after: date, until: date) -> list[date]:
    zone = ZoneInfo(timezone)
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
