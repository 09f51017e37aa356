"""Triaging: decisions by a policy, for one combination of points or for what an organisation runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from passmuster.model.decision import Decision
from passmuster.triage.asked import decide_points, read_points
from passmuster.triage.policy import Policy
from passmuster.triage.policy_load import DEFAULT, find_policy


@dataclass(frozen=True)
class Triage:
    """Decisions, worst first, and what a reader must be told beside them."""

    decisions: tuple[Decision, ...]
    as_of: datetime
    warnings: tuple[str, ...] = ()


def triage_points(text: str, *, policy: str = DEFAULT, as_of: datetime | None = None) -> Triage:
    """One decision for points written `name=value,...`; raises PassmusterError."""
    chosen = find_policy(policy)
    moment = (as_of or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    decision = decide_points(chosen, read_points(text, chosen), as_of=moment)
    return Triage((decision,), moment, policy_warnings(chosen, moment))


def policy_warnings(policy: Policy, as_of: datetime) -> tuple[str, ...]:
    """That the policy was not in force at that time, and which key or option mends it."""
    day = as_of.astimezone(UTC).date()
    if policy.applied_on(day):
        return ()
    span = f"from {policy.valid_from}" + (f" until {policy.valid_until}" if policy.valid_until else "")
    return (
        f"{policy.id} {policy.version} applied {span}, not on {day}; "
        "name the policy of that time with --policy, or another time with --as-of",
    )
