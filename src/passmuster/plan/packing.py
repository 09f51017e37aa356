"""A higher bound: what each limit can hold is packed in whole jobs, where a price lets it hold parts of them.

Every draw of a job on a limit gets a charge of its own. The forest pays it, the limit earns it back for the jobs that
it packs at best; the difference is a bound for any charges, and steps towards what both agree on raise it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from passmuster.plan.effort import Effort
from passmuster.plan.instance import Floats, Ints
from passmuster.plan.relaxation import Charges, Forest

_MOST_UNITS = 600
_MOST_CELLS = 60_000_000
_UNITS_A_CELL = 8e-9
_PATIENCE, _SHRINK, _SMOOTHING, _SMALLEST_STEP, _STEP = 8, 0.75, 0.4, 2e-3, 0.5
_MOST_STEPS = 400


@dataclass(frozen=True)
class Packed:
    """The best charges found and their bound."""

    charges: Charges
    bound: float


class Packing:
    """The limits that are packed: those with a price, and capacities of few units."""

    def __init__(self, forest: Forest, prices: Floats) -> None:
        instance = forest.instance
        self.forest = forest
        priced = np.flatnonzero(prices > 0)
        limits = np.concatenate((instance.window_limit, instance.owner_limit))
        # The second half of the options stands for their draws on an owner's week.
        options = np.arange(2 * forest.count)
        place = np.full(len(prices), -1)
        place[priced] = np.arange(len(priced))
        chosen = place[limits] >= 0
        self.slot, at = options[chosen], place[limits[chosen]]
        self.option = self.slot % max(forest.count, 1)
        draws, self.draw = np.unique(at * instance.size + instance.option_job[self.option], return_inverse=True)
        self.limit, job = draws // max(instance.size, 1), draws % max(instance.size, 1)
        self.minutes = instance.minutes[job]
        self.limits = priced
        self.charge = prices[priced][self.limit] * self.minutes
        divisor = np.ones(len(priced), dtype=np.int64)
        ends = np.searchsorted(self.limit, np.arange(len(priced) + 1))
        for index in range(len(priced)):
            divisor[index] = max(1, int(np.gcd.reduce(self.minutes[ends[index] : ends[index + 1]], initial=0)))
        self.units = instance.capacity[priced] // divisor
        self.weight = self.minutes // divisor[self.limit]
        # An item stands in the row of its rank within its limit.
        self.rank = np.arange(len(draws)) - ends[self.limit]

    @property
    def cells(self) -> int:
        """How much work one packing is."""
        if not len(self.limits) or not len(self.rank):
            return 0
        return (int(self.rank.max()) + 1) * len(self.limits) * (int(self.units.max()) + 1)

    @property
    def is_small(self) -> bool:
        """Whether it is worth while."""
        return 0 < self.cells <= _MOST_CELLS and int(self.units.max()) <= _MOST_UNITS

    def pack(self, charge: Floats) -> tuple[Floats, Floats]:
        """By limit the most it can earn; by draw 1 where it is packed."""
        count, size, rows = len(self.limits), int(self.units.max()) + 1, int(self.rank.max()) + 1
        weight = np.full((rows, count), size, dtype=np.int64)
        gain = np.zeros((rows, count))
        weight[self.rank, self.limit] = self.weight
        gain[self.rank, self.limit] = charge
        best = np.zeros((count, size))
        took = np.zeros((rows, count, size), dtype=np.bool_)
        column, every = np.arange(size)[None, :], np.arange(count)
        for row in range(rows):
            source = column - weight[row][:, None]
            fits = source >= 0
            better = np.where(fits, best[every[:, None], np.maximum(source, 0)] + gain[row][:, None], -1.0)
            took[row] = better > best
            best = np.maximum(best, better)
        earned = best[every, self.units]
        return earned, self._trace(took, weight)

    def _trace(self, took: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], weight: Ints) -> Floats:
        left, every = self.units.copy(), np.arange(len(self.limits))
        packed = np.zeros(weight.shape)
        for row in range(len(weight) - 1, -1, -1):
            is_in = took[row][every, left]
            packed[row] = is_in
            left -= np.where(is_in, weight[row], 0)
        found: Floats = packed[self.rank, self.limit]
        return found

    def charges(self, charge: Floats, earned: Floats) -> Charges:
        """What the forest pays and the limits give back; a window that costs is used only where it earns more."""
        count = self.forest.count
        both: Floats = np.bincount(self.slot, weights=charge[self.draw], minlength=2 * count).astype(np.float64)
        by_limit = np.zeros(len(self.forest.capacity))
        rent = np.where(self.forest.is_window[self.limits], self.forest.instance.window_cost, 0.0)
        by_limit[self.limits] = -np.maximum(earned - rent, 0.0)
        return Charges(both[:count], both[count:], by_limit)

    def drawn(self, chosen: Ints) -> Floats:
        """By draw 1 where one of these options draws it."""
        is_taken = np.zeros(self.forest.count)
        is_taken[chosen[chosen >= 0]] = 1.0
        return np.minimum(np.bincount(self.draw, weights=is_taken[self.option], minlength=len(self.charge)), 1.0)


def raise_by_packing(forest: Forest, prices: Floats, cost: float, effort: Effort, units: float) -> Packed:
    """The highest bound found from these prices on, towards `cost`, within so many units."""
    best = forest.charges(prices)
    best_bound = forest.solve(best).bound
    packing = Packing(forest, prices)
    if not packing.is_small:
        return Packed(best, best_bound)
    unit = 5e-4 + 6e-8 * forest.count + _UNITS_A_CELL * packing.cells
    charge, direction = packing.charge, np.zeros_like(packing.charge)
    step, stalled = _STEP, 0
    for _ in range(min(_MOST_STEPS, int(units / unit))):
        earned, packed = packing.pack(charge)
        charges = packing.charges(charge, earned)
        relaxed = forest.solve(charges)
        effort.spend(unit)
        stalled += 1
        if relaxed.bound > best_bound:
            best, best_bound, stalled = charges, relaxed.bound, 0
        if stalled >= _PATIENCE:
            step, stalled = step * _SHRINK, 0
        is_used = (charges.by_limit[packing.limits] < 0)[packing.limit]
        direction = (1 - _SMOOTHING) * direction + _SMOOTHING * (packing.drawn(relaxed.chosen) - packed * is_used)
        length = float(direction @ direction)
        if length <= 0 or step < _SMALLEST_STEP or effort.is_over or cost - best_bound <= 1e-7 * abs(cost):
            break
        charge = np.maximum(0.0, charge + step * max(cost - relaxed.bound, 0.0) / length * direction)
    return Packed(best, best_bound)
