"""Ruin and recreate: take out a few jobs that compete, put them back in another order, keep what is cheaper."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from passmuster.plan.effort import Effort
from passmuster.plan.instance import DAY_US, NONE
from passmuster.plan.state import State
from passmuster.plan.views import View

UNITS_A_JOB = 4e-6
"""Work of taking out and putting back one job: about as many seconds of one core."""
_FEWEST, _MOST, _MOST_WITH_FOLLOWERS = 6, 24, 60
_BAND_US = 10 * DAY_US
_CHECK_EVERY = 64
_WARMTH = 0.002


class Ruiner:
    """Improves one plan in place; the same seed and counted effort do the same."""

    def __init__(self, state: State, views: Sequence[View], seed: int) -> None:
        self.state, self.rows, self.views = state, state.rows, views
        self.chance = random.Random(seed)  # noqa: S311 - a search, no secret
        self.costs = [self._cost_of(job) for job in range(self.rows.instance.size)]
        self.regret = [self._regret(job) for job in range(len(self.costs))]
        self.members: dict[str, list[int]] = {}
        self.movable = [job for job in range(len(self.costs)) if self.rows.options[job]]
        for job in self.movable:
            for group in self.rows.instance.groups[job]:
                self.members.setdefault(group, []).append(job)

    def _cost_of(self, job: int) -> float:
        option = self.state.chosen[job]
        return self.rows.unplaced[job] if option == NONE else self.rows.option[option][0]

    def _regret(self, job: int) -> float:
        """What the job costs more than if it were alone."""
        options = self.rows.options[job]
        return self.costs[job] - options[0][0] if options else 0.0

    def _instant_of(self, job: int) -> int:
        option = self.state.chosen[job]
        return self.rows.options[job][-1][2] if option == NONE else self.rows.option[option][2]

    def improve(self, effort: Effort, units: float) -> None:
        """Go on for so many units; ends with the best plan seen."""
        if not self.movable or units <= 0:
            return
        begin, spent, rounds = effort.done, 0.0, 0
        now = best = self.state.cost()
        kept = list(self.state.chosen)
        warmest = warmth = _WARMTH * math.fsum(self.costs) / len(self.movable)
        while True:
            rounds += 1
            if rounds % _CHECK_EVERY == 0:
                effort.spend(spent)
                spent = 0.0
                if now < best:
                    best, kept = now, list(self.state.chosen)
                share = (effort.done - begin) / units
                if share >= 1 or effort.is_over:
                    break
                warmth = warmest * (1 - share)
            jobs = self._neighbours()
            spent += UNITS_A_JOB * (len(jobs) + 3)
            now += self._rebuild(jobs, warmth)
        self._restore(kept)

    def _neighbours(self) -> list[int]:
        """A job that could be cheaper and some that compete with it, with all that wait for them; first ones first."""
        chance = self.chance
        pick = chance.choice(self.movable)
        for _ in range(2):
            other = chance.choice(self.movable)
            if self.regret[other] > self.regret[pick]:
                pick = other
        pool = self.members[chance.choice(self.rows.instance.groups[pick])]
        instant, size = self._instant_of(pick), chance.randint(_FEWEST, _MOST)
        sample = pool if len(pool) <= size * 4 else chance.sample(pool, size * 4)
        near = [job for job in sample if abs(self._instant_of(job) - instant) <= _BAND_US]
        found = {pick, *(near if len(near) <= size else chance.sample(near, size))}
        waiting = list(found)
        while waiting and len(found) <= _MOST_WITH_FOLLOWERS:
            for follower in self.rows.after[waiting.pop()]:
                if follower not in found:
                    found.add(follower)
                    waiting.append(follower)
        return sorted(found) if len(found) <= _MOST_WITH_FOLLOWERS else []

    def _rebuild(self, jobs: list[int], warmth: float) -> float:
        """Take the jobs out and put them back by random keys; undone where that is too dear. Returns the change."""
        state, chance, minutes = self.state, self.chance, self.rows.minutes
        old = [state.chosen[job] for job in jobs]
        before = math.fsum(self.costs[job] for job in jobs) + self._rent(old)
        for job in jobs:
            state.take(job)
        view = chance.choice(self.views)
        power = 1 if chance.random() < 0.5 else 0
        keys = {job: view.urgency[job] * max(minutes[job], 1) ** power * (0.5 + chance.random()) for job in jobs}
        for job in self._in_order(jobs, keys):
            state.insert(job, view.options[job], view.out[job])
        new = [state.chosen[job] for job in jobs]
        costs = [self._cost_of(job) for job in jobs]
        change = math.fsum(costs) + self._rent(new) - before
        is_kept = change <= 0 or (warmth > 0 and chance.random() < math.exp(-change / warmth))
        if not is_kept:
            self._swap(jobs, old)
            return 0.0
        for job, cost in zip(jobs, costs, strict=True):
            self.costs[job] = cost
            self.regret[job] = self._regret(job)
        return change

    def _in_order(self, jobs: list[int], keys: dict[int, float]) -> list[int]:
        """Dearest key first, but predecessors before those that wait for them."""
        for job in reversed(jobs):
            for before, _, _ in self.rows.before[job]:
                if before in keys and keys[before] <= keys[job]:
                    keys[before] = keys[job] * 1.000001 + 1e-12
        return sorted(jobs, key=lambda job: (-keys[job], job))

    def _rent(self, options: Sequence[int]) -> float:
        """What the windows of these options cost, where others do not use them as well."""
        if not self.rows.instance.window_cost:
            return 0.0
        counts: dict[int, int] = {}
        for option in options:
            if option != NONE:
                window = self.rows.option[option][3]
                counts[window] = counts.get(window, 0) + 1
        alone = sum(1 for window, count in counts.items() if window and self.state.used[window] == count)
        return alone * self.rows.instance.window_cost

    def _swap(self, jobs: Sequence[int], options: Sequence[int]) -> None:
        for job in jobs:
            self.state.take(job)
        for job, option in zip(jobs, options, strict=True):
            if option != NONE:
                self.state.put(job, option)

    def _restore(self, kept: list[int]) -> None:
        changed = [job for job, option in enumerate(kept) if self.state.chosen[job] != option]
        self._swap(changed, [kept[job] for job in changed])
        for job in changed:
            self.costs[job] = self._cost_of(job)
            self.regret[job] = self._regret(job)
