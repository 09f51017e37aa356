"""From chosen options back to the words of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from passmuster.model.schedule import Placement, Problem
from passmuster.plan.instance import NONE, Instance
from passmuster.plan.timing import from_us, late_days


@dataclass(frozen=True)
class Solution:
    """What the solvers found: an option a job, its cost, and a cost no plan can be below."""

    chosen: tuple[int, ...]
    cost: float
    lower_bound: float
    is_proved: bool
    is_stopped: bool = False


def placements(problem: Problem, instance: Instance, chosen: Sequence[int]) -> Iterator[Placement]:
    """Who is placed where, in the order of the problem."""
    number = {name: index for index, name in enumerate(instance.job_ids)}
    for job in problem.jobs:
        option = chosen[number[job.id]]
        if option == NONE:
            continue
        end = int(instance.end[option])
        window = int(instance.window[option])
        name = None if window == NONE else problem.windows[window].id
        yield Placement(job.id, name, from_us(end), late_days(job, end))
