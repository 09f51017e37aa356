"""When a policy's clock started, by which event, and when it runs out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from passmuster.model.decision import Times
from passmuster.triage.policy import ClockRule, Deadline

_CALLED = {
    "disclosed": "it was disclosed",
    "kev_listed": "it was listed as exploited",
    "learned": "we learned of it",
    "vendor_fixed": "the fix could be had",
    "enforced": "the vendor put the fix in force",
}
Start = tuple[datetime | None, str]


def start_of(rule: ClockRule, times: Times, *, kev_on: date | None, has_fix: bool, as_of: datetime) -> Start:
    """When the clock started and why; None while it waits for a fix. Without any dated event it starts at `as_of`.

    `has_fix`: a fix is known, dated or not. A day without a time counts from its start (UTC).
    """
    events = _events(times, kev_on)
    told = [(events[name], name) for name in rule.of if events.get(name)]
    pick = min if rule.takes == "earliest" else max
    moment, name = pick(told) if told else (as_of, "")
    reason = f"{_day(moment)}: {_CALLED[name]}" if name else "no event is dated; counted from the day of the decision"
    if not rule.waits_for_fix:
        return moment, f"{reason} ({rule.because})"
    if not has_fix:
        return None, f"waits for a fix ({rule.because})"
    if times.available_at and times.available_at > moment:
        return times.available_at, f"{_day(times.available_at)}: {_CALLED['vendor_fixed']} ({rule.because})"
    return moment, f"{reason} ({rule.because})"


def due_of(deadline: Deadline, start: datetime | None, *, catalogue_on: date | None, weekends: bool) -> datetime | None:
    """When it must be done; None without a deadline or before the clock runs. A catalogue's day is due at its end."""
    own = _own_due(deadline, start, weekends=weekends)
    if not deadline.catalogue_date or catalogue_on is None:
        return own
    date_due = end_of(catalogue_on)
    return min(own, date_due) if own and deadline.catalogue_date == "at_latest" else date_due


def _own_due(deadline: Deadline, start: datetime | None, *, weekends: bool) -> datetime | None:
    if start is None:
        return None
    if deadline.hours is not None:
        return start + timedelta(hours=deadline.hours)
    if deadline.months is not None:
        return start + relativedelta(months=deadline.months)
    if deadline.days is not None:
        return start + timedelta(days=deadline.days) if weekends else _working_days(start, deadline.days)
    return None


def end_of(day: date) -> datetime:
    """The last second of a day, UTC."""
    return datetime.combine(day, time(23, 59, 59), UTC)


def _working_days(start: datetime, days: int) -> datetime:
    """So many days later, Saturdays and Sundays (UTC) not counted."""
    moment = start
    while days:
        moment += timedelta(days=1)
        days -= moment.astimezone(UTC).weekday() < 5
    return moment


def _events(times: Times, kev_on: date | None) -> Mapping[str, datetime]:
    told = {
        "disclosed": times.disclosed_at,
        "kev_listed": datetime.combine(kev_on, time(), UTC) if kev_on else None,
        "learned": times.learned_at,
        "vendor_fixed": times.available_at or times.vendor_fixed_at,
        "enforced": times.enforced_at,
    }
    return {name: moment for name, moment in told.items() if moment}


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d")
