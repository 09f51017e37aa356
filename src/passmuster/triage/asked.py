"""Points as somebody writes them on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from passmuster.errors import UsageError
from passmuster.model.decision import NEEDS_PERSON, Action, Basis, Decision, PointValue, Times
from passmuster.triage.clock import due_of, start_of
from passmuster.triage.policy import Policy
from passmuster.triage.sentence import sentence_of_points
from passmuster.triage.settle import settle
from passmuster.triage.spelling import plain_word


def read_points(text: str, policy: Policy) -> dict[str, str]:
    """`name=value,...` as the policy's own names and values; raises UsageError with every mistake.

    A point left out, or `unknown`, is not among them.
    """
    found: dict[str, str] = {}
    mistakes = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, word = part.partition("=")
        point = policy.point(name)
        if not equals:
            mistakes.append(f"{part!r} has no value; write NAME=VALUE")
        elif point is None:
            mistakes.append(f"{name.strip()!r} is no point of {policy.id}; known are {_names(policy)}")
        elif point.name in found:
            mistakes.append(f"{point.name} is given twice")
        elif plain_word(word) in ("unknown", ""):
            continue
        elif (value := point.value_of(word)) is None:
            mistakes.append(f"{word.strip()!r} is no value of {point.name}; known are {', '.join(point.values)}")
        else:
            found[point.name] = value
    if mistakes:
        raise UsageError("\n".join(f"--points: {mistake}" for mistake in mistakes))
    return found


def _names(policy: Policy) -> str:
    return ", ".join(point.name for point in policy.points)


def decide_points(policy: Policy, given: Mapping[str, str], *, as_of: datetime) -> Decision:
    """The decision for one combination, asked at `as_of`; the clock starts there, as nothing else is known."""
    known = {name: PointValue(name, value, "given", as_of, Basis.GIVEN) for name, value in given.items()}
    settled = settle(policy, known)
    is_open = settled.outcome == NEEDS_PERSON
    outcome = policy.outcomes.get(settled.outcome)
    started, reason = start_of(policy.clock, Times(), kev_on=None, has_fix=True, as_of=as_of)
    due = due_of(outcome.deadline, started, catalogue_on=None, weekends=policy.counts_weekends) if outcome else None
    return Decision(
        advisory="",
        component="",
        policy=policy.id,
        policy_version=policy.version,
        points=settled.points,
        outcome=settled.outcome,
        action=outcome.action if outcome else Action.NONE,
        reason=sentence_of_points(policy, settled, due),
        steps=("forensic_triage", "patch") if outcome and outcome.forensics_first else (),
        clock_started_at=started,
        clock_reason=reason,
        due_at=due,
        if_affected=settled.at_worst if is_open else "",
        rank=policy.rank(settled.outcome),
    )
