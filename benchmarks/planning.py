"""`python -m benchmarks.planning`: what plans cost that are made in the same time, and what no plan can cost less than.

Peers are the earliest due date first, weight by duration first, and one integer program of everything in the solver's
own default settings. The limit is the linear relaxation, solved by HiGHS. Unlike the other works, entrants do not give
the same answer, so what is compared is the cost; nothing fails on a time.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from ortools.sat.python import cp_model
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from benchmarks.planning_problem import problem
from benchmarks.table import machine
from passmuster.plan.compact import compact
from passmuster.plan.effort import Effort, Limits
from passmuster.plan.greedy import place_in_order
from passmuster.plan.instance import NONE, Instance
from passmuster.plan.problem import read_problem
from passmuster.plan.solve import solve
from passmuster.plan.state import Rows, total_cost
from passmuster.plan.views import plain_view
from passmuster.plan.windows import expand

_HERE = Path(__file__).parent
_LARGEST_LIMIT = 5_000


@dataclass(frozen=True)
class Planned:
    """What one entrant did with one problem; `bound` where it has one."""

    jobs: int
    load: float
    entrant: str
    kind: str
    seconds: float
    cpu_seconds: float
    cost: float | None
    bound: float | None = None


class Task:
    """One problem, ready for every entrant."""

    def __init__(self, jobs: int, load: float, seconds: float) -> None:
        self.jobs, self.load, self.seconds = jobs, load, seconds
        read = read_problem(problem(jobs, load=load), "benchmark", expand).problem
        weight = {job.id: job.weight * (1 + read.late_factor) for job in read.jobs}
        self.instance = compact(read, {})
        self.rows = Rows(self.instance)
        self.weights = [weight[name] for name in self.instance.job_ids]

    def measure(self, entrant: str, kind: str, work: Callable[[Task], tuple[float | None, float | None]]) -> Planned:
        """One run."""
        start, cpu = time.perf_counter(), time.process_time()
        cost, bound = work(self)
        spent = time.perf_counter() - start, time.process_time() - cpu
        return Planned(self.jobs, self.load, entrant, kind, *spent, cost, bound)


def ours(task: Task) -> tuple[float, float]:
    """The planner within the limit of time."""
    effort = Effort(Limits(seconds=task.seconds, workers=os.cpu_count() or 1), time.monotonic)
    found = solve(task.instance, task.weights, effort, seed=0, progress=lambda _text: None)
    return found.cost, found.lower_bound


def due_date(task: Task) -> tuple[float, None]:
    """Earliest due date first."""
    due = [float(moment) for moment in task.instance.due.tolist()]
    return place_in_order(plain_view(task.rows, task.weights), task.rows, due).cost(), None


def weight_by_duration(task: Task) -> tuple[float, None]:
    """Weight by duration first, weights summed backwards along the chain."""
    view = plain_view(task.rows, task.weights)
    return place_in_order(view, task.rows, [-urgency for urgency in view.urgency]).cost(), None


def one_program(task: Task) -> tuple[float | None, float | None]:
    """Everything at once by the integer solver, within the same time, on all cores."""
    instance, model, scale = task.instance, cp_model.CpModel(), 1000
    take = [model.new_bool_var("") for _ in range(len(instance.cost))]
    for job in range(instance.size):
        model.add_at_most_one(take[option] for option in instance.options_of(job))
        for link in instance.before[job]:
            for option in instance.options_of(job):
                fits = [
                    take[other]
                    for other in instance.options_of(link.before)
                    if instance.end[other] + link.least_us <= instance.start[option]
                ]
                model.add_bool_or([*fits, take[option].negated()])
    for limit, options in _draws(instance).items():
        minutes = [int(instance.minutes[instance.option_job[option]]) for option in options]
        terms = cp_model.LinearExpr.weighted_sum([take[option] for option in options], minutes)
        model.add(terms <= int(instance.capacity[limit]))
    saved = [round(scale * value) for value in (instance.cost - instance.unplaced_cost[instance.option_job]).tolist()]
    model.minimize(cp_model.LinearExpr.weighted_sum(take, saved))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = task.seconds
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, None
    chosen = [NONE] * instance.size
    for option, variable in enumerate(take):
        if solver.boolean_value(variable):
            chosen[int(instance.option_job[option])] = option
    return total_cost(task.rows, chosen), float(instance.unplaced_cost.sum()) + solver.best_objective_bound / scale


def relaxation(task: Task) -> tuple[None, float | None]:
    """The linear relaxation: each follower's share by an instant is at most its predecessor's share by then."""
    instance = task.instance
    if instance.size > _LARGEST_LIMIT:
        return None, None
    rows: list[tuple[list[int], list[float], float]] = []
    for job in range(instance.size):
        own = list(instance.options_of(job))
        rows.append((own, [1.0] * len(own), 1.0))
        for link in instance.before[job]:
            ends = instance.end[list(instance.options_of(link.before))] + link.least_us
            for count in range(1, len(own) + 1):
                reached = np.flatnonzero(ends <= instance.start[own[count - 1]]) + instance.first_option[link.before]
                rows.append(([*own[:count], *reached.tolist()], [1.0] * count + [-1.0] * len(reached), 0.0))
    for limit, options in _draws(instance).items():
        minutes = instance.minutes[instance.option_job[options]].astype(float).tolist()
        rows.append((options, minutes, float(instance.capacity[limit])))
    data = [value for _, values, _ in rows for value in values]
    places = [index for index, (columns, _, _) in enumerate(rows) for _ in columns]
    columns = [column for columns, _, _ in rows for column in columns]
    matrix = csr_matrix((data, (places, columns)), shape=(len(rows), len(instance.cost)))
    saved = instance.cost - instance.unplaced_cost[instance.option_job]
    answer = linprog(saved, A_ub=matrix, b_ub=[limit for _, _, limit in rows], bounds=(0, None), method="highs")
    return None, float(answer.fun + instance.unplaced_cost.sum()) if answer.x is not None else None


def _draws(instance: Instance) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for limits in (instance.window_limit, instance.owner_limit):
        for option, limit in enumerate(limits.tolist()):
            if limit:
                found[limit].append(option)
    return found


ENTRANTS = (
    ("passmuster", "ours", ours),
    ("earliest due date first", "peer", due_date),
    ("weight by duration first", "peer", weight_by_duration),
    ("one integer program", "peer", one_program),
    ("linear relaxation", "limit", relaxation),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every entrant on every problem; print ratios, write JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planning", description=__doc__)
    parser.add_argument("--jobs", default="200,1000", help="numbers of jobs, with commas between")
    parser.add_argument("--loads", default="0.8,1.2", help="shares of the owners' minutes that are asked for")
    parser.add_argument("--seconds", type=float, default=10.0, help="what each entrant may take")
    parser.add_argument("--out", type=Path, help="the JSON file; by default benchmarks/results/planning-TIME.json")
    options = parser.parse_args(arguments)
    found: list[Planned] = []
    for jobs in (int(float(text)) for text in options.jobs.split(",")):
        for load in (float(text) for text in options.loads.split(",")):
            task = Task(jobs, load, options.seconds)
            measured = [task.measure(*entrant) for entrant in ENTRANTS]
            _print(measured)
            found += measured
    now = datetime.now(UTC)
    out = options.out or _HERE / "results" / f"planning-{now:%Y%m%dT%H%M%SZ}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    document = {"measured_at": now.isoformat(), "machine": machine(), "results": [asdict(each) for each in found]}
    out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"\nWritten: {out}")


def _print(measured: Sequence[Planned]) -> None:
    ours_ = measured[0]
    print(f"\nPlanning {ours_.jobs:,} jobs at load {ours_.load:g}")
    for each in measured:
        cost = f"{each.cost:14,.1f}" if each.cost is not None else " " * 14
        bound = f"{each.bound:14,.1f}" if each.bound is not None else " " * 14
        ratio = ""
        if each is ours_ and each.cost and each.bound is not None:
            ratio = f"at most {each.cost / max(each.bound, 1e-9) - 1:.3%} above the best possible"
        elif each.cost is not None and ours_.cost:
            ratio = f"{each.cost / ours_.cost:.3f} of our cost"
        elif each.bound and ours_.cost:
            ratio = f"our cost is {ours_.cost / each.bound - 1:.3%} above it"
        print(f"  {each.entrant:26} {each.kind:5} {each.seconds:6.1f} s {cost} {bound}  {ratio}", flush=True)


if __name__ == "__main__":
    main()
