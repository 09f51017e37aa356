"""Making the plan: rules first, then search, then proof, for as long as is allowed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from passmuster.plan.answer import Solution
from passmuster.plan.cp_solve import Chunk, solve_part
from passmuster.plan.effort import Effort
from passmuster.plan.greedy import best_by_rules
from passmuster.plan.instance import Instance
from passmuster.plan.state import Rows, State, total_cost

Progress = Callable[[str], None]
TOLERANCE = 1e-6


def solve(instance: Instance, weights: Sequence[float], effort: Effort, *, seed: int, progress: Progress) -> Solution:
    """The cheapest plan found within the effort, with a bound that no plan can be below."""
    rows = Rows(instance)
    best = best_by_rules(rows, weights)
    bound = simple_bound(rows)
    progress(f"cost {best.cost():.6g} by rules")
    if not _is_proved(best.cost(), bound):
        answer = solve_part(best, range(instance.size), effort, Chunk(effort.left, seed))
        bound = max(bound, answer.bound)
        if answer.chosen is not None:
            found = State(rows, (answer.chosen[job] for job in range(instance.size)))
            best = min(best, found, key=State.cost)
    cost = total_cost(rows, best.chosen)
    return Solution(tuple(best.chosen), cost, min(bound, cost), _is_proved(cost, bound), effort.is_stopped)


def simple_bound(rows: Rows) -> float:
    """Every job in its cheapest window as if it were alone."""
    alone = [
        min([unplaced, *(row[0] for row in options[:1])])
        for unplaced, options in zip(rows.unplaced, rows.options, strict=True)
    ]
    return math.fsum(alone)


def _is_proved(cost: float, bound: float) -> bool:
    return cost - bound <= TOLERANCE * abs(cost)
