"""Deciding for millions of components: once for each distinct version and surroundings, then looked up.

Everything is integer arrays. The outcomes themselves come from the policy's own table, so both ways agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
from numpy.typing import NDArray

from passmuster.model.advisory import Advisory
from passmuster.model.decision import NEEDS_PERSON
from passmuster.triage.clock import due_of, end_of
from passmuster.triage.points import Facts, look_up
from passmuster.triage.policy import Deadline, Point, Policy
from passmuster.triage.settle import settle

Ints = NDArray[np.int64]
NEVER = np.iinfo(np.int64).max
"""The deadline, in microseconds since 1970, of what has none."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class AdvisoryColumns:
    """Advisories as columns: for each point of the policy the place of its value, -1 where nobody knows it.

    `start_us` is when the clock started (microseconds since 1970; NEVER while it waits for a fix), `catalogue_us` the
    deadline a catalogue sets (NEVER: none).
    """

    points: Mapping[str, NDArray[np.int8]]
    start_us: Ints
    catalogue_us: Ints


@dataclass(frozen=True)
class Estate:
    """What runs: `hits` pair distinct versions with the advisories that affect them, sorted by version.

    `version` and `context` have one entry a component: which distinct version it is, and which of the contexts.
    """

    hit_version: Ints
    hit_advisory: Ints
    version: Ints
    context: Ints


@dataclass(frozen=True)
class BulkDecisions:
    """One entry a component: the worst outcome's place in `outcomes` (-1: nothing to decide), how many decisions, and
    the earliest deadline (NEVER: none).
    """

    outcomes: tuple[str, ...]
    worst: NDArray[np.int16]
    count: Ints
    due_us: Ints


def decide_in_bulk(
    policy: Policy, advisories: AdvisoryColumns, estate: Estate, contexts: Sequence[Mapping[str, str]]
) -> BulkDecisions:
    """Decide for every component; `contexts` give the points that depend on where a component runs."""
    outcomes = (*policy.outcomes, NEEDS_PERSON)
    signature, tables = _signatures(policy, advisories, contexts)
    deadlines = _deadlines(policy, outcomes, advisories)
    each = np.arange(len(advisories.start_us))
    size = int(estate.version.max(initial=-1)) + 1
    # Where each version's hits begin; versions without any have an empty stretch.
    bounds = np.searchsorted(estate.hit_version, np.arange(size + 1))
    worst = np.full((len(tables), size), -1, np.int16)
    due = np.full((len(tables), size), NEVER, np.int64)
    for number, table in enumerate(tables):
        # Numbers are small and dense: marking them is far quicker than sorting them to find the distinct ones.
        is_used = np.zeros(size, bool)
        is_used[estate.version[estate.context == number]] = True
        used = np.flatnonzero(is_used & (bounds[1:] > bounds[:-1]))
        which = table[signature]
        worst[number, used], due[number, used] = _per_version(
            used, bounds, estate.hit_advisory, which, deadlines[which, each]
        )
    cell = estate.context * size + estate.version
    return BulkDecisions(outcomes, worst.ravel()[cell], np.diff(bounds)[estate.version], due.ravel()[cell])


def _per_version(
    used: Ints, bounds: Ints, hits: Ints, which: NDArray[np.int16], dues: Ints
) -> tuple[NDArray[np.int16], Ints]:
    """The worst outcome and earliest deadline of each used version, all of which have hits, by one pass over these."""
    if not len(used):
        return np.array([], np.int16), np.array([], np.int64)
    lengths = bounds[used + 1] - bounds[used]
    ends = np.cumsum(lengths)
    offsets = ends - lengths
    rows = hits[np.arange(ends[-1]) + np.repeat(bounds[used] - offsets, lengths)]
    return np.minimum.reduceat(which[rows], offsets), np.minimum.reduceat(dues[rows], offsets)


def _signatures(
    policy: Policy, advisories: AdvisoryColumns, contexts: Sequence[Mapping[str, str]]
) -> tuple[Ints, list[NDArray[np.int16]]]:
    """A number for each distinct row of points, and for each context the outcome of every number."""
    radices = [len(point.values) + 1 for point in policy.points]
    signature = np.zeros(len(advisories.start_us), np.int64)
    for point, radix in zip(policy.points, radices, strict=True):
        signature = signature * radix + (advisories.points[point.name].astype(np.int64) + 1)
    choices = [[None, *point.values] for point in policy.points]
    tables = [
        np.array([_outcome(policy, values, context) for values in product(*choices)], np.int16) for context in contexts
    ]
    return signature, tables


def _outcome(policy: Policy, values: Sequence[str | None], context: Mapping[str, str]) -> int:
    """The place of the outcome; what the surroundings tell of a point goes before what the advisory does."""
    key = [context.get(point.name, value) for point, value in zip(policy.points, values, strict=True)]
    known = tuple(value for value in key if value is not None)
    return policy.rank(policy.table[known]) if len(known) == len(key) else len(policy.outcomes)


def _deadlines(policy: Policy, outcomes: Sequence[str], advisories: AdvisoryColumns) -> Ints:
    """The deadline of every advisory under every outcome: one row an outcome."""
    rows = np.full((len(outcomes), len(advisories.start_us)), NEVER, np.int64)
    for number, name in enumerate(outcomes):
        if name in policy.outcomes:
            rows[number] = _deadline(policy.outcomes[name].deadline, policy, advisories)
    return rows


def _deadline(deadline: Deadline, policy: Policy, advisories: AdvisoryColumns) -> Ints:
    start, due = advisories.start_us, np.full_like(advisories.start_us, NEVER)
    runs = start != NEVER
    if deadline.months or (deadline.days and not policy.counts_weekends):
        # Their length differs from start to start; few policies have them.
        due[runs] = [_due_us(deadline, us, policy) for us in start[runs].tolist()]
    elif deadline.hours or deadline.days:
        span = timedelta(hours=deadline.hours or 0, days=deadline.days or 0)
        due[runs] = start[runs] + span // timedelta(microseconds=1)
    if deadline.catalogue_date == "at_latest":
        return np.minimum(due, advisories.catalogue_us)
    is_set = (advisories.catalogue_us != NEVER) & (deadline.catalogue_date == "instead")
    return np.where(is_set, advisories.catalogue_us, due)


def _due_us(deadline: Deadline, start_us: int, policy: Policy) -> int:
    start = _EPOCH + timedelta(microseconds=start_us)
    due = due_of(deadline, start, catalogue_on=None, weekends=policy.counts_weekends)
    return NEVER if due is None else micros_of(due)


def columns_of(
    policy: Policy, advisories: Iterable[Advisory], starts: Iterable[datetime | None], *, of_context: Iterable[str]
) -> AdvisoryColumns:
    """Advisories as columns, unknown points guessed as ever; points in `of_context` are left to the contexts."""
    outside = frozenset(of_context)
    found: dict[str, list[int]] = {point.name: [] for point in policy.points}
    catalogue: list[int] = []
    for advisory in advisories:
        on = advisory.kev.due_on if advisory.kev else None
        catalogue.append(micros_of(end_of(on)) if on else NEVER)
        settled = settle(policy, look_up(policy, Facts(advisory)), advisory.scores)
        told = {value.name: value.value for value in settled.points}
        for point in policy.points:
            found[point.name].append(-1 if point.name in outside else _place(point, told.get(point.name)))
    return AdvisoryColumns(
        {name: np.array(places, np.int8) for name, places in found.items()},
        np.array([NEVER if start is None else micros_of(start) for start in starts], np.int64),
        np.array(catalogue, np.int64),
    )


def _place(point: Point, value: str | None) -> int:
    return -1 if value is None else point.values.index(value)


def micros_of(moment: datetime) -> int:
    """Microseconds since 1970 (UTC)."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
