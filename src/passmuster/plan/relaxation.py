"""The plan with its limits priced instead of kept: a bound that holds for every choice of prices.

With a price on each minute of a window and of an owner's week, jobs meet only through their predecessors. Keeping one
predecessor a job leaves a forest, whose cheapest plan is found exactly, level by level. No rounding can overstate the
bound by more than the margin that is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from passmuster.plan.instance import NONE, Floats, Instance, Ints

_MARGIN = 1e-10


@dataclass(frozen=True)
class Priced:
    """The forest's cheapest plan at some prices: its bound, and by limit the minutes drawn beyond the capacity."""

    bound: float
    chosen: Ints
    excess: Floats


@dataclass(frozen=True)
class _Level:
    """The jobs of one depth; `edges` pair an option of a predecessor with the first option that may follow it."""

    jobs: slice
    options: slice
    steps: tuple[tuple[int, Ints], ...]
    child: Ints
    parent: Ints
    edge_start: Ints
    edge_child: Ints
    edge_parent_option: Ints
    edge_follow: Ints


class Forest:
    """Everything about an instance that does not depend on the prices."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.count = len(instance.cost)
        self.minutes = instance.minutes[instance.option_job].astype(np.float64)
        self.is_window = np.zeros(len(instance.capacity), dtype=np.bool_)
        self.is_window[np.unique(instance.window_limit)] = True
        self.is_window[0] = False
        self.capacity = instance.capacity.astype(np.float64)
        self.capacity[0] = 0.0
        self.unplaced = np.where(instance.is_forced, np.inf, instance.unplaced_cost)
        links = [max(found, key=lambda link: link.least_us) if found else None for found in instance.before]
        self.parent = np.array([NONE if link is None else link.before for link in links], dtype=np.int64)
        self.least = np.array([0 if link is None else link.least_us for link in links], dtype=np.int64)
        deepest = int(instance.depth.max()) if instance.size else -1
        self.levels = [self._level(depth) for depth in range(deepest + 1)]
        self.touched = np.unique(np.concatenate((instance.window_limit, instance.owner_limit)))
        self.touched = self.touched[self.touched > 0]

    def _level(self, depth: int) -> _Level:
        first, last = (int(place) for place in np.searchsorted(self.instance.depth, [depth, depth + 1]))
        begin, stop = (int(self.instance.first_option[place]) for place in (first, last))
        jobs = np.arange(first, last)
        child = jobs[self.parent[first:last] != NONE]
        parent = self.parent[child]
        sizes = self.instance.first_option[parent + 1] - self.instance.first_option[parent]
        starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        parent_option = [np.arange(*self.instance.first_option[job : job + 2]) for job in parent.tolist()]
        follow = [self._follow(job) for job in child.tolist()]
        empty = np.zeros(0, dtype=np.int64)
        return _Level(
            jobs=slice(first, last),
            options=slice(begin, stop),
            steps=tuple(self._steps(first, last, begin, stop)),
            child=child,
            parent=parent,
            edge_start=starts[:-1],
            edge_child=np.repeat(child, sizes),
            edge_parent_option=np.concatenate([empty, *parent_option]),
            edge_follow=np.concatenate([empty, *follow]),
        )

    def _follow(self, job: int) -> Ints:
        """By option of the predecessor: the first option that may follow, the number of all options where none may."""
        own = slice(*self.instance.first_option[job : job + 2].tolist())
        before = slice(*self.instance.first_option[self.parent[job] : self.parent[job] + 2].tolist())
        place = np.searchsorted(self.instance.start[own], self.instance.end[before] + self.least[job])
        return np.where(place == own.stop - own.start, self.count, place + own.start)

    def _steps(self, first: int, last: int, begin: int, stop: int) -> list[tuple[int, Ints]]:
        """For doubling: which options of the level have another one of the same job so many places on."""
        ends = np.repeat(
            self.instance.first_option[first + 1 : last + 1], np.diff(self.instance.first_option[first : last + 1])
        )
        left = ends - np.arange(begin, stop)
        longest = int(left.max()) if len(left) else 0
        return [(1 << power, np.flatnonzero(left > 1 << power)) for power in range(max(longest - 1, 0).bit_length())]

    def solve(self, prices: Floats) -> Priced:
        """The forest's cheapest plan at these prices (per minute, none negative)."""
        instance = self.instance
        value = self._priced_costs(prices)
        best, arg, out = self._upwards(value)
        chosen = self._downwards(best, arg, out)
        taken = chosen[chosen != NONE]
        size = len(self.capacity)
        drawn = np.bincount(instance.window_limit[taken], weights=self.minutes[taken], minlength=size)
        drawn += np.bincount(instance.owner_limit[taken], weights=self.minutes[taken], minlength=size)
        rent = self._rent(prices)
        is_open = ~self.is_window | (prices * self.capacity > instance.window_cost)
        roots = self.parent == NONE
        parts = np.minimum(out, self._first(best))[roots]
        total = float(parts.sum()) + float(rent.sum())
        margin = _MARGIN * (float(np.abs(parts).sum()) + float(np.abs(rent).sum()))
        excess = drawn - self.capacity * is_open
        # What draws on the endless limit pays nothing.
        excess[0] = 0.0
        return Priced(total - margin, chosen, excess)

    def bounds_by_piece(self, prices: Floats, of_job: Ints, of_limit: Ints) -> Floats:
        """By piece: a cost that its part of the plan cannot be below; prices stand on limits of pieces only."""
        best, _, out = self._upwards(self._priced_costs(prices))
        roots = self.parent == NONE
        parts = np.minimum(out, self._first(best))[roots]
        rent = self._rent(prices)
        owned = of_limit != NONE
        size = int(of_job.max()) + 1 if len(of_job) else 0
        size = max(size, int(of_limit.max()) + 1 if len(of_limit) else 0)
        total = np.bincount(of_job[roots], weights=parts, minlength=size)
        total += np.bincount(of_limit[owned], weights=rent[owned], minlength=size)
        spread = np.bincount(of_job[roots], weights=np.abs(parts), minlength=size)
        spread += np.bincount(of_limit[owned], weights=np.abs(rent[owned]), minlength=size)
        found: Floats = total - _MARGIN * spread
        return found

    def scores(self, prices: Floats) -> tuple[Floats, Floats, Floats]:
        """By option what it costs with its price and its followers' best; by job the least of these, and staying out."""
        value = self._priced_costs(prices)
        best, _, out = self._upwards(value)
        return value[:-1], self._first(best), out

    def marginals(self, prices: Floats) -> Floats:
        """By option: a cost that no plan which takes it can be below."""
        value = self._priced_costs(prices)
        best, _, out = self._upwards(value)
        roots = np.minimum(out, self._first(best))
        fixed = float(roots[self.parent == NONE].sum()) + float(self._rent(prices).sum())
        # What a plan costs at least beside the part below the option: first of the roots, then level by level.
        beside = np.full(self.count + 1, np.inf)
        whose = self.instance.option_job
        is_root = self.parent[whose] == NONE
        beside[:-1][is_root] = fixed - roots[whose[is_root]]
        for level in self.levels[1:]:
            if not len(level.child):
                continue
            shared = np.minimum(out[level.edge_child], best[level.edge_follow])
            above = beside[level.edge_parent_option] + value[level.edge_parent_option] - shared
            np.minimum.at(beside, level.edge_follow, above)
            self._spread_forwards(beside, level)
        margin = _MARGIN * (abs(fixed) + float(np.abs(roots[np.isfinite(roots)]).sum()))
        found: Floats = beside[:-1] + value[:-1] - margin
        return found

    def _spread_forwards(self, beside: Floats, level: _Level) -> None:
        """An option may follow whatever an earlier option of its job may follow."""
        part = beside[level.options]
        for step, places in level.steps:
            part[places + step] = np.minimum(part[places + step], part[places])

    def _priced_costs(self, prices: Floats) -> Floats:
        value = np.append(self.instance.cost, np.inf)
        value[:-1] += self.minutes * (prices[self.instance.window_limit] + prices[self.instance.owner_limit])
        return value

    def _rent(self, prices: Floats) -> Floats:
        paid = -prices * self.capacity
        return np.where(self.is_window, np.minimum(paid + self.instance.window_cost, 0.0), paid)

    def _first(self, best: Floats) -> Floats:
        """By job: the best of all its options; endless where it has none."""
        first = self.instance.first_option
        return np.where(first[:-1] < first[1:], best[np.minimum(first[:-1], self.count)], np.inf)

    def _upwards(self, value: Floats) -> tuple[Floats, Ints, Floats]:
        """By option the cheapest of it and later ones with what follows, and which; by job what staying out costs."""
        arg = np.arange(self.count + 1)
        out = self.unplaced.copy()
        best = value.copy()
        for level in reversed(self.levels):
            own = level.options
            part, where = value[own].copy(), arg[own].copy()
            for step, places in level.steps:
                further = part[places + step]
                is_less = further < part[places]
                better = places[is_less]
                # All reads come before the writes: a step must not see its own results.
                found, their = further[is_less], where[better + step]
                part[better], where[better] = found, their
            best[own], arg[own] = part, where
            if len(level.child):
                follow = np.minimum(out[level.edge_child], best[level.edge_follow])
                np.add.at(value, level.edge_parent_option, follow)
                np.add.at(out, level.parent, out[level.child])
        return best, arg, out

    def _downwards(self, best: Floats, arg: Ints, out: Floats) -> Ints:
        first = self.instance.first_option
        chosen = np.where(self._first(best) <= out, arg[np.minimum(first[:-1], self.count)], NONE)
        for level in self.levels[1:]:
            child = level.child
            above = chosen[level.parent]
            is_placed = above != NONE
            edge = level.edge_start + np.where(is_placed, above - first[level.parent], 0)
            # A predecessor without options has no edges at all; the last, endless one stands in for them.
            edges = np.append(level.edge_follow, self.count)
            follow = edges[np.minimum(edge, len(level.edge_follow))]
            picked = np.where(best[follow] <= out[child], arg[follow], NONE)
            chosen[child] = np.where(is_placed & (follow < self.count), picked, NONE)
        return chosen
