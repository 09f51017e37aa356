"""The stage's whole job: a problem in, a plan with its proof and explanations out."""

from __future__ import annotations

from collections.abc import Mapping

from passmuster.model.schedule import Plan, PlanStatus, Problem
from passmuster.plan.answer import placements
from passmuster.plan.compact import compact
from passmuster.plan.conflicts import find_conflicts
from passmuster.plan.effort import Effort
from passmuster.plan.explain import explain_late, explain_unplaced
from passmuster.plan.solve import Progress, solve

_MOST_RESERVED = 0.1


def make_plan(problem: Problem, effort: Effort, *, kept: Mapping[str, str], seed: int, progress: Progress) -> Plan:
    """The best plan found within the effort; `kept` names the window each job had before."""
    before = effort.seconds_left
    instance = compact(problem, kept)
    # Explaining and writing take about as long as this did, on this machine and under its load.
    effort.reserve(min(before - effort.seconds_left, _MOST_RESERVED * max(before, 0.0)))
    weight = {job.id: job.weight for job in problem.jobs}
    late_weight = 1 + problem.late_factor
    solution = solve(
        instance, [weight[name] * late_weight for name in instance.job_ids], effort, seed=seed, progress=progress
    )
    placed = tuple(placements(problem, instance, solution.chosen))
    return Plan(
        status=PlanStatus.OPTIMAL if solution.is_proved else PlanStatus.FEASIBLE,
        cost=solution.cost,
        lower_bound=solution.lower_bound,
        placements=placed,
        unplaced=tuple(explain_unplaced(problem, placed)),
        late=tuple(explain_late(problem, placed)),
        conflicts=tuple(find_conflicts(problem, placed)),
    )
