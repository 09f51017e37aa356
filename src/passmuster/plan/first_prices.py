"""Prices of minutes to begin with: one rate for all weeks of an owner and one for all windows of an environment.

A minute is worth the less the nearer the horizon's end is, where a job that is left out counts as done. So a limit's
price is its family's rate times the days left. A handful of looks at the whole plan find rates at which nobody is asked
for more than there is; steps from zero prices take a hundred to get as far.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from passmuster.plan.effort import Effort
from passmuster.plan.instance import DAY_US, NONE, Floats, Instance, Ints
from passmuster.plan.prices import Pricing
from passmuster.plan.relaxation import Forest
from passmuster.plan.state import State

_LOOKS = 5


def first_prices(forest: Forest, plan: State, effort: Effort) -> Pricing:
    """The best of a few looks, the first with the rates at which `plan` uses minutes; so few that no clock is asked."""
    search = _Search(forest, effort)
    search.look(np.zeros(len(forest.capacity)))
    rest, instance = _days_left(forest.instance), forest.instance
    for place, limits in ((0, instance.owner_limit), (-1, instance.window_limit)):
        family = _families(instance, limits, place)
        search.raise_rates(family, rest, _rates_of(plan, family, rest, limits))
    return search.best


class _Search:
    def __init__(self, forest: Forest, effort: Effort) -> None:
        self.forest, self.effort = forest, effort
        self.best = Pricing(np.zeros(len(forest.capacity)), -np.inf)
        self.chosen = np.zeros(0, dtype=np.int64)
        """What is chosen at the best prices."""

    def look(self, prices: Floats) -> Ints:
        relaxed = self.forest.solve(self.forest.charges(prices))
        self.effort.spend(3e-4 + 6e-8 * self.forest.count)
        if relaxed.bound > self.best.bound:
            self.best, self.chosen = Pricing(prices, relaxed.bound), relaxed.chosen
        return relaxed.chosen

    def raise_rates(self, family: Ints, rest: Floats, rate: Floats) -> None:
        """Halve the way between rates at which too much is asked of a family, and rates at which there is enough."""
        before, chosen = self.best.prices, self.chosen
        over = self._is_over(chosen, family, len(rate))
        low, high = np.zeros(len(rate)), np.where(over, np.inf, 0.0)
        for _ in range(_LOOKS):
            rate = np.where(high > 0, rate, 0.0)
            over = self._is_over(self.look(before + rate[family] * rest), family, len(rate))
            low, high = np.where(over, np.maximum(low, rate), low), np.where(over, high, np.minimum(high, rate))
            rate = np.where(np.isfinite(high), (low + high) / 2, 2 * rate)

    def _is_over(self, chosen: Ints, family: Ints, count: int) -> npt.NDArray[np.bool_]:
        """By family whether these options draw more minutes than it has."""
        taken, instance, asked = chosen[chosen != NONE], self.forest.instance, np.zeros(count)
        for limits in (instance.owner_limit, instance.window_limit):
            asked += np.bincount(family[limits[taken]], weights=self.forest.minutes[taken], minlength=count)
        found: npt.NDArray[np.bool_] = asked > np.bincount(family, weights=self.forest.capacity, minlength=count)
        # Family 0 is everybody else.
        found[0] = False
        return found


def _families(instance: Instance, limits: Ints, place: int) -> Ints:
    """By limit the number of its owner or environment, by the place among a job's groups; 0 for other limits."""
    number: dict[str, int] = {}
    of_job = [number.setdefault(groups[place], len(number) + 1) for groups in instance.groups]
    family = np.zeros(len(instance.capacity), dtype=np.int64)
    family[limits] = np.array(of_job, dtype=np.int64)[instance.option_job]
    family[0] = 0
    return family


def _days_left(instance: Instance) -> Floats:
    """By limit the days from its first use to the last end of all; 0 for the endless one."""
    left = np.zeros(len(instance.capacity))
    if len(instance.cost):
        days = (instance.end.max() - instance.start) / DAY_US
        for limits in (instance.owner_limit, instance.window_limit):
            np.maximum.at(left, limits, days)
    left[0] = 0.0
    return left


def _rates_of(plan: State, family: Ints, rest: Floats, limits: Ints) -> Floats:
    """By family the middle of what its minutes save in this plan, a day that is left; never 0."""
    instance = plan.rows.instance
    chosen = np.array(plan.chosen, dtype=np.int64)
    taken = chosen[chosen != NONE]
    job, drawn = instance.option_job[taken], limits[taken]
    saved = (instance.unplaced_cost[job] - instance.cost[taken]) / np.maximum(instance.minutes[job], 1)
    worth = saved / np.maximum(rest[drawn], 1e-3)
    order = np.lexsort((worth, family[drawn]))
    groups, first, size = np.unique(family[drawn][order], return_index=True, return_counts=True)
    rates = np.zeros(int(family.max(initial=0)) + 1)
    rates[groups] = worth[order][first + size // 2]
    found: Floats = np.maximum(rates, 1e-9 + rates.max() / 100)
    return found
