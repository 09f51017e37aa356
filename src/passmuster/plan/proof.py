"""Search and proof piece by piece: jobs that share no limit and no predecessor are planned apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from passmuster.plan.bands import improve_by_bands
from passmuster.plan.cp_solve import Chunk, PartAnswer, solve_part
from passmuster.plan.effort import Effort
from passmuster.plan.instance import NONE
from passmuster.plan.reduce import pieces
from passmuster.plan.relaxation import Charges, Forest
from passmuster.plan.state import State

TOLERANCE = 1e-6
_MOST_OPTIONS = 30_000
"""Past this many options a piece is not solved as a whole."""
_MANY_OPTIONS = 4_000
_SHARE_OF_BANDS = 0.4
_SHARES = (0.4, 1.0)
"""Which share of what is left each round may take."""
_LEAST_UNITS = 0.02


@dataclass
class _Piece:
    jobs: list[int]
    options: int
    bound: float
    is_closed: bool = False

    def gap(self, state: State) -> float:
        return piece_cost(state, self.jobs) - self.bound


def improve_pieces(
    state: State, charges: Charges, effort: Effort, *, seed: int, progress: Callable[[str], None]
) -> float:
    """Make the plan cheaper in place; returns a bound that no cheaper plan can be below."""
    found = _pieces(state, charges)
    _improve_many(state, found, effort, seed=seed)
    progress(told(state.cost(), math.fsum(piece.bound for piece in found)))
    # Starting anew loses what was learnt: only where pieces differ is a first, short look worth it.
    for number, share in enumerate(_SHARES if len(found) > effort.workers else _SHARES[-1:]):
        open_ = [piece for piece in found if not piece.is_closed and piece.options <= _MOST_OPTIONS]
        if effort.is_over or not open_:
            break
        _round(state, open_, effort, effort.left * share, seed=seed + number)
        progress(told(state.cost(), math.fsum(piece.bound for piece in found)))
    return math.fsum(piece.bound for piece in found)


def _improve_many(state: State, found: list[_Piece], effort: Effort, *, seed: int) -> None:
    """Band by band where a piece has many options: all the time where it has too many to be solved as a whole."""
    many = [piece for piece in found if not piece.is_closed and piece.options > _MANY_OPTIONS]
    if not many or effort.is_over:
        return
    jobs = sum(len(piece.jobs) for piece in found if not piece.is_closed)
    for piece in many:
        share = _SHARE_OF_BANDS if piece.options <= _MOST_OPTIONS else 1.0
        improve_by_bands(state, piece.jobs, effort, effort.left * share * len(piece.jobs) / jobs, seed=seed)
        jobs -= len(piece.jobs)


def is_proved(cost: float, bound: float) -> bool:
    """Whether no plan can be cheaper by more than the tolerance."""
    return cost - bound <= TOLERANCE * abs(cost)


def told(cost: float, bound: float) -> str:
    """How far the plan is, in words."""
    return f"cost {cost:.6g}, at most {max(0.0, cost - bound) / max(cost, 1e-9):.2%} above the best possible"


def piece_cost(state: State, jobs: Sequence[int]) -> float:
    """What these jobs and the windows they use cost; the windows must be used by no other job."""
    rows = state.rows
    chosen = [state.chosen[job] for job in jobs]
    parts = [rows.unplaced[job] if o == NONE else rows.option[o][0] for job, o in zip(jobs, chosen, strict=True)]
    windows = {rows.option[option][3] for option in chosen if option != NONE} - {0}
    return math.fsum(parts) + rows.instance.window_cost * len(windows)


def _pieces(state: State, charges: Charges) -> list[_Piece]:
    instance = state.rows.instance
    of_job, of_limit = pieces(instance)
    bounds = Forest(instance).bounds_by_piece(charges.on(of_limit != NONE, instance), of_job, of_limit)
    members: dict[int, list[int]] = {}
    for job, label in enumerate(of_job.tolist()):
        members.setdefault(label, []).append(job)
    found = []
    for label, jobs in members.items():
        piece = _Piece(jobs, sum(len(instance.options_of(job)) for job in jobs), float(bounds[label]))
        cost = piece_cost(state, jobs)
        piece.is_closed = cost - piece.bound <= TOLERANCE / 10 * abs(cost)
        found.append(piece)
    return found


def _round(state: State, found: list[_Piece], effort: Effort, units: float, *, seed: int) -> None:
    """Solve each piece within its share, some at a time where the clock decides."""
    waiting = sorted(found, key=lambda piece: (-piece.gap(state), piece.jobs[0]))
    left = units
    while waiting and not effort.is_over:
        batch, waiting = waiting[: effort.workers], waiting[effort.workers :]
        share = left * effort.workers / (len(batch) + len(waiting)) if len(found) > effort.workers else left
        chunk = Chunk(max(share, _LEAST_UNITS), seed)
        begin = effort.done
        for piece, answer in zip(batch, _solved(state, batch, effort, chunk), strict=True):
            effort.spend(answer.units)
            _take_over(state, piece, answer)
        left -= effort.done - begin


def _solved(state: State, batch: list[_Piece], effort: Effort, chunk: Chunk) -> Iterator[PartAnswer]:
    if len(batch) == 1:
        yield solve_part(state, batch[0].jobs, effort, chunk)
        return
    with ThreadPoolExecutor(len(batch)) as pool:
        yield from list(pool.map(lambda piece: solve_part(state, piece.jobs, effort, chunk), batch))


def _take_over(state: State, piece: _Piece, answer: PartAnswer) -> None:
    piece.bound = max(piece.bound, answer.bound)
    before = piece_cost(state, piece.jobs)
    if answer.chosen is not None:
        old = {job: state.chosen[job] for job in piece.jobs}
        move(state, answer.chosen)
        if piece_cost(state, piece.jobs) > before:
            move(state, old)
    piece.bound = min(piece.bound, piece_cost(state, piece.jobs))
    cost = piece_cost(state, piece.jobs)
    piece.is_closed = answer.is_proved or cost - piece.bound <= TOLERANCE / 10 * abs(cost)


def move(state: State, chosen: dict[int, int]) -> None:
    """Give each of these jobs that option instead of the one it has."""
    for job in chosen:
        state.take(job)
    for job, option in chosen.items():
        if option != NONE:
            state.put(job, option)
