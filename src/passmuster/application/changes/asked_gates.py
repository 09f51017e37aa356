"""The gates a change is asked for: those of the plan that is adopted, and what a higher tier adds until the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from passmuster.application.access import Action, Actor
from passmuster.application.changes.change_facts import BEFORE
from passmuster.application.changes.change_steps import changing, store_gates
from passmuster.application.changes.gate_policy import GatePolicy, PatchFacts, gates_for
from passmuster.model.keeping import ChangeStatus, GateKind, Stage, Tier
from passmuster.records.models import Change, Gate

# Which of two values of a requirement asks for more.
_STRICTER: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    **dict.fromkeys(("soak_hours", "notice_days", "approvers"), max),
    **dict.fromkeys(("backup_age_hours", "restore_proof_days"), min),
}


def wanted_gates(policy: GatePolicy, change: Change) -> dict[GateKind, dict[str, Any]]:
    """What the policy asks of the change, by the tier of its platform now."""
    stage = Stage(change.environment.stage) if change.environment else Stage.PRODUCTION
    facts = PatchFacts(
        is_exploited=change.is_exploited,
        severity=change.severity,
        needs_forensics=change.needs_forensics,
        by_vendor=change.by_vendor,
        is_rehearsal=stage is not Stage.PRODUCTION,
        due_at=change.due_at,
        learned_at=change.learned_at,
        disclosed_at=change.disclosed_at,
    )
    return gates_for(policy, Tier(change.platform.tier), facts)


def set_gates(change: Change, policy: GatePolicy) -> None:
    """The gates the policy asks now; what was stated at one that stays is kept."""
    wanted = wanted_gates(policy, change)
    change.gates.exclude(kind__in=list(wanted)).filter(decided_at__isnull=True).delete()
    there = {gate.kind: gate for gate in change.gates.all()}
    for kind, requirement in wanted.items():
        if kind in there:
            Gate.objects.filter(pk=there[kind].pk).update(requirement=requirement)
        else:
            Gate.objects.create(change=change, kind=kind, requirement=requirement)


def tightened(asked: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The requirement with what the policy wants more of; what it wants less of stays until a plan is adopted. Pure."""
    stricter = {
        name: choose((asked[name], wanted[name]))
        for name, choose in _STRICTER.items()
        if name in asked and name in wanted
    }
    return {**asked, **stricter}


def tighten_gates(actor: Actor, change: Change, policy: GatePolicy) -> list[str]:
    """Add to a change before its window what its platform's tier asks by now; returns the gates that ask for more."""
    if not _missing(change, policy):
        return []
    with changing(actor, Action.WORK_CHANGE, change, verb="tighten_gates") as (event, locked):
        more = _missing(locked, policy) if locked.status in BEFORE else {}
        event.is_silent = not more
        for kind, requirement in more.items():
            Gate.objects.update_or_create(change=locked, kind=kind, defaults={"requirement": requirement})
        looked = store_gates(locked, actor)
        is_approved = all(each.is_met for each in looked if each.gate.kind == GateKind.APPROVAL)
        if locked.status == ChangeStatus.APPROVED and not is_approved:
            locked.status = ChangeStatus.PLANNED
            locked.save(update_fields=["status"])
        event.after = {"tier": locked.platform.tier, "gates": sorted(more)}
    return sorted(more)


def _missing(change: Change, policy: GatePolicy) -> dict[GateKind, dict[str, Any]]:
    """The gates that are not asked for yet, or not as strictly, with what is to be asked."""
    there = {gate.kind: gate.requirement for gate in change.gates.all()}
    wanted = wanted_gates(policy, change)
    asked = {kind: tightened(there[kind], each) if kind in there else each for kind, each in wanted.items()}
    return {kind: each for kind, each in asked.items() if each != there.get(kind)}
