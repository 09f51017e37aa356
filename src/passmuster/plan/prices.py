"""Prices of minutes that make the bound high, by subgradient steps of falling length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from passmuster.plan.effort import Effort
from passmuster.plan.instance import Floats
from passmuster.plan.relaxation import Forest

_PATIENCE = 8
_STEP = 0.5
_SHRINK = 0.7
_SMOOTHING = 0.4
_FEWEST_STEPS = 150
_SMALLEST_STEP = 1e-4


@dataclass(frozen=True)
class Pricing:
    """The best prices of a minute found, by limit, and their bound."""

    prices: Floats
    bound: float


def find_prices(forest: Forest, cost: float, effort: Effort, units: float, start: Floats) -> Pricing:
    """Raise the bound towards `cost`, that of a known plan, for at most so many units."""
    prices = start
    unit = 3e-4 + 6e-8 * forest.count
    # Too few steps tell nothing at all: rather take more of what is left.
    units = max(units, min(_FEWEST_STEPS * unit, 3 * units))
    best, best_bound = prices, -np.inf
    step, stalled, direction = _STEP, 0, np.zeros_like(prices)
    begin = effort.done
    for _ in range(max(1, min(600, int(units / unit)))):
        relaxed = forest.solve(forest.charges(prices))
        effort.spend(unit)
        stalled += 1
        if relaxed.bound > best_bound:
            best, best_bound, stalled = prices, relaxed.bound, 0
        if stalled >= _PATIENCE:
            step, stalled = step * _SHRINK, 0
        direction = (1 - _SMOOTHING) * direction + _SMOOTHING * forest.excess(relaxed.chosen, prices)
        move = np.where((prices <= 0) & (direction < 0), 0.0, direction)
        length = float(move @ move)
        if length <= 0 or step < _SMALLEST_STEP or effort.is_over or effort.done - begin >= units:
            break
        prices = np.maximum(0.0, prices + step * max(cost - relaxed.bound, 1e-9 * abs(cost)) / length * move)
    return Pricing(best, best_bound)
