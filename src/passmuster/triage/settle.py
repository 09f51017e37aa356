"""From known points to an outcome: what is unknown is assumed, estimated or left to a person, as the policy states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from passmuster.model.advisory import Score
from passmuster.model.decision import NEEDS_PERSON, Basis, PointValue
from passmuster.triage.estimate import read_vector
from passmuster.triage.policy import Point, Policy


@dataclass(frozen=True)
class Settled:
    """Points with how each came by its value, the outcome, and the worst it could be where a person must answer."""

    points: tuple[PointValue, ...]
    outcome: str
    missing: tuple[str, ...] = ()
    at_worst: str = ""


def settle(policy: Policy, known: Mapping[str, PointValue], scores: Sequence[Score] = ()) -> Settled:
    """The outcome for points in the policy's words; `scores` are what unknown ones may be read from."""
    points = [known.get(point.name) or _guess(point, scores) for point in policy.points]
    told = tuple(value for value in points if value is not None)
    missing = tuple(point.name for point, value in zip(policy.points, points, strict=True) if value is None)
    choices = [(value.value,) if value else point.values for point, value in zip(policy.points, points, strict=True)]
    worst = min((policy.table[key] for key in product(*choices)), key=policy.rank)
    return Settled(told, NEEDS_PERSON, missing, worst) if missing else Settled(told, worst)


def _guess(point: Point, scores: Sequence[Score]) -> PointValue | None:
    unknown = point.unknown
    if unknown.assume is not None:
        return PointValue(point.name, unknown.assume, unknown.because, basis=Basis.ASSUMED)
    read = read_vector(unknown.estimate, scores)
    if read is None:
        return None
    value, score = read
    return PointValue(point.name, value, f"estimated from {score.vector}", basis=Basis.ESTIMATED)
