"""What a finished plan leaves free, in the problem's own words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from passmuster.model.schedule import Binds, Freeze, Job, JobMode, Placement, Problem, Span, Window
from passmuster.plan.timing import to_us, week_of

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Spot:
    """A window with what does not change while jobs come and go: its freezes, its week, how many minutes it lasts."""

    window: Window
    freezes: tuple[tuple[int, Freeze], ...]
    week: int
    most_minutes: float


class Room:
    """Minutes left in every window and owner's week, and when each placed job ends."""

    def __init__(self, problem: Problem, placements: Sequence[Placement]) -> None:
        self.problem = problem
        self.jobs = {job.id: job for job in problem.jobs}
        self.windows = {window.id: window for window in problem.windows}
        self.limits = {owner.id: owner.minutes_per_week for owner in problem.owners}
        self.ends = {placement.job: placement.completed_at for placement in placements}
        self.placed = {each.job: self.windows[each.window] for each in placements if each.window is not None}
        self._freezes = _freezes_of_ours(problem)
        self.by_environment: dict[str, list[Spot]] = {}
        for window in problem.windows:
            self.by_environment.setdefault(window.environment, []).append(self._spot(window))
        self._starts: dict[str, list[datetime]] = {}
        for environment, spots in self.by_environment.items():
            spots.sort(key=lambda spot: spot.window.span.start)
            self._starts[environment] = [spot.window.span.start for spot in spots]
        self.used: dict[str, int] = {}
        self.owner_used: dict[tuple[str, int], int] = {}
        for name, window in self.placed.items():
            self._count(self.jobs[name], window, 1)

    def _spot(self, window: Window) -> Spot:
        span = window.span
        freezes = tuple(self.freezes_over(window.environment, span))
        return Spot(window, freezes, week_of(to_us(span.start)), (span.end - span.start) / _MINUTE)

    def _count(self, job: Job, window: Window, sign: int) -> None:
        self.used[window.id] = self.used.get(window.id, 0) + sign * job.minutes
        if job.owner is not None:
            key = (job.owner, week_of(to_us(window.span.start)))
            self.owner_used[key] = self.owner_used.get(key, 0) + sign * job.minutes

    def without(self, name: str) -> None:
        """Give back what a placed job takes; `again` undoes it."""
        if name in self.placed:
            self._count(self.jobs[name], self.placed[name], -1)

    def again(self, name: str) -> None:
        """Take it once more."""
        if name in self.placed:
            self._count(self.jobs[name], self.placed[name], 1)

    def lacking_in(self, window: Window, job: Job) -> int:
        """How many minutes the window is short of the job's."""
        return max(0, job.minutes - (window.minutes - self.used.get(window.id, 0)))

    def lacking_of_owner(self, job: Job, week: int) -> int:
        """How many minutes the owner is short of the job's in that week."""
        if job.owner not in self.limits:
            return 0
        return max(0, job.minutes - (self.limits[job.owner] - self.owner_used.get((job.owner, week), 0)))

    def freezes_over(self, environment: str, span: Span) -> Iterable[tuple[int, Freeze]]:
        """The freezes of ours, with their numbers, that overlap a span in an environment."""
        everywhere, named = self._freezes.get(None, ()), self._freezes.get(environment, ())
        found = sorted((*everywhere, *named), key=lambda pair: pair[0]) if everywhere and named else everywhere or named
        return [(index, freeze) for index, freeze in found if freeze.span.overlaps(span)]

    def spots_between(self, environment: str, between: Span, latest: datetime | None) -> Iterator[Spot]:
        """The windows within the span that start no later than `latest`, by start."""
        starts = self._starts.get(environment, [])
        for place in range(bisect_left(starts, between.start), len(starts)):
            spot = self.by_environment[environment][place]
            if spot.window.span.start >= between.end or (latest is not None and spot.window.span.start > latest):
                break
            if spot.window.span.end <= between.end:
                yield spot

    def start_bounds(self, job: Job) -> tuple[datetime, datetime | None]:
        """When the job may start at the earliest and at the latest, beside predecessors that are all placed."""
        earliest, latest = self.problem.horizon.start, None
        if job.mode is JobMode.OURS:
            earliest = max(earliest, job.available_at)
        for link in job.after:
            earliest = max(earliest, self.ends[link.job] + timedelta(hours=link.hours))
            if link.within_hours is not None:
                last = self.ends[link.job] + timedelta(hours=link.within_hours)
                latest = last if latest is None else min(latest, last)
        return earliest, latest


def _freezes_of_ours(problem: Problem) -> dict[str | None, list[tuple[int, Freeze]]]:
    """By environment, and under None those of all environments."""
    found: dict[str | None, list[tuple[int, Freeze]]] = {}
    for index, freeze in enumerate(problem.freezes):
        if freeze.binds is not Binds.VENDOR:
            for environment in dict.fromkeys(freeze.environments) or (None,):
                found.setdefault(environment, []).append((index, freeze))
    return found
