"""Making the plan: rules first, then search, then proof, for as long as is allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from passmuster.plan.answer import Solution
from passmuster.plan.effort import Effort
from passmuster.plan.first_prices import first_prices
from passmuster.plan.greedy import best_by_rules
from passmuster.plan.instance import NONE, Floats, Instance, Ints
from passmuster.plan.packing import raise_by_packing
from passmuster.plan.prices import Pricing, find_prices
from passmuster.plan.proof import improve_pieces, is_proved, told
from passmuster.plan.reduce import binding_limits, restrict
from passmuster.plan.relaxation import Forest
from passmuster.plan.ruin import Ruiner
from passmuster.plan.state import Rows, State, total_cost
from passmuster.plan.views import View, charged_view, plain_view

Progress = Callable[[str], None]
_SHARE_OF_PRICES = 0.1
_SHARE_OF_RUIN = 0.25
_SHARE_OF_PACKING = 0.25
_RUIN_UNITS_A_JOB = 0.003
_SHARES_OF_PRICE = (0.9, 1.0, 1.1)


def solve(instance: Instance, weights: Sequence[float], effort: Effort, *, seed: int, progress: Progress) -> Solution:
    """The cheapest plan found within the effort, with a bound that no plan can be below."""
    rows = Rows(instance)
    plain = plain_view(rows, weights)
    best = best_by_rules(plain, rows)
    forest = Forest(instance)
    pricing = first_prices(forest, best, effort)
    best = _by_rules_and_prices(best, forest, pricing.prices)
    bound = pricing.bound
    progress(told(best.cost(), bound))
    if not is_proved(best.cost(), bound) and not effort.is_over:
        pricing = find_prices(forest, best.cost(), effort, effort.left * _SHARE_OF_PRICES, pricing.prices)
        bound = pricing.bound
        views = [plain, *_charged_views(rows, forest, pricing.prices)]
        best = _by_search(best, views, effort, seed=seed)
        progress(told(best.cost(), bound))
    if not is_proved(best.cost(), bound) and not effort.is_over:
        pricing = find_prices(forest, best.cost(), effort, effort.left * _SHARE_OF_PRICES, pricing.prices)
        best, bound = _within_fewer_options(best, forest, pricing, effort, seed=seed, progress=progress)
    best = filled(best)
    cost = total_cost(rows, best.chosen)
    return Solution(tuple(best.chosen), cost, min(bound, cost), is_proved(cost, bound), effort.is_stopped)


def _by_rules_and_prices(best: State, forest: Forest, prices: Floats) -> State:
    """The rules once more with what minutes are worth: even where no time is left a far cheaper plan."""
    if not prices.any():
        return best
    view = charged_view(best.rows, forest, forest.charges(prices))
    return min(best, best_by_rules(view, best.rows), key=State.cost)


def _charged_views(rows: Rows, forest: Forest, prices: Floats) -> list[View]:
    return [charged_view(rows, forest, forest.charges(prices * share)) for share in _SHARES_OF_PRICE]


def _by_search(best: State, views: Sequence[View], effort: Effort, *, seed: int) -> State:
    """The rules once more with what minutes are worth, then ruin and recreate."""
    found = min([best, *(best_by_rules(view, best.rows) for view in views[1:])], key=State.cost)
    units = min(effort.left * _SHARE_OF_RUIN, _RUIN_UNITS_A_JOB * len(found.chosen))
    Ruiner(found, views, seed).improve(effort, units)
    return found


def _within_fewer_options(
    best: State, forest: Forest, pricing: Pricing, effort: Effort, *, seed: int, progress: Progress
) -> tuple[State, float]:
    """Go on with the options that a cheaper plan could have; returns the plan and what no plan can be below."""
    state, old = _narrowed(best, forest.marginals(forest.charges(pricing.prices)))
    smaller = Forest(state.rows.instance)
    # A limit that can no longer bind is worth nothing.
    prices = np.where(binding_limits(smaller.instance), pricing.prices, 0.0)
    packed = raise_by_packing(smaller, prices, best.cost(), effort, effort.left * _SHARE_OF_PACKING)
    progress(told(best.cost(), max(pricing.bound, packed.bound)))
    least, even_older = _narrowed(state, smaller.marginals(packed.charges))
    bound = improve_pieces(least, packed.charges.of(even_older), effort, seed=seed, progress=progress)
    old = old[even_older]
    found = [NONE if option == NONE else int(old[option]) for option in least.chosen]
    return State(best.rows, found), max(bound, pricing.bound, packed.bound)


def _narrowed(state: State, marginals: Floats) -> tuple[State, Ints]:
    """The same plan with only the options that a cheaper one could have, and their old numbers."""
    cost = state.cost()
    keep = marginals <= cost * (1 + 1e-9) + 1e-9
    keep[[option for option in state.chosen if option != NONE]] = True
    smaller, old = restrict(state.rows.instance, keep)
    new = np.full(len(keep), NONE)
    new[old] = np.arange(len(old))
    return State(Rows(smaller), [NONE if option == NONE else int(new[option]) for option in state.chosen]), old


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
