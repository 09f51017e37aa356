"""A higher bound: what each limit can hold is packed in whole jobs, where a price lets it hold parts of them.

Every draw of a job on a limit gets a charge of its own. The forest pays it, the limit earns it back for the jobs that
it packs at best; the difference is a bound for any charges, and steps towards what both agree on raise it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from passmuster.plan.effort import Effort
from passmuster.plan.instance import Floats, Ints
from passmuster.plan.relaxation import Charges, Forest

_MOST_UNITS = 600
_MOST_CELLS = 200_000_000
_SIDE_BY_SIDE = 400
_UNITS_A_CELL = 8e-9
_PATIENCE, _SHRINK, _SMOOTHING, _SMALLEST_STEP, _STEP = 8, 0.7, 0.3, 1e-3, 0.3
_MOST_STEPS = 400


@dataclass(frozen=True)
class Packed:
    """The best charges found and their bound."""

    charges: Charges
    bound: float


@dataclass(frozen=True)
class _Knapsacks:
    """Limits of about the same size, packed side by side. Items stand in the row of their rank within their limit."""

    limits: Ints
    draws: Ints
    units: Ints
    column: Ints
    """By draw: the place of its limit in `limits`."""
    rank: Ints
    weight: Ints

    @property
    def cells(self) -> int:
        return (int(self.rank.max()) + 1) * len(self.limits) * (int(self.units.max()) + 1)

    def pack(self, charge: Floats) -> tuple[Floats, Floats]:
        """By limit the most it can earn; by draw 1 where it is packed."""
        count, size, rows = len(self.limits), int(self.units.max()) + 1, int(self.rank.max()) + 1
        weight = np.full((rows, count), size, dtype=np.int64)
        gain = np.zeros((rows, count))
        weight[self.rank, self.column] = self.weight
        gain[self.rank, self.column] = charge
        best = np.zeros((count, size))
        took = np.zeros((rows, count, size), dtype=np.bool_)
        place, every = np.arange(size)[None, :], np.arange(count)
        for row in range(rows):
            source = place - weight[row][:, None]
            better = np.take_along_axis(best, np.maximum(source, 0), axis=1) + gain[row][:, None]
            better[source < 0] = -1.0
            took[row] = better > best
            np.maximum(best, better, out=best)
        left = self.units.copy()
        packed = np.zeros((rows, count))
        for row in range(rows - 1, -1, -1):
            is_in = took[row][every, left]
            packed[row] = is_in
            left -= np.where(is_in, weight[row], 0)
        return best[every, self.units], packed[self.rank, self.column]


def _knapsacks(capacity: Ints, limit: Ints, minutes: Ints, ends: Ints) -> Iterator[_Knapsacks]:
    """The limits in groups, by how many items and units they have; draws are sorted by limit."""
    count = len(capacity)
    divisor = np.ones(count, dtype=np.int64)
    for index in range(count):
        divisor[index] = max(1, int(np.gcd.reduce(minutes[ends[index] : ends[index + 1]], initial=0)))
    units, items = capacity // divisor, np.diff(ends)
    order = np.lexsort((units, np.ceil(2 * np.log2(np.maximum(units, 1))), np.ceil(2 * np.log2(np.maximum(items, 1)))))
    begin = 0
    while begin < count:
        stop = begin + 1
        while stop < count and _are_alike(order[begin], order[stop], units, items) and stop - begin < _SIDE_BY_SIDE:
            stop += 1
        limits = np.sort(order[begin:stop])
        draws = np.concatenate([np.arange(ends[each], ends[each + 1]) for each in limits.tolist()])
        column = np.searchsorted(limits, limit[draws])
        weight = minutes[draws] // divisor[limit[draws]]
        yield _Knapsacks(limits, draws, units[limits], column, draws - ends[limit[draws]], weight)
        begin = stop


def _are_alike(one: int, other: int, units: Ints, items: Ints) -> bool:
    return all(max(sizes[one], sizes[other]) <= 1.5 * min(sizes[one], sizes[other]) + 4 for sizes in (units, items))


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
        ends = np.searchsorted(self.limit, np.arange(len(priced) + 1))
        self.knapsacks = list(_knapsacks(instance.capacity[priced], self.limit, self.minutes, ends))

    @property
    def cells(self) -> int:
        """How much work one packing is."""
        return sum(knapsacks.cells for knapsacks in self.knapsacks)

    @property
    def is_small(self) -> bool:
        """Whether it is worth while."""
        widest = max((int(knapsacks.units.max()) for knapsacks in self.knapsacks), default=0)
        return 0 < self.cells <= _MOST_CELLS and widest <= _MOST_UNITS

    def pack(self, charge: Floats) -> tuple[Floats, Floats]:
        """By limit the most it can earn; by draw 1 where it is packed."""
        earned, packed = np.zeros(len(self.limits)), np.zeros(len(charge))
        for knapsacks in self.knapsacks:
            earned[knapsacks.limits], packed[knapsacks.draws] = knapsacks.pack(charge[knapsacks.draws])
        return earned, packed

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
    begin = effort.done
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
        if length <= 0 or step < _SMALLEST_STEP or cost - best_bound <= 1e-7 * abs(cost):
            break
        if effort.is_over or effort.done - begin >= units:
            break
        charge = np.maximum(0.0, charge + step * max(cost - relaxed.bound, 0.0) / length * direction)
    return Packed(best, best_bound)
