"""Neighbourhoods for the integer solver: the jobs of one owner or environment in a band of time."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from passmuster.plan.cp_solve import Chunk, solve_part
from passmuster.plan.effort import Effort
from passmuster.plan.instance import NONE
from passmuster.plan.state import State

_JOBS = 80
_MOST_JOBS = 160
_UNITS = 0.3


def improve_by_bands(state: State, jobs: Sequence[int], effort: Effort, units: float, *, seed: int) -> None:
    """Solve one band after another exactly, the others left where they are; changes the plan in place."""
    chance = random.Random(seed)  # noqa: S311 - a search, no secret
    inside = set(jobs)
    members: dict[str, list[int]] = {}
    for job in jobs:
        for group in state.rows.instance.groups[job]:
            members.setdefault(group, []).append(job)
    begin = effort.done
    while effort.done - begin < units and not effort.is_over:
        free = _band(state, jobs, members, chance)
        chunk = Chunk(min(_UNITS, units), chance.randrange(2**31))
        answer = solve_part(state, free & inside, effort, chunk)
        effort.spend(answer.units + 1e-6 * len(state.rows.option))
        if answer.chosen is not None:
            _take_if_cheaper(state, answer.chosen)


def _band(state: State, jobs: Sequence[int], members: dict[str, list[int]], chance: random.Random) -> set[int]:
    """Those that compete with a job that could be cheaper, the nearest in time first, with their own chains."""
    rows = state.rows
    pick = max((chance.choice(jobs) for _ in range(20)), key=lambda job: _regret(state, job))
    pool = members[chance.choice(rows.instance.groups[pick])]
    middle = _instant(state, pick)
    near = sorted(pool, key=lambda job: (abs(_instant(state, job) - middle), job))[:_JOBS]
    free = {pick, *near}
    for job in sorted(free):
        chain = {before for before, _, _ in rows.before[job]} | set(rows.after[job])
        if len(free) + len(chain) <= _MOST_JOBS:
            free |= chain
    return free


def _regret(state: State, job: int) -> float:
    options = state.rows.options[job]
    option = state.chosen[job]
    now = state.rows.unplaced[job] if option == NONE else state.rows.option[option][0]
    return now - options[0][0] if options else 0.0


def _instant(state: State, job: int) -> int:
    option = state.chosen[job]
    options = state.rows.options[job]
    return state.rows.option[option][2] if option != NONE else options[-1][2] if options else 0


def _take_if_cheaper(state: State, chosen: dict[int, int]) -> None:
    jobs = list(chosen)
    old = {job: state.chosen[job] for job in jobs}
    before = _cost(state, jobs, old)
    for job in jobs:
        state.take(job)
    rent = {window for window, count in enumerate(state.used) if count} if state.rows.instance.window_cost else set()
    after = _cost(state, jobs, chosen)
    extra = state.rows.instance.window_cost
    if extra:
        before += extra * len(_windows(state, old) - rent)
        after += extra * len(_windows(state, chosen) - rent)
    for job, option in (chosen if after < before else old).items():
        if option != NONE:
            state.put(job, option)


def _windows(state: State, chosen: dict[int, int]) -> set[int]:
    return {state.rows.option[option][3] for option in chosen.values() if option != NONE} - {0}


def _cost(state: State, jobs: Sequence[int], chosen: dict[int, int]) -> float:
    rows = state.rows
    return math.fsum(rows.unplaced[job] if chosen[job] == NONE else rows.option[chosen[job]][0] for job in jobs)
