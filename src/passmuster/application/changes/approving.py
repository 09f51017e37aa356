"""Approving changes: by the right person, never the one who asked; elsewhere by number; the emergency path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from passmuster.application.access import Action, Actor, NotAllowed, may, require_another
from passmuster.application.changes.change_facts import LookedAt, open_gates
from passmuster.application.changes.change_steps import (
    NotReady,
    become,
    changing,
    gate_of,
    person_of,
    said,
    store_gates,
)
from passmuster.application.changes.gate_policy import read_gate_policy
from passmuster.application.storage.storing import home
from passmuster.errors import UsageError
from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus, Tier
from passmuster.records.models import Change, Gate, Plan

_BEFORE = (ChangeStatus.PLANNED, ChangeStatus.APPROVED)
# Looking for traces comes before anything is changed; no emergency makes it come after.
_NEVER_WAIVED = frozenset({GateKind.FORENSIC_TRIAGE})


def request_approval(actor: Actor, change: Change, *, note: str = "") -> Change:
    """Ask for approval; whoever asks cannot give it."""
    person = person_of(actor, what="asking for approval")
    with changing(actor, Action.WORK_CHANGE, change, verb="request_approval", why=note) as (_event, locked):
        if locked.status != ChangeStatus.PLANNED:
            raise NotReady(f"a change that is {locked.status.replace('_', ' ')} is not approved any more")
        gate_of(locked, GateKind.APPROVAL)
        locked.requested_by_id = person
        locked.save(update_fields=["requested_by"])
    return change


def approve_change(actor: Actor, change: Change, *, note: str = "") -> Change:
    """Approve; the change is approved once enough people have. Raises NotAllowed for who asked, planned or does it."""
    with changing(actor, Action.APPROVE_CHANGE, change, verb="approve_change", why=note) as (event, locked):
        _require_another(actor, locked)
        if locked.status != ChangeStatus.PLANNED:
            raise NotReady(f"a change that is {locked.status.replace('_', ' ')} is not approved any more")
        gate = gate_of(locked, GateKind.APPROVAL)
        given = [each for each in gate.stated.get("approvals", ()) if each["by"] != actor.name]
        gate.stated = {"approvals": [*given, {"by": actor.name, "at": actor.now.isoformat()}]}
        _decide(gate, actor, note)
        _settle(locked, store_gates(locked, actor))
        event.after = {"approvals": [each["by"] for each in gate.stated["approvals"]]}
    return change


def refuse_change(actor: Actor, change: Change, *, why: str) -> Change:
    """Refuse; it stays planned with a failed gate until it is approved after all, or cancelled."""
    reason = said(why, what="why")
    with changing(actor, Action.APPROVE_CHANGE, change, verb="refuse_change", why=reason) as (_event, locked):
        _require_another(actor, locked)
        if locked.status not in _BEFORE:
            raise NotReady(f"a change that is {locked.status.replace('_', ' ')} is not decided any more")
        gate = gate_of(locked, GateKind.APPROVAL)
        gate.stated = {"result": "refused"}
        _decide(gate, actor, reason)
        locked.external_approval = ""
        locked.status = ChangeStatus.PLANNED
        locked.save(update_fields=["external_approval", "status"])
        store_gates(locked, actor)
    return change


def record_external_approval(actor: Actor, change: Change, number: str, *, note: str = "") -> Change:
    """It was approved in the company's own system, as that number; whoever asked cannot enter it either."""
    given = number.strip()
    action = Action.APPROVE_CHANGE if may(actor, Action.APPROVE_CHANGE, change.platform_id) else Action.WORK_CHANGE
    with changing(actor, action, change, verb="record_external_approval", why=note) as (_event, locked):
        _require_another(actor, locked)
        if locked.status != ChangeStatus.PLANNED:
            raise NotReady(f"a change that is {locked.status.replace('_', ' ')} is not approved any more")
        gate = gate_of(locked, GateKind.APPROVAL)
        pattern = gate.requirement.get("approved_elsewhere")
        if not pattern:
            raise UsageError("the policy takes no approval from elsewhere for this tier")
        if len(given) > 64 or not re.search(pattern, given):
            raise UsageError(f"number: {given[:80]!r} does not fit {pattern}, the numbers the policy takes")
        locked.external_approval = given
        locked.save(update_fields=["external_approval"])
        _decide(gate, actor, note or f"approved elsewhere as {given}")
        _settle(locked, store_gates(locked, actor))
    return change


def use_emergency_path(actor: Actor, change: Change, *, why: str) -> Change:
    """Pass over the open gates, but for forensic triage; it must be justified to somebody else within days."""
    person = person_of(actor, what="the emergency path")
    reason = said(why, what="why")
    with changing(actor, Action.USE_EMERGENCY_PATH, change, verb="use_emergency_path", why=reason) as (event, locked):
        if locked.status not in _BEFORE:
            raise NotReady(f"a change that is {locked.status.replace('_', ' ')} needs no emergency path")
        passed_over = [each for each in open_gates(store_gates(locked, actor)) if _can_be_waived(each)]
        Gate.objects.filter(pk__in=[each.gate.pk for each in passed_over]).update(status=GateStatus.WAIVED)
        terms = read_gate_policy(home()).tiers[Tier(locked.platform.tier)]
        locked.is_emergency, locked.emergency_reason, locked.emergency_at = True, reason, actor.now
        locked.emergency_by_id = person
        locked.justify_by_at = actor.now + timedelta(days=terms.justify_within_days)
        locked.justified_at, locked.justified_by, locked.justification = None, None, ""
        locked.save()
        event.after = {"passed_over": [each.gate.kind for each in passed_over], "justify_by": locked.justify_by_at}
    return change


def _can_be_waived(looked: LookedAt) -> bool:
    return GateKind(looked.gate.kind) not in _NEVER_WAIVED


def justify_emergency(actor: Actor, change: Change, *, why: str) -> Change:
    """Accept that the emergency was one; by an approver who did not use the path."""
    reason = said(why, what="why")
    with changing(actor, Action.APPROVE_CHANGE, change, verb="justify_emergency", why=reason) as (_event, locked):
        if not locked.is_emergency or locked.justified_at is not None:
            raise NotReady("there is no emergency to justify")
        require_another(actor, author_id=locked.emergency_by_id, what="emergency")
        locked.justification, locked.justified_at, locked.justified_by_id = reason, actor.now, actor.person_id
        locked.save(update_fields=["justification", "justified_at", "justified_by"])
    return change


def may_decide(actor: Actor, change: Change) -> bool:
    """Whether the person is none of those who asked, planned or carry it out."""
    return actor.person_id is not None and actor.person_id not in _authors(change)


def _require_another(actor: Actor, change: Change) -> None:
    if not may_decide(actor, change):
        raise NotAllowed("nobody decides on their own change; ask another approver")


def _authors(change: Change) -> frozenset[int]:
    # The plan's documents are large; who adopted it is asked alone.
    planner = Plan.objects.filter(pk=change.plan_id or 0).values_list("adopted_by_id", flat=True).first()
    found = (change.requested_by_id, change.owner_id, planner)
    return frozenset(each for each in found if each is not None)


def _decide(gate: Gate, actor: Actor, note: str) -> None:
    gate.note, gate.decided_by_id, gate.decided_at = note.strip()[:4_000], actor.person_id, actor.now
    gate.save(update_fields=["stated", "note", "decided_by", "decided_at"])


def _settle(change: Change, looked: Sequence[LookedAt]) -> None:
    """Approved once its approval gate holds; the others are asked again when it is deployed."""
    is_met = any(each.is_met for each in looked if each.gate.kind == GateKind.APPROVAL)
    if is_met and change.status == ChangeStatus.PLANNED:
        become(change, ChangeStatus.APPROVED)
        change.save(update_fields=["status"])
