"""The local times at which a recurrence rule comes, in order of the clock on the wall, bounded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice, product
from typing import Any

from dateutil import rrule

from passmuster.plan.rules import SUB_DAILY, Rule

MOST_STEPS = 1_000_000
_UNIT_SECONDS = {"DAILY": 86_400, "HOURLY": 3_600, "MINUTELY": 60, "SECONDLY": 1}
_DATEUTIL = {name: getattr(rrule, name) for name in ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")}
_CYCLE_YEARS = 400


def steps_until(rule: Rule, starts: datetime, end: datetime) -> int:
    """How many times have to be looked at between two local times, at most."""
    seconds = max(0.0, (end - starts).total_seconds())
    unit = _UNIT_SECONDS.get(rule.freq, 86_400)
    interval = rule.interval if rule.freq in _UNIT_SECONDS else 1
    steps = int(seconds // (unit * interval) + 1) * len(list(product(*_expanded(rule, starts))))
    is_limited = bool(rule.limits or rule.by_day)
    return steps if rule.count is None or is_limited else min(steps, rule.count)


def local_times(rule: Rule, starts: datetime, end: datetime) -> Iterator[datetime]:
    """Local times without a zone from `starts` up to `end`; COUNT is heeded, UNTIL (an instant) is the caller's."""
    times = _sub_daily(rule, starts, end) if rule.freq in SUB_DAILY else _daily_and_longer(rule, starts, end)
    return islice(times, rule.count)


def _daily_and_longer(rule: Rule, starts: datetime, end: datetime) -> Iterator[datetime]:
    # A rule that never comes again is looked for up to the year 9999. The calendar repeats itself every 400 years,
    # weekdays and all: near its end the search is short.
    cycles = (9_998 - max(starts.year, end.year)) // _CYCLE_YEARS
    limits: dict[str, Any] = {name.lower(): list(numbers) for name, numbers in rule.limits.items()}
    found = rrule.rrule(
        _DATEUTIL[rule.freq],
        dtstart=_years_on(starts, cycles),
        interval=rule.interval,
        wkst=rule.week_start,
        until=_years_on(end, cycles),
        byweekday=_weekdays(rule, starts) or None,
        **limits,
    )
    return (_years_on(moment, -cycles) for moment in found)


def _weekdays(rule: Rule, starts: datetime) -> list[rrule.weekday]:
    # What the rule leaves open comes from `starts`; dateutil would take every day of a numbered week.
    if "BYWEEKNO" in rule.limits and not rule.by_day and rule.limits.keys().isdisjoint(("BYMONTHDAY", "BYYEARDAY")):
        return [rrule.weekday(starts.weekday())]
    if not any(ordinal for ordinal, _ in rule.by_day):
        return [rrule.weekday(day) for _, day in rule.by_day]
    # dateutil asks a day to be both where counted and other weekdays stand together; each FR is 1FR, 2FR and so on.
    most = 5 if rule.freq == "MONTHLY" or "BYMONTH" in rule.limits else 53
    counted = [(each, day) for ordinal, day in rule.by_day for each in ([ordinal] if ordinal else range(1, most + 1))]
    return [rrule.weekday(day, ordinal) for ordinal, day in counted]


def _years_on(moment: datetime, cycles: int) -> datetime:
    return moment.replace(year=moment.year + cycles * _CYCLE_YEARS)


def _sub_daily(rule: Rule, starts: datetime, end: datetime) -> Iterator[datetime]:
    """Each hour, minute or second that no BY... part rules out, with the finer parts filled in."""
    step = timedelta(seconds=_UNIT_SECONDS[rule.freq] * rule.interval)
    fillings = list(product(*_expanded(rule, starts)))
    period = _filled(starts, rule, (0, 0))
    while period <= end:
        if _comes(rule, period):
            for filling in fillings:
                moment = _filled(period, rule, filling)
                if starts <= moment <= end:
                    yield moment
        period += step


def _filled(period: datetime, rule: Rule, filling: tuple[int, ...]) -> datetime:
    finer: dict[str, Any] = dict(zip(_finer(rule), filling, strict=False))
    return period.replace(**finer)


def _comes(rule: Rule, moment: datetime) -> bool:
    limits = rule.limits
    year_day = moment.timetuple().tm_yday
    days_in_year = datetime(moment.year, 12, 31).timetuple().tm_yday  # noqa: DTZ001 - a date, no instant
    days_in_month = ((moment.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
    asked = {
        "BYMONTH": (moment.month,),
        "BYMONTHDAY": (moment.day, moment.day - days_in_month - 1),
        "BYYEARDAY": (year_day, year_day - days_in_year - 1),
        "BYHOUR": (moment.hour,),
        "BYMINUTE": (moment.minute,) if rule.freq != "HOURLY" else (),
        "BYSECOND": (moment.second,) if rule.freq == "SECONDLY" else (),
    }
    if rule.by_day and moment.weekday() not in {day for _, day in rule.by_day}:
        return False
    return all(
        not values or name not in limits or not set(values).isdisjoint(limits[name]) for name, values in asked.items()
    )


def _finer(rule: Rule) -> tuple[str, ...]:
    return {"HOURLY": ("minute", "second"), "MINUTELY": ("second",), "SECONDLY": ()}.get(
        rule.freq, ("hour", "minute", "second")
    )


def _expanded(rule: Rule, starts: datetime) -> list[tuple[int, ...]]:
    """For each unit finer than the rule's own, the values it takes: those of its BY... part, or that of `starts`."""
    return [tuple(sorted(rule.limits.get(f"BY{unit.upper()}", (getattr(starts, unit),)))) for unit in _finer(rule)]
