"""A part of the plan as an integer program: some jobs are free, the others stay where they are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from passmuster.plan.instance import NONE
from passmuster.plan.state import Row, State


@dataclass(frozen=True)
class PartModel:
    """The program and what its variables mean. The bound of its objective / `scale` is a bound of `cost_of_free`."""

    model: cp_model.CpModel
    options: dict[int, list[tuple[Row, Any]]]
    scale: float


def build_part(state: State, free: Iterable[int], *, scale: float, allowed: Sequence[bool] | None = None) -> PartModel:
    """The program for the free jobs beside what the others hold; `allowed` narrows the options by number."""
    return _Builder(state, sorted(free), scale, allowed).build()


class _Builder:
    def __init__(self, state: State, free: list[int], scale: float, allowed: Sequence[bool] | None) -> None:
        self.state, self.rows = state, state.rows
        self.free, self.is_free = free, set(free)
        self.scale, self.allowed = scale, allowed
        self.model = cp_model.CpModel()
        self.options: dict[int, list[tuple[Row, Any]]] = {}
        self.draws: dict[int, list[tuple[int, Any]]] = {}
        self.room = list(state.left)
        self.others = list(state.used)
        for job in free:
            chosen = state.chosen[job]
            if chosen != NONE:
                row = self.rows.option[chosen]
                self.room[row[3]] += self.rows.minutes[job]
                self.room[row[4]] += self.rows.minutes[job]
                self.others[row[3]] -= 1

    def build(self) -> PartModel:
        terms, factors, constant = [], [], 0
        for job in self.free:
            pairs = self._variables(job)
            unplaced = math.floor(self.rows.unplaced[job] * self.scale)
            constant += unplaced
            for row, variable in pairs:
                terms.append(variable)
                factors.append(math.floor(row[0] * self.scale) - unplaced)
        for job in self.free:
            for before, least, most in self.rows.before[job]:
                if before in self.is_free:
                    self._order(self.options[before], self.options[job], least, most)
            if self.rows.is_vendor[job] and not self.rows.is_forced[job]:
                self._oblige(job)
        for limit, drawn in self.draws.items():
            if limit and sum(minutes for minutes, _ in drawn) > self.room[limit]:
                self.model.add(sum(minutes * variable for minutes, variable in drawn) <= self.room[limit])
        used = self._used_windows()
        terms += used
        factors += [math.floor(self.rows.instance.window_cost * self.scale)] * len(used)
        self.model.minimize(cp_model.LinearExpr.weighted_sum(terms, factors) + constant)
        return PartModel(self.model, self.options, self.scale)

    def _variables(self, job: int) -> list[tuple[Row, Any]]:
        earliest, latest, last_end = self._bounds(job)
        minutes = self.rows.minutes[job]
        pairs = []
        for row in self.rows.options[job]:
            _, start, end, window, owner, number = row
            if not earliest <= start <= latest or end > last_end or (self.allowed and not self.allowed[number]):
                continue
            if self.room[window] < minutes or self.room[owner] < minutes or not self._suits_followers(job, end):
                continue
            variable = self.model.new_bool_var("")
            pairs.append((row, variable))
            for limit in (window, owner):
                self.draws.setdefault(limit, []).append((minutes, variable))
        self.options[job] = pairs
        variables = [variable for _, variable in pairs]
        if self.rows.is_forced[job] or self._has_fixed_follower(job):
            self.model.add_exactly_one(variables)
        elif variables:
            self.model.add_at_most_one(variables)
        return pairs

    def _bounds(self, job: int) -> tuple[int, int, int]:
        """What jobs that stay where they are allow: earliest and latest start, last end."""
        earliest, latest, last_end = -(2**62), 2**62, 2**62
        for before, least, most in self.rows.before[job]:
            if before in self.is_free:
                continue
            chosen = self.state.chosen[before]
            if chosen == NONE:
                return 2**62, 0, 0
            end = self.rows.option[chosen][2]
            earliest, latest = max(earliest, end + least), min(latest, end + most)
        return earliest, latest, last_end

    def _fixed_followers(self, job: int) -> Iterable[tuple[int, int, int]]:
        for follower in self.rows.after[job]:
            chosen = self.state.chosen[follower]
            if follower not in self.is_free and chosen != NONE:
                start = self.rows.option[chosen][1]
                for before, least, most in self.rows.before[follower]:
                    if before == job:
                        yield start, least, most

    def _suits_followers(self, job: int, end: int) -> bool:
        return all(end + least <= start <= end + most for start, least, most in self._fixed_followers(job))

    def _has_fixed_follower(self, job: int) -> bool:
        return any(True for _ in self._fixed_followers(job))

    def _order(self, before: list[tuple[Row, Any]], after: list[tuple[Row, Any]], least: int, most: int) -> None:
        """The follower starts by an instant only if the predecessor has ended long enough before it."""
        ends = sorted(((row[2] + least, variable) for row, variable in before), key=lambda pair: pair[0])
        starts = sorted(((row[1], variable) for row, variable in after), key=lambda pair: pair[0])
        done, seen, taken = 0, [], []
        for place, (start, variable) in enumerate(starts):
            taken.append(variable)
            while done < len(ends) and ends[done][0] <= start:
                seen.append(ends[done][1])
                done += 1
            if place + 1 < len(starts) and (done == len(ends) or starts[place + 1][0] < ends[done][0]):
                continue
            self.model.add(sum(taken) <= sum(seen))
        if most < 2**60:
            for row, variable in after:
                fitting = [x for other, x in before if other[2] + least <= row[1] <= other[2] + most]
                self.model.add_bool_or([*fitting, variable.negated()])

    def _oblige(self, job: int) -> None:
        """The vendor acts wherever every predecessor of its job lets it."""
        free = [link for link in self.rows.before[job] if link[0] in self.is_free]
        for row, variable in self.options[job]:
            fitting = [
                x
                for before, least, most in free
                for other, x in self.options[before]
                if other[2] + least <= row[1] <= other[2] + most
            ]
            self.model.add(variable >= sum(fitting) - len(free) + 1)

    def _used_windows(self) -> list[Any]:
        """For each window that would be used anew, whether it is."""
        if not self.rows.instance.window_cost:
            return []
        used: dict[int, Any] = {}
        for pairs in self.options.values():
            for row, variable in pairs:
                if row[3] and not self.others[row[3]]:
                    if row[3] not in used:
                        used[row[3]] = self.model.new_bool_var("")
                    self.model.add_implication(variable, used[row[3]])
        return list(used.values())
