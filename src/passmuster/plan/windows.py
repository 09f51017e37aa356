"""Recurring maintenance windows, expanded by RFC 5545 in their time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from passmuster.errors import UnreadableInput
from passmuster.model.schedule import RecurringWindow, Span, Window
from passmuster.plan.occurrences import MOST_STEPS, local_times, steps_until
from passmuster.plan.rules import Rule, read_rule

MOST_WINDOWS = 50_000
_FIRST_YEAR, _LAST_YEAR = 1900, 9_000
# No zone is further than this from UTC, and no gap moves a time by more.
_MARGIN = timedelta(days=2)


def expand(window: RecurringWindow, horizon: Span) -> tuple[Window, ...]:
    """Its windows that share an instant with `horizon`, by start, ids `sun@2026-12-06T01:00:00Z`.

    Raises UnreadableInput with everything that is wrong with the rule, the zone, the start or the minutes, and
    where there would be more than 50,000 windows or 1,000,000 times to look at.
    """
    complaints = complaints_about(window)
    rule, _ = read_rule(window.rrule)
    if complaints or rule is None:
        raise UnreadableInput("\n".join(f"recurring window {window.id}: {complaint}" for complaint in complaints))
    length = timedelta(minutes=window.minutes)
    return tuple(
        Window(
            id=f"{window.id}@{_spell(start)}",
            environment=window.environment,
            span=Span(start, start + length),
            minutes=window.minutes,
            timezone=window.timezone,
        )
        for start in _starts(window, rule, horizon)
    )


def complaints_about(window: RecurringWindow) -> list[str]:
    """Everything that is wrong with a recurring window by itself; empty where it can be expanded."""
    _, complaints = read_rule(window.rrule)
    complaints = [f"rrule: {complaint}" for complaint in complaints]
    if window.starts.tzinfo is not None:
        complaints.append("starts: is a local time; write it without a zone and name the zone in timezone")
    if not _FIRST_YEAR <= window.starts.year <= _LAST_YEAR:
        complaints.append(f"starts: name a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    if window.minutes < 1:
        complaints.append(f"minutes: {window.minutes} is not a whole number from 1")
    if _zone(window.timezone) is None:
        complaints.append(f"timezone: {window.timezone!r} is not known; write a name such as Europe/Berlin")
    return complaints


def read_local(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a local time: in a gap with the offset before it, of two the first."""
    # `fold=0` is both: the earlier of two, and in a gap the offset from before.
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _starts(window: RecurringWindow, rule: Rule, horizon: Span) -> list[datetime]:
    """The instants at which it starts, in order, each once: two local times on either side of a gap may be one."""
    zone = ZoneInfo(window.timezone)
    last = horizon.end if rule.until is None else min(horizon.end, rule.until)
    local_end = last.astimezone(UTC).replace(tzinfo=None) + _MARGIN
    steps = steps_until(rule, window.starts, local_end)
    if steps > MOST_STEPS:
        raise UnreadableInput(
            f"recurring window {window.id}: rrule: comes up to {steps} times before the horizon ends, more than the "
            f"{MOST_STEPS} that are looked at; let it start later or come less often"
        )
    length = timedelta(minutes=window.minutes)
    instants = (read_local(local, zone) for local in local_times(rule, window.starts, local_end))
    wanted = (
        start
        for start in instants
        if start < horizon.end and start + length > horizon.start and (rule.until is None or start <= rule.until)
    )
    found = set(islice(wanted, MOST_WINDOWS + 1))
    if len(found) > MOST_WINDOWS:
        raise UnreadableInput(
            f"recurring window {window.id}: rrule: gives more than {MOST_WINDOWS} windows; let it come less often"
        )
    return sorted(found)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _spell(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
