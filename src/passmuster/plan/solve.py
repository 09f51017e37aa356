"""Making the plan: rules first, then search and proof, for as long as is allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from passmuster.plan.answer import Solution
from passmuster.plan.effort import Effort
from passmuster.plan.greedy import best_by_rules
from passmuster.plan.instance import NONE, Instance
from passmuster.plan.prices import Pricing, find_prices
from passmuster.plan.proof import TOLERANCE, improve_pieces
from passmuster.plan.reduce import restrict
from passmuster.plan.relaxation import Forest
from passmuster.plan.ruin import Ruiner
from passmuster.plan.state import Rows, State, total_cost
from passmuster.plan.views import plain_view, priced_view

Progress = Callable[[str], None]
_SHARE_OF_PRICES = 0.1
_SHARE_OF_RUIN = 0.25
_RUIN_UNITS_A_JOB = 0.003
_SHARES_OF_PRICE = (0.6, 0.85, 1.0)


def solve(instance: Instance, weights: Sequence[float], effort: Effort, *, seed: int, progress: Progress) -> Solution:
    """The cheapest plan found within the effort, with a bound that no plan can be below."""
    rows = Rows(instance)
    plain = plain_view(rows, weights)
    best = best_by_rules(plain, rows)
    cost = best.cost()
    progress(f"cost {cost:.6g} by rules")
    forest = Forest(instance)
    pricing = find_prices(forest, cost, effort, effort.left * _SHARE_OF_PRICES)
    if not is_proved(cost, pricing.bound) and not effort.is_over:
        views = [plain, *(priced_view(rows, forest, pricing.prices * share) for share in _SHARES_OF_PRICE)]
        best = min([best, *(best_by_rules(view, rows) for view in views[1:])], key=State.cost)
        progress(told(best.cost(), pricing.bound))
        Ruiner(best, views, seed).improve(effort, ruin_units(effort, instance.size))
        cost = best.cost()
        progress(told(cost, pricing.bound))
    bound = pricing.bound
    if not is_proved(cost, bound) and not effort.is_over:
        pricing = find_prices(forest, cost, effort, effort.left * _SHARE_OF_PRICES, pricing.prices)
        best, bound = _within_fewer_options(best, forest, pricing, effort, seed=seed, progress=progress)
    best = filled(best)
    cost = total_cost(rows, best.chosen)
    return Solution(tuple(best.chosen), cost, min(bound, cost), is_proved(cost, bound), effort.is_stopped)


def ruin_units(effort: Effort, jobs: int) -> float:
    """How long to ruin and recreate before anything is proved."""
    return min(effort.left * _SHARE_OF_RUIN, _RUIN_UNITS_A_JOB * jobs)


def _within_fewer_options(
    best: State, forest: Forest, pricing: Pricing, effort: Effort, *, seed: int, progress: Progress
) -> tuple[State, float]:
    """Go on with the options that a cheaper plan could have; returns the plan and what no plan can be below."""
    cost = best.cost()
    keep = forest.marginals(pricing.prices) <= cost * (1 + 1e-9) + 1e-9
    keep[[option for option in best.chosen if option != NONE]] = True
    smaller, old = restrict(best.rows.instance, keep)
    new = np.full(len(keep), NONE)
    new[old] = np.arange(len(old))
    state = State(Rows(smaller), [NONE if option == NONE else int(new[option]) for option in best.chosen])
    bound = improve_pieces(state, pricing, effort, seed=seed, progress=progress)
    found = [NONE if option == NONE else int(old[option]) for option in state.chosen]
    return State(best.rows, found), max(bound, pricing.bound)


def filled(state: State) -> State:
    """The plan with all that the vendors do not ask about, and with what else fits for nothing, predecessors first."""
    rows = state.rows
    for job, option in enumerate(state.chosen):
        if option == NONE and rows.is_vendor[job]:
            state.insert(job, rows.options[job], rows.unplaced[job])
    fuller = State(rows, state.chosen)
    for job, option in enumerate(state.chosen):
        if option == NONE:
            fuller.insert(job, rows.options[job], rows.unplaced[job])
    # A job that goes in for nothing may let a vendor's job in that costs.
    return fuller if fuller.cost() <= state.cost() else state


def is_proved(cost: float, bound: float) -> bool:
    """Whether no plan can be cheaper by more than the tolerance."""
    return cost - bound <= TOLERANCE * abs(cost)


def told(cost: float, bound: float) -> str:
    """How far the plan is, in words."""
    return f"cost {cost:.6g}, at most {max(0.0, cost - bound) / max(cost, 1e-9):.2%} above the best possible"
