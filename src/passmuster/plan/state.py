"""A plan while it is being made: which option each job has, and what is left of every limit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from passmuster.plan.instance import ENDLESS, NONE, Instance

Row = tuple[float, int, int, int, int, int]
"""An option, cheapest first: cost, start, end, limit of the window, limit of the owner, number."""


class Rows:
    """The instance as plain lists, which Python walks faster than arrays."""

    def __init__(self, instance: Instance) -> None:
        columns = (instance.cost, instance.start, instance.end, instance.window_limit, instance.owner_limit)
        flat: list[Row] = list(zip(*(column.tolist() for column in columns), range(len(instance.cost)), strict=True))
        self.instance = instance
        self.option: list[Row] = flat
        first = instance.first_option.tolist()
        self.options: list[list[Row]] = [sorted(flat[first[job] : first[job + 1]]) for job in range(instance.size)]
        self.minutes: list[int] = instance.minutes.tolist()
        self.unplaced: list[float] = instance.unplaced_cost.tolist()
        self.before = [[(link.before, link.least_us, link.most_us) for link in links] for links in instance.before]
        self.after = instance.after
        self.is_vendor: list[bool] = instance.is_vendor.tolist()
        self.is_forced: list[bool] = instance.is_forced.tolist()


class State:
    """One plan, changed step by step; every step keeps all limits."""

    def __init__(self, rows: Rows, chosen: Iterable[int] = ()) -> None:
        self.rows = rows
        self.chosen = [NONE] * rows.instance.size
        self.left: list[int] = rows.instance.capacity.tolist()
        self.used = [0] * len(self.left)
        for job, option in enumerate(chosen):
            if option != NONE:
                self.put(job, option)

    def put(self, job: int, option: int) -> None:
        """Give the job that option."""
        row = self.rows.option[option]
        minutes = self.rows.minutes[job]
        self.left[row[3]] -= minutes
        self.left[row[4]] -= minutes
        self.used[row[3]] += 1
        self.chosen[job] = option

    def take(self, job: int) -> None:
        """Take the job's option away, if it has one."""
        if self.chosen[job] == NONE:
            return
        row = self.rows.option[self.chosen[job]]
        minutes = self.rows.minutes[job]
        self.left[row[3]] += minutes
        self.left[row[4]] += minutes
        self.used[row[3]] -= 1
        self.chosen[job] = NONE

    def bounds(self, job: int) -> tuple[int, int] | None:
        """Between which instants its predecessors let the job start; None where one of them is out."""
        earliest, latest = -ENDLESS, ENDLESS
        option = self.rows.option
        for before, least, most in self.rows.before[job]:
            chosen = self.chosen[before]
            if chosen == NONE:
                return None
            end = option[chosen][2]
            earliest = max(earliest, end + least)
            latest = min(latest, end + most)
        return earliest, latest

    def insert(self, job: int, options: Sequence[Row], out: float) -> None:
        """Give the job the first of its options (by score) that is possible; none where `out` is a lower score."""
        bounds = self.bounds(job)
        if bounds is None:
            return
        earliest, latest = bounds
        if self.rows.is_vendor[job]:
            self._insert_vendor(job, earliest, latest)
            return
        best = out
        found, minutes, left = NONE, self.rows.minutes[job], self.left
        extra = self.rows.instance.window_cost
        for cost, start, _end, window, owner, number in options:
            if cost > best or (found != NONE and cost >= best):
                break
            if start < earliest or start > latest or left[window] < minutes or left[owner] < minutes:
                continue
            total = cost + extra if extra and window and not self.used[window] else cost
            if total < best or (found == NONE and total <= best):
                best, found = total, number
        if found != NONE:
            self.put(job, found)

    def _insert_vendor(self, job: int, earliest: int, latest: int) -> None:
        for _cost, start, _end, _window, _owner, number in self.rows.options[job]:
            if earliest <= start <= latest:
                self.put(job, number)

    def cost(self) -> float:
        """What the whole plan costs."""
        return total_cost(self.rows, self.chosen)


def total_cost(rows: Rows, chosen: Iterable[int]) -> float:
    """What a plan costs, correctly rounded whatever the order."""
    parts, windows = [], set()
    for job, option in enumerate(chosen):
        if option == NONE:
            parts.append(rows.unplaced[job])
        else:
            parts.append(rows.option[option][0])
            windows.add(rows.option[option][3])
    windows.discard(0)
    return math.fsum(parts) + rows.instance.window_cost * len(windows)
