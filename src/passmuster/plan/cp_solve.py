"""Running the integer solver so that it can be stopped and, where work is counted, does the same again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from ortools.sat.python import cp_model

from passmuster.plan.cp_model import PartModel, build_part
from passmuster.plan.effort import Effort
from passmuster.plan.instance import NONE
from passmuster.plan.state import State

_PRECISION = 1e7
_LARGEST = 2.0**50
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class PartAnswer:
    """New options by job (none where nothing was found), and a bound of what the free jobs and new windows cost."""

    chosen: dict[int, int] | None
    bound: float
    is_proved: bool
    units: float


@dataclass(frozen=True)
class Chunk:
    """How much to spend on one run, in units, and from which random number."""

    units: float
    seed: int


def solve_part(
    state: State, free: Iterable[int], effort: Effort, chunk: Chunk, *, allowed: Sequence[bool] | None = None
) -> PartAnswer:
    """The cheapest options of the free jobs found within the chunk; neither the plan nor the effort is changed."""
    jobs = sorted(free)
    part = build_part(state, jobs, scale=_scale(state, jobs), allowed=allowed)
    for job, pairs in part.options.items():
        for row, variable in pairs:
            part.model.add_hint(variable, row[5] == state.chosen[job])
    solver = cp_model.CpSolver()
    _set(solver, effort, chunk)
    status = _run(solver, part, effort)
    units = float(solver.response_proto.deterministic_time)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        bound = solver.best_objective_bound / part.scale if status == cp_model.UNKNOWN else -math.inf
        return PartAnswer(None, bound, is_proved=False, units=units)
    chosen = {
        job: next((row[5] for row, variable in pairs if solver.boolean_value(variable)), NONE)
        for job, pairs in part.options.items()
    }
    return PartAnswer(chosen, solver.best_objective_bound / part.scale, status == cp_model.OPTIMAL, units)


def _scale(state: State, jobs: list[int]) -> float:
    """Whole numbers for costs, so fine that rounding each down loses less than a ten-millionth of the sum."""
    rows = state.rows
    now = math.fsum(
        rows.unplaced[job] if state.chosen[job] == NONE else rows.option[state.chosen[job]][0] for job in jobs
    )
    most = math.fsum(max([rows.unplaced[job], *(row[0] for row in rows.options[job])]) for job in jobs)
    most += rows.instance.window_cost * len(jobs)
    if most <= 0:
        return 1.0
    return min(_PRECISION * max(len(jobs), 100) / max(now, most * 1e-6), _LARGEST / most)


def _set(solver: cp_model.CpSolver, effort: Effort, chunk: Chunk) -> None:
    parameters = solver.parameters
    parameters.random_seed = chunk.seed
    parameters.catch_sigint_signal = False
    parameters.relative_gap_limit = 1e-8
    parameters.num_workers = 1
    parameters.linearization_level = 2
    parameters.cp_model_probing_level = 0
    if effort.is_counted:
        parameters.max_deterministic_time = max(chunk.units, 1e-3)
        parameters.max_time_in_seconds = max(effort.seconds_left, 1e-3)
    else:
        parameters.max_time_in_seconds = max(min(chunk.units, effort.seconds_left), 1e-3)


def _run(solver: cp_model.CpSolver, part: PartModel, effort: Effort) -> int:
    """Solve in a thread of its own: the main one must stay awake to hear that the user wants to stop."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        answer = pool.submit(solver.solve, part.model)
        while not wait([answer], timeout=_POLL_SECONDS).done:
            if effort.is_stopped:
                solver.stop_search()
        return int(answer.result())
