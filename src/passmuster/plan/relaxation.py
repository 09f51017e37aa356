"""The plan with its limits priced instead of kept: a bound that holds for every choice of prices.

With a price on each minute of a window and of an owner's week, jobs meet only through their predecessors. Keeping one
predecessor a job leaves a forest, whose cheapest plan is found exactly, level by level. No rounding can overstate the
bound by more than the margin that is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from passmuster.plan.instance import NONE, Floats, Instance, Ints

_MARGIN = 1e-10


@dataclass(frozen=True)
class Charges:
    """What stands in for the limits: added to the cost of each option, and to the whole for each limit (never above 0).

    For every plan that keeps the limits the two together come to at most nothing.
    """

    window: Floats
    """By option, for its window."""
    owner: Floats
    """By option, for its owner's week."""
    by_limit: Floats

    @property
    def by_option(self) -> Floats:
        """By option, for both."""
        return self.window + self.owner

    def of(self, options: Ints) -> Charges:
        """The same charges where only these options are left."""
        return Charges(self.window[options], self.owner[options], self.by_limit)

    def on(self, limits: npt.NDArray[np.bool_], instance: Instance) -> Charges:
        """The charges of these limits alone; what the others charge and give back is dropped together."""
        window = np.where(limits[instance.window_limit], self.window, 0.0)
        owner = np.where(limits[instance.owner_limit], self.owner, 0.0)
        return Charges(window, owner, np.where(limits, self.by_limit, 0.0))


@dataclass(frozen=True)
class Relaxed:
    """The forest's cheapest plan under some charges: its bound, and the option of each job."""

    bound: float
    chosen: Ints


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

    def charges(self, prices: Floats) -> Charges:
        """Each minute of a limit at its price (none negative); what the limits are worth is given back."""
        window = self.minutes * prices[self.instance.window_limit]
        owner = self.minutes * prices[self.instance.owner_limit]
        paid = -prices * self.capacity
        by_limit = np.where(self.is_window, np.minimum(paid + self.instance.window_cost, 0.0), paid)
        return Charges(window, owner, by_limit)

    def solve(self, charges: Charges) -> Relaxed:
        """The forest's cheapest plan."""
        best, arg, out = self._upwards(self._charged(charges))
        parts = np.minimum(out, self._first(best))[self.parent == NONE]
        total = float(parts.sum()) + float(charges.by_limit.sum())
        margin = _MARGIN * (float(np.abs(parts).sum()) + float(np.abs(charges.by_limit).sum()))
        return Relaxed(total - margin, self._downwards(best, arg, out))

    def excess(self, chosen: Ints, prices: Floats) -> Floats:
        """By limit: the minutes these options draw beyond what is open."""
        taken = chosen[chosen != NONE]
        drawn = np.zeros(len(self.capacity))
        for limits in (self.instance.window_limit, self.instance.owner_limit):
            drawn += np.bincount(limits[taken], weights=self.minutes[taken], minlength=len(drawn))
        is_open = ~self.is_window | (prices * self.capacity > self.instance.window_cost)
        found: Floats = drawn - self.capacity * is_open
        # What draws on the endless limit pays nothing.
        found[0] = 0.0
        return found

    def bounds_by_piece(self, charges: Charges, of_job: Ints, of_limit: Ints) -> Floats:
        """By piece: a cost that its part of the plan cannot be below; only limits of pieces may be charged."""
        best, _, out = self._upwards(self._charged(charges))
        roots = self.parent == NONE
        parts, shares = np.minimum(out, self._first(best))[roots], charges.by_limit
        owned = of_limit != NONE
        size = 1 + max(int(of_job.max(initial=NONE)), int(of_limit.max(initial=NONE)))
        total = np.bincount(of_job[roots], weights=parts, minlength=size)
        total += np.bincount(of_limit[owned], weights=shares[owned], minlength=size)
        spread = np.bincount(of_job[roots], weights=np.abs(parts), minlength=size)
        spread += np.bincount(of_limit[owned], weights=np.abs(shares[owned]), minlength=size)
        found: Floats = total - _MARGIN * spread
        return found

    def scores(self, charges: Charges) -> tuple[Floats, Floats, Floats]:
        """By option its cost with its charge and its followers' best; by job the least of these, and staying out."""
        value = self._charged(charges)
        best, _, out = self._upwards(value)
        return value[:-1], self._first(best), out

    def marginals(self, charges: Charges) -> Floats:
        """By option: a cost that no plan which takes it can be below."""
        value = self._charged(charges)
        best, _, out = self._upwards(value)
        roots = np.minimum(out, self._first(best))
        fixed = float(roots[self.parent == NONE].sum()) + float(charges.by_limit.sum())
        # What a plan costs at least beside the part below the option: first of the roots, then level by level.
        beside = np.full(self.count + 1, np.inf)
        whose = self.instance.option_job
        is_root = self.parent[whose] == NONE
        beside[:-1][is_root] = fixed - roots[whose[is_root]]
        for level in self.levels[1:]:
            if len(level.child):
                shared = np.minimum(out[level.edge_child], best[level.edge_follow])
                above = beside[level.edge_parent_option] + value[level.edge_parent_option] - shared
                np.minimum.at(beside, level.edge_follow, above)
                self._spread_forwards(beside, level)
        margin = _MARGIN * (float(np.abs(roots[np.isfinite(roots)]).sum()) + float(np.abs(charges.by_limit).sum()))
        found: Floats = beside[:-1] + value[:-1] - margin
        return found

    def _spread_forwards(self, beside: Floats, level: _Level) -> None:
        """An option may follow whatever an earlier option of its job may follow."""
        part = beside[level.options]
        for step, places in level.steps:
            part[places + step] = np.minimum(part[places + step], part[places])

    def _charged(self, charges: Charges) -> Floats:
        return np.append(self.instance.cost + charges.by_option, np.inf)

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
