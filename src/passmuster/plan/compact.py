"""From the problem's words to numbers: which windows each job may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from passmuster.model.schedule import Binds, Job, JobMode, Problem
from passmuster.plan.instance import ENDLESS, NONE, Floats, Instance, Ints, Link
from passmuster.plan.timing import DAY_US, WEEK_US, hours_to_us, job_cost, job_costs, to_us


@dataclass(frozen=True)
class _Windows:
    """The windows of one environment that no freeze and no horizon forbids, by start."""

    number: Ints
    start: Ints
    end: Ints
    minutes: Ints
    week: Ints


_NO_INTS = np.zeros(0, dtype=np.int64)
_NO_WINDOWS = _Windows(_NO_INTS, _NO_INTS, _NO_INTS, _NO_INTS, _NO_INTS)


def compact(problem: Problem, kept: Mapping[str, str]) -> Instance:
    """The problem as numbers; `kept` names the window each job had in the plan to keep to."""
    order, depth = by_depth(problem.jobs)
    number = {problem.jobs[index].id: place for place, index in enumerate(order)}
    jobs = [problem.jobs[index] for index in order]
    before = tuple(
        tuple(
            Link(
                number[link.job],
                hours_to_us(link.hours),
                ENDLESS if link.within_hours is None else hours_to_us(link.within_hours),
            )
            for link in job.after
        )
        for job in jobs
    )
    options = _Options(problem, kept)
    for job, links in zip(jobs, before, strict=True):
        options.add(job, links)
    after: list[list[int]] = [[] for _ in jobs]
    for place, links in enumerate(before):
        for link in links:
            after[link.before].append(place)
    return options.finish(jobs, before, tuple(map(tuple, after)), np.array(depth, dtype=np.int64))


def by_depth(jobs: tuple[Job, ...]) -> tuple[list[int], list[int]]:
    """The numbers of the jobs, those without predecessors first, and how deep each lies; they hold no cycle."""
    place = {job.id: index for index, job in enumerate(jobs)}
    waiting = [len({link.job for link in job.after}) for job in jobs]
    followers: list[list[int]] = [[] for _ in jobs]
    for index, job in enumerate(jobs):
        for name in {link.job for link in job.after}:
            followers[place[name]].append(index)
    level = [index for index, count in enumerate(waiting) if not count]
    order: list[int] = []
    depth: list[int] = []
    while level:
        order += level
        depth += [depth[-1] + 1 if depth else 0] * len(level)
        following = []
        for index in level:
            for follower in followers[index]:
                waiting[follower] -= 1
                if not waiting[follower]:
                    following.append(follower)
        level = sorted(following)
    return order, depth


def open_windows(problem: Problem) -> dict[str, _Windows]:
    """By environment: the windows within the horizon that overlap no freeze of ours."""
    freezes: dict[str | None, list[tuple[int, int]]] = {}
    for freeze in problem.freezes:
        if freeze.binds is not Binds.VENDOR:
            for environment in freeze.environments or (None,):
                freezes.setdefault(environment, []).append((to_us(freeze.span.start), to_us(freeze.span.end)))
    rows: dict[str, list[tuple[int, int, int, int]]] = {}
    first, last = to_us(problem.horizon.start), to_us(problem.horizon.end)
    for index, window in enumerate(problem.windows):
        start, end = to_us(window.span.start), to_us(window.span.end)
        forbidding = (*freezes.get(window.environment, ()), *freezes.get(None, ()))
        if first <= start and end <= last and not any(start < stop and begin < end for begin, stop in forbidding):
            rows.setdefault(window.environment, []).append((start, end, index, window.minutes))
    return {environment: _columns(sorted(found)) for environment, found in rows.items()}


def _columns(rows: list[tuple[int, int, int, int]]) -> _Windows:
    start, end, number, minutes = np.array(rows, dtype=np.int64).T
    return _Windows(number, start, end, minutes, (start - 4 * DAY_US) // WEEK_US)


class _Options:
    """Collects the options job after job; predecessors must come first."""

    def __init__(self, problem: Problem, kept: Mapping[str, str]) -> None:
        self.problem = problem
        self.kept = kept
        self.windows = open_windows(problem)
        self.window_number = {window.id: index for index, window in enumerate(problem.windows)}
        self.owners = {owner.id: owner.minutes_per_week for owner in problem.owners}
        self.capacity = [ENDLESS, *(window.minutes for window in problem.windows)]
        self.owner_week: dict[tuple[str, int], int] = {}
        self.rows: list[tuple[Ints, Ints, Ints, Ints]] = []
        self.costs: list[Floats] = []
        self.ends: list[tuple[int, int]] = []

    def add(self, job: Job, links: tuple[Link, ...]) -> None:
        """The options of one more job."""
        earliest, latest = -ENDLESS, ENDLESS
        for link in links:
            first, last = self.ends[link.before]
            earliest, latest = max(earliest, first + link.least_us), min(latest, last + link.most_us)
        found = self._vendor(job) if job.mode is not JobMode.OURS else self._ours(job)
        keep = (found.start >= earliest) & (found.start <= latest)
        if job.must_end_by is not None:
            keep &= found.end <= to_us(job.must_end_by)
        number, start, end = found.number[keep], found.start[keep], found.end[keep]
        limits = self._owner_limits(job, found.week[keep])
        self.rows.append((number, start, end, limits))
        self.costs.append(self._costs(job, number, end))
        # A job without an option counts as ending never, which leaves its successors none either.
        self.ends.append((int(end.min()), int(end.max())) if len(end) else (ENDLESS, -ENDLESS))

    def _ours(self, job: Job) -> _Windows:
        windows = self.windows.get(job.environment, _NO_WINDOWS)
        limit = self.owners.get(job.owner, ENDLESS) if job.owner is not None else ENDLESS
        fits = (windows.minutes >= job.minutes) & (windows.start >= to_us(job.available_at)) & (job.minutes <= limit)
        return _Windows(*(column[fits] for column in _all(windows)))

    def _vendor(self, job: Job) -> _Windows:
        if job.vendor is None:
            return _NO_WINDOWS
        row = (NONE, to_us(job.vendor.start), to_us(job.vendor.end), ENDLESS, 0)
        return _Windows(*(np.array([value], dtype=np.int64) for value in row))

    def _owner_limits(self, job: Job, weeks: Ints) -> Ints:
        if job.mode is not JobMode.OURS or job.owner not in self.owners:
            return np.zeros(len(weeks), dtype=np.int64)
        return np.array([self._owner_limit(job.owner, week) for week in weeks.tolist()], dtype=np.int64)

    def _owner_limit(self, owner: str, week: int) -> int:
        key = (owner, week)
        if key not in self.owner_week:
            self.owner_week[key] = len(self.capacity)
            self.capacity.append(self.owners[owner])
        return self.owner_week[key]

    def _costs(self, job: Job, number: Ints, end: Ints) -> Floats:
        factor = self.problem.late_factor
        costs = job_costs(job, end, factor)
        if self.problem.move_cost and job.id in self.kept and job.mode is JobMode.OURS:
            costs += self.problem.move_cost * (number != self.window_number.get(self.kept[job.id], NONE))
        return costs

    def finish(
        self,
        jobs: list[Job],
        before: tuple[tuple[Link, ...], ...],
        after: tuple[tuple[int, ...], ...],
        depth: Ints,
    ) -> Instance:
        """The whole instance."""
        counts = np.array([len(costs) for costs in self.costs], dtype=np.int64)
        number, start, end, owner_limit = (
            np.concatenate([row[k] for row in self.rows] or [_NO_INTS]) for k in range(4)
        )
        last, factor = to_us(self.problem.horizon.end), self.problem.late_factor
        is_vendor = np.array([job.mode is not JobMode.OURS for job in jobs], dtype=np.bool_)
        return Instance(
            job_ids=tuple(job.id for job in jobs),
            minutes=np.array([0 if job.mode is not JobMode.OURS else job.minutes for job in jobs], dtype=np.int64),
            depth=depth,
            groups=tuple(_groups(job) for job in jobs),
            before=before,
            after=after,
            first_option=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            option_job=np.repeat(np.arange(len(jobs), dtype=np.int64), counts),
            window=number,
            start=start,
            end=end,
            cost=np.concatenate(self.costs) if self.costs else np.zeros(0),
            window_limit=number + 1,
            owner_limit=owner_limit,
            capacity=np.array(self.capacity, dtype=np.int64),
            unplaced_cost=np.array([job_cost(job, last, factor) for job in jobs], dtype=np.float64),
            due=np.array([to_us(job.due_at) if job.due_at else ENDLESS for job in jobs], dtype=np.int64),
            is_vendor=is_vendor,
            is_forced=_forced(is_vendor, before, counts),
            window_cost=self.problem.window_cost,
        )


def _all(windows: _Windows) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    return windows.number, windows.start, windows.end, windows.minutes, windows.week


def _forced(
    is_vendor: npt.NDArray[np.bool_], before: tuple[tuple[Link, ...], ...], counts: Ints
) -> npt.NDArray[np.bool_]:
    """The vendor's jobs that wait for no job of ours."""
    forced = np.zeros(len(counts), dtype=np.bool_)
    for job, links in enumerate(before):
        forced[job] = bool(is_vendor[job]) and counts[job] > 0 and all(forced[link.before] for link in links)
    return forced


def _groups(job: Job) -> tuple[str, ...]:
    return (
        (f"owner {job.owner}", f"environment {job.environment}") if job.owner else (f"environment {job.environment}",)
    )
