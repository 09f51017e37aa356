"""The least cost of a tiny problem by trying everything; shares no code with the package."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from tests.plan.checker import Doc, at, cost_of, is_vendor

Choice = tuple[str | None, datetime, datetime]
"""The window's id, its start and its end."""


def least_cost(problem: Doc, kept: Doc | None = None, *, only: tuple[str, str | None] | None = None) -> float:
    """The cost of the best plan; exponential, for at most some seven jobs. `only`: a job that must have that window."""
    return _Search(problem, kept, only).run()


class _Search:
    def __init__(self, problem: Doc, kept: Doc | None, only: tuple[str, str | None] | None) -> None:
        self.problem = problem
        self.windows = problem.get("windows", [])
        self.kept = {p["job"]: p["window"] for p in kept["placements"] if p["window"]} if kept else {}
        self.jobs = problem["jobs"]
        self.end = at(problem["horizon"]["end"])
        self.limits = {owner["id"]: owner["minutes_per_week"] for owner in problem.get("owners", [])}
        self.choices = [self._choices(job) for job in self.jobs]
        if only:
            index = next(index for index, job in enumerate(self.jobs) if job["id"] == only[0])
            self.choices[index] = [choice for choice in self.choices[index] if choice and choice[0] == only[1]]
        self.room: dict[Any, int] = {window["id"]: window["minutes"] for window in self.windows}
        self.spent: dict[Any, int] = defaultdict(int)
        self.users: dict[Any, int] = defaultdict(int)
        self.picked: dict[str, Choice | None] = {}
        self.best = float("inf")

    def run(self) -> float:
        self._try(0, 0.0)
        return self.best

    def _choices(self, job: Doc) -> list[Choice | None]:
        if is_vendor(job):
            start, end = at(job["vendor"]["earliest"]), at(job["vendor"]["latest"])
            is_late = job.get("must_end_by") and end > at(job["must_end_by"])
            # The vendor does not ask: only a predecessor that does not fit can keep its job out.
            return [None] if is_late else [(None, start, end)] if not job.get("after") else [(None, start, end), None]
        found: list[Choice | None] = [None]
        first = at(self.problem["horizon"]["start"])
        for window in self.windows:
            start, end = at(window["start"]), at(window["end"])
            if window["environment"] != job["environment"] or start < first or end > self.end:
                continue
            if start < at(job["available_at"]) or (job.get("must_end_by") and end > at(job["must_end_by"])):
                continue
            if not any(self._forbids(freeze, job, start, end) for freeze in self.problem.get("freezes", [])):
                found.append((window["id"], start, end))
        return found

    def _forbids(self, freeze: Doc, job: Doc, start: datetime, end: datetime) -> bool:
        if freeze.get("binds", "ours") == "vendor":
            return False
        if "environments" in freeze and job["environment"] not in freeze["environments"]:
            return False
        return start < at(freeze["end"]) and at(freeze["start"]) < end

    def _try(self, index: int, cost: float) -> None:
        if cost >= self.best:
            return
        if index == len(self.jobs):
            if self._keeps_order():
                self.best = cost
            return
        job = self.jobs[index]
        for choice in self.choices[index]:
            self.picked[job["id"]] = choice
            if choice is None:
                self._try(index + 1, cost + cost_of(self.problem, job, self.end))
                continue
            window, start, end = choice
            extra = cost_of(self.problem, job, end)
            if window is None:
                self._try(index + 1, cost + extra)
                continue
            week = (job.get("owner"), *start.isocalendar()[:2])
            limit = self.limits.get(job.get("owner"), 10**9)
            minutes = job["minutes"]
            if self.room[window] < minutes or self.spent[week] + minutes > limit:
                continue
            if not self.users[window]:
                extra += self.problem.get("window_cost", 0)
            if self.kept.get(job["id"], window) != window:
                extra += self.problem.get("move_cost", 0)
            self.room[window] -= minutes
            self.spent[week] += minutes
            self.users[window] += 1
            self._try(index + 1, cost + extra)
            self.room[window] += minutes
            self.spent[week] -= minutes
            self.users[window] -= 1

    def _keeps_order(self) -> bool:
        for job in self.jobs:
            choice = self.picked[job["id"]]
            if choice is None and not (is_vendor(job) and job.get("after")):
                continue
            # A vendor's job is out only where a predecessor keeps it out.
            start = choice[1] if choice else at(job["vendor"]["earliest"])
            is_early = (
                job.get("must_end_by") and at(job["must_end_by"]) < at(job["vendor"]["latest"]) if not choice else 0
            )
            if all(self._fits(link, start) for link in job.get("after", [])) != bool(choice) and not is_early:
                return False
        return True

    def _fits(self, link: Doc, start: datetime) -> bool:
        before = self.picked[link["job"]]
        if before is None or start < before[2] + timedelta(hours=link.get("hours", 0)):
            return False
        within = link.get("within_hours")
        return within is None or start <= before[2] + timedelta(hours=within)
