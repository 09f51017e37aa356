"""When a change may be carried out: inside its window and in no freeze, for what people work with. Nothing is written.

Where nobody works (test, staging) and where the vendor acts, any moment is as good as another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from passmuster.application.changes.gate_times import spell
from passmuster.errors import UnreadableInput
from passmuster.model.keeping import Stage
from passmuster.model.schedule import Span
from passmuster.pipeline.environment_times import EnvironmentTimes, read_environment_times
from passmuster.records.models import Change, Environment

# A window is kept to the minutes that clocks differ by.
_MARGIN = timedelta(minutes=5)
_WEEKS = 26
_NO_TIMES = EnvironmentTimes([], [])


@dataclass(frozen=True)
class Moment:
    """Whether a change may be carried out at a moment, and why or why not, in words."""

    is_open: bool
    words: str


_ANY_TIME = Moment(True, "")


def moment_of(change: Change, at: datetime) -> Moment:
    """Whether the change may be carried out at `at`: in its own window, else in any of its environment's."""
    if change.by_vendor or not is_production(change.environment):
        return _ANY_TIME
    try:
        times = times_of(change.environment, at)
    except UnreadableInput as error:
        return Moment(False, f"when {change.environment} may be changed cannot be read: {error}")
    return judge_moment(at, window_of(change), times)


def window_of(change: Change) -> Span | None:
    """Its own window; None where no plan gave it one."""
    begins = change.window_start_at
    return Span(begins, change.window_end_at or begins) if begins else None


def is_production(environment: Environment | None) -> bool:
    """Whether people work with it; a change of no named environment is one of all that people work with."""
    return environment is None or environment.stage == Stage.PRODUCTION


def times_of(environment: Environment | None, begins: datetime) -> EnvironmentTimes:
    """The windows and freezes of half a year from `begins`; raises UnreadableInput."""
    if environment is None or not (environment.windows or environment.freezes):
        return _NO_TIMES
    zone = environment.time_zone
    return read_environment_times(environment.windows, environment.freezes, time_zone=zone, now=begins, weeks=_WEEKS)


def judge_moment(at: datetime, own: Span | None, times: EnvironmentTimes) -> Moment:
    """The verdict on one moment, from the change's window and what its environment says. Pure."""
    freeze = next((each for each in times.freeze_spans if each.start <= at < each.end), None)
    if freeze is not None:
        return Moment(False, f"{spell(at)} is in a freeze until {spell(freeze.end)}{_next_told(at, times)}")
    if own is not None:
        return _in_own(at, own, times)
    if not times.window_spans:
        return Moment(True, "no window is named, and no freeze")
    inside = next((each for each in times.window_spans if _holds(each, at)), None)
    if inside is not None:
        return Moment(True, f"in the window from {spell(inside.start)} to {spell(inside.end)}")
    return Moment(False, f"{spell(at)} is in no window{_next_told(at, times)}")


def _in_own(at: datetime, own: Span, times: EnvironmentTimes) -> Moment:
    told = f"its window, {spell(own.start)} to {spell(own.end)},"
    if _holds(own, at):
        return Moment(True, f"in {told.rstrip(',')}")
    frozen = _freeze_over(own, times)
    if at < own.start and frozen is not None:
        return Moment(False, f"{told} touches a freeze until {spell(frozen.end)}; a new plan gives it another")
    if at < own.start:
        return Moment(False, f"{told} has not begun at {spell(at)}")
    return Moment(False, f"{told} is over at {spell(at)}; a new plan gives it another")


def _holds(window: Span, at: datetime) -> bool:
    return window.start - _MARGIN <= at <= window.end + _MARGIN


def next_free(at: datetime, times: EnvironmentTimes) -> Span | None:
    """The first window that begins at `at` or later and touches no freeze; None within half a year."""
    free = [each for each in times.window_spans if each.start >= at and not _is_frozen(each, times.freeze_spans)]
    return min(free, key=lambda each: each.start, default=None)


def freeze_to_come(change: Change, now: datetime) -> Span | None:
    """The freeze that its window touches, before that begins: named after the plan was made. None where none does.

    Times that cannot be read are told where they are asked for.
    """
    own = window_of(change)
    if own is None or own.start <= now or change.by_vendor or not is_production(change.environment):
        return None
    try:
        return None if is_passed_over(change) else _freeze_over(own, times_of(change.environment, now))
    except UnreadableInput:
        return None


def _freeze_over(window: Span, times: EnvironmentTimes) -> Span | None:
    return next((each for each in times.freeze_spans if window.overlaps(each)), None)


def _is_frozen(window: Span, freezes: Sequence[Span]) -> bool:
    return any(window.overlaps(each) for each in freezes)


def _next_told(at: datetime, times: EnvironmentTimes) -> str:
    found = next_free(at, times)
    return f"; the next free window is {spell(found.start)} to {spell(found.end)}" if found else ""


def window_complaint(change: Change, window: Span, now: datetime) -> str:
    """What is wrong with a window that a person names for the change; empty where nothing is."""
    try:
        times = times_of(change.environment, now)
    except UnreadableInput as error:
        return f"when {change.environment} may be changed cannot be read: {error}"
    what = _wrong_with(window, now, times, is_bound=is_production(change.environment))
    return f"window: {what}{_next_told(now, times)}" if what else ""


def _wrong_with(window: Span, now: datetime, times: EnvironmentTimes, *, is_bound: bool) -> str:
    named = f"{spell(window.start)} to {spell(window.end)}"
    if window.end <= window.start:
        return f"{named} ends before it begins"
    if window.start < now:
        return f"{named} begins in the past"
    if _is_frozen(window, times.freeze_spans):
        return f"{named} is in a freeze"
    inside = any(each.start <= window.start and window.end <= each.end for each in times.window_spans)
    if is_bound and times.window_spans and not inside:
        return f"{named} is in none of the environment's windows"
    return ""


def window_is_over(change: Change, now: datetime) -> bool:
    """Whether its window has passed; never of what the vendor applies."""
    return not change.by_vendor and change.window_end_at is not None and change.window_end_at <= now


def is_passed_over(change: Change) -> bool:
    """Whether the emergency path was used in this try: it passes over windows and freezes too."""
    begun_at = change.attempt_at or change.created_at
    return change.is_emergency and change.emergency_at is not None and change.emergency_at >= begun_at
