"""Which decision a reader sees first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from passmuster.model.decision import NEEDS_PERSON, Action, Decision

_LAST = datetime(9999, 1, 1, tzinfo=UTC)


def worst_first(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """What is known to be worst before what is only taken to be; then by deadline, likelihood, name."""
    return tuple(sorted(decisions, key=_key))


def _key(decision: Decision) -> tuple[object, ...]:
    return (
        decision.action is Action.NONE,
        decision.outcome == NEEDS_PERSON and decision.action is not Action.HUNT,
        decision.rank,
        len(decision.assumed) + len(decision.estimated),
        decision.due_at or _LAST,
        -(decision.epss or 0.0),
        decision.advisory,
        decision.component,
        decision.environment,
        decision.component_id,
    )
