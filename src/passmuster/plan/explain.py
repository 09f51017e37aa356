"""Why a job is out or late, and the smallest change that would help.

A change is told only after it was tried on what the plan leaves free: with it, the job fits beside all the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from passmuster.model.schedule import (
    Change,
    ChangeKind,
    Job,
    JobMode,
    Late,
    Placement,
    Problem,
    Span,
    Unplaced,
    UnplacedCode,
)
from passmuster.plan.remedies import Remedy, new_window, smallest_in, spell, tell
from passmuster.plan.room import Room, Spot

_MOST_WINDOWS = 300
"""Past so many windows of one job no more are looked at: thousands of jobs may each have thousands."""


@dataclass(frozen=True)
class _Told:
    code: UnplacedCode
    reason: str
    would_help: str
    changes: tuple[Change, ...] = ()


def explain_unplaced(problem: Problem, placements: Sequence[Placement]) -> Iterator[Unplaced]:
    """Every job without a place, in the order of the problem."""
    room = Room(problem, placements)
    for job in problem.jobs:
        if job.id not in room.ends:
            told = _out(room, job)
            yield Unplaced(job.id, told.code, told.reason, told.would_help, told.changes)


def explain_late(problem: Problem, placements: Sequence[Placement]) -> Iterator[Late]:
    """Every job of ours placed after it is due, in the order of the placements."""
    room = Room(problem, placements)
    for placement in placements:
        job = room.jobs[placement.job]
        if placement.late_days > 0 and job.due_at is not None and job.mode is JobMode.OURS:
            room.without(job.id)
            told = _too_late(room, job, job.due_at)
            room.again(job.id)
            yield Late(job.id, told.code, told.reason, told.would_help, told.changes)


def _out(room: Room, job: Job) -> _Told:
    missing = [link.job for link in job.after if link.job not in room.ends]
    if missing:
        return _behind(room, missing[0])
    if job.mode is not JobMode.OURS:
        return _vendor_out(room, job)
    limit = room.problem.horizon.end if job.must_end_by is None else min(room.problem.horizon.end, job.must_end_by)
    return _by_windows(room, job, limit)


def _behind(room: Room, name: str) -> _Told:
    """The first job up the chain that is out for a reason of its own."""
    root = room.jobs[name]
    while missing := [link.job for link in root.after if link.job not in room.ends]:
        root = room.jobs[missing[0]]
    between = "" if root.id == name else f", which waits for {root.id}"
    help_ = f"place {root.id} first: {_out(room, root).would_help}"
    return _Told(
        UnplacedCode.PREDECESSOR,
        f"waits for {name}{between}, which is not placed",
        help_,
        (Change(ChangeKind.PREDECESSOR, root.id),),
    )


def _vendor_out(room: Room, job: Job) -> _Told:
    start, end = (job.vendor.start, job.vendor.end) if job.vendor else (job.available_at, job.available_at)
    if job.must_end_by is not None and end > job.must_end_by:
        reason = f"the vendor may act until {spell(end)}, after it must end by {spell(job.must_end_by)}"
        return _Told(UnplacedCode.BEYOND_HORIZON, reason, "an earlier date of the vendor, or a later must_end_by")
    earliest, latest = room.start_bounds(job)
    if start < earliest:
        link = max(job.after, key=lambda each: room.ends[each.job] + timedelta(hours=each.hours))
        by = start - timedelta(hours=link.hours)
        reason = f"the vendor may act from {spell(start)}, before {link.job} has ended and soaked ({spell(earliest)})"
        return _Told(
            UnplacedCode.PREDECESSOR,
            reason,
            f"{link.job} done by {spell(by)}",
            (Change(ChangeKind.PREDECESSOR, link.job),),
        )
    reason = f"the vendor acts from {spell(start)}, later than its predecessor allows ({spell(latest or start)})"
    return _Told(UnplacedCode.PREDECESSOR, reason, "a predecessor placed later, or a longer within_hours")


def _too_late(room: Room, job: Job, due: datetime) -> _Told:
    earliest, _ = room.start_bounds(job)
    soonest = earliest + timedelta(minutes=job.minutes)
    if soonest <= due:
        limit = due if job.must_end_by is None else min(due, job.must_end_by)
        return _by_windows(room, job, limit)
    if earliest > job.available_at and job.after:
        link = max(job.after, key=lambda each: room.ends[each.job] + timedelta(hours=each.hours))
        by = due - timedelta(minutes=job.minutes, hours=link.hours)
        reason = f"{link.job} ends at {spell(room.ends[link.job])} and must soak {link.hours:g} hours; due {spell(due)}"
        return _Told(UnplacedCode.PREDECESSOR, reason, f"{link.job} done by {spell(by)}")
    reason = f"it is due at {spell(due)}, before it can be done ({spell(soonest)})"
    return _Told(UnplacedCode.NO_WINDOW, reason, f"a due date of {spell(soonest)} or later")


def _by_windows(room: Room, job: Job, limit: datetime) -> _Told:
    """Which windows come into question, what is wrong with each, and the least that would mend one."""
    earliest, latest = room.start_bounds(job)
    soonest = earliest + timedelta(minutes=job.minutes)
    between = Span(earliest, limit)
    timely = _looked_at(room.spots_between(job.environment, between, latest))
    best = smallest_in(room, job, timely)
    # A change beside a window that exists never asks for more minutes than a new window does.
    if best is None or len(best.changes) > 1:
        fresh = new_window(room, job, between, latest)
        best = min([each for each in (best, fresh) if each], key=Remedy.size, default=None)
    code, reason = _code(room, job, timely, earliest, limit)
    if soonest > room.problem.horizon.end:
        end = max(soonest, room.problem.horizon.end)
        code, reason = UnplacedCode.BEYOND_HORIZON, f"it cannot be done before {spell(soonest)}, after the horizon ends"
        help_ = f"a horizon until {spell(end)} or later, with a window of {job.minutes} minutes in {job.environment}"
        changes = (
            Change(ChangeKind.HORIZON, "horizon", span=Span(room.problem.horizon.start, end)),
            Change(
                ChangeKind.WINDOW,
                job.environment,
                max(job.minutes, 1),
                Span(earliest, max(end, earliest + timedelta(minutes=1))),
            ),
        )
        return _Told(code, reason, help_, changes)
    if best is None:
        return _Told(code, reason, f"a later end than {spell(limit)}: nothing fits before it")
    if not best.changes:
        return _Told(
            UnplacedCode.NO_CAPACITY,
            f"it fits into {best.where}, but the plan that does so costs more (window_cost, move_cost, its followers)",
            f"nothing needs to change; move it into {best.where} if that is worth it",
        )
    return _Told(code, reason, tell(best.changes), best.changes)


def _looked_at(spots: Iterator[Spot]) -> list[Spot]:
    """The first ones, those that no freeze forbids before others."""
    found = list(islice(spots, 10 * _MOST_WINDOWS))
    if len(found) > _MOST_WINDOWS:
        found.sort(key=lambda spot: bool(spot.freezes))
    return found[:_MOST_WINDOWS]


def _code(room: Room, job: Job, timely: list[Spot], earliest: datetime, limit: datetime) -> tuple[UnplacedCode, str]:
    environment, between = job.environment, f"between {spell(earliest)} and {spell(limit)}"
    if not room.by_environment.get(environment):
        return UnplacedCode.NO_WINDOW, f"{environment} has no window"
    if not timely:
        return UnplacedCode.NO_WINDOW, f"no window of {environment} lies {between}"
    is_cut = len(timely) == _MOST_WINDOWS
    the_first, every = ("the first ", f"each of the first {len(timely)} windows") if is_cut else ("", "every window")
    thawed = [spot for spot in timely if not spot.freezes]
    if not thawed:
        return UnplacedCode.FREEZE, f"{every} of {environment} {between} is frozen ({len(timely)})"
    full = sum(room.lacking_in(spot.window, job) > 0 for spot in thawed)
    tired = sum(room.lacking_of_owner(job, spot.week) > 0 for spot in thawed)
    parts = [f"{full} without {job.minutes} free minutes"] if full else []
    parts += [f"{tired} in weeks in which {job.owner} has not {job.minutes} minutes left"] if tired else []
    return (
        UnplacedCode.NO_CAPACITY,
        f"of {the_first}{len(thawed)} windows of {environment} {between}: {', '.join(parts) or 'none'}",
    )
