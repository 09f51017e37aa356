"""Approving changes: by the right person, never the one who asked; elsewhere by number; the emergency path."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from passmuster.application.access import Action, Actor, NotAllowed, may, require
from passmuster.application.changes.authorship import approvals_of, join, require_other, taken_back
from passmuster.application.changes.change_facts import BEFORE, LookedAt, open_gates
from passmuster.application.changes.change_moments import window_is_over
from passmuster.application.changes.change_steps import (
    become,
    changing,
    gate_of,
    person_of,
    said,
    store_gates,
)
from passmuster.application.changes.gate_policy import anyone_enters, read_gate_policy
from passmuster.application.changes.gate_times import spell
from passmuster.application.storage.storing import home
from passmuster.errors import NotReady, UsageError
from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus, Tier
from passmuster.records.models import Change, Gate

# Looking for traces comes before anything is changed; no emergency makes it come after.
_NEVER_WAIVED = frozenset({GateKind.FORENSIC_TRIAGE})


def request_approval(actor: Actor, change: Change, *, note: str = "") -> Change:
    """Ask for approval; whoever asks cannot give it, nor whoever asked before."""
    person = person_of(actor, what="asking for approval")
    with changing(actor, Action.WORK_CHANGE, change, verb="request_approval", why=note) as (event, locked):
        if locked.status != ChangeStatus.PLANNED:
            raise NotReady(f"a change that is {locked.status.replace('_', ' ')} is not approved any more")
        gate_of(locked, GateKind.APPROVAL)
        event.after = taken_back(join(actor, locked, locked.requested_by_id, person))
        locked.requested_by_id = person
        locked.save(update_fields=["requested_by"])
    return change


def approve_change(actor: Actor, change: Change, *, note: str = "") -> Change:
    """Approve; the change is approved once enough people have. Raises NotAllowed for who asked, planned or does it."""
    with changing(actor, Action.APPROVE_CHANGE, change, verb="approve_change", why=note) as (event, locked):
        require_other(actor, locked)
        if locked.status != ChangeStatus.PLANNED:
            raise NotReady(f"a change that is {locked.status.replace('_', ' ')} is not approved any more")
        _require_to_come(locked, actor.now)
        gate = gate_of(locked, GateKind.APPROVAL)
        _require_role(actor, locked, gate)
        given = [
            each for each in approvals_of(gate) if actor.person_id != each.get("person") and actor.name != each["by"]
        ]
        mine = {"by": actor.name, "person": actor.person_id, "at": actor.now.isoformat()}
        gate.stated = {"approvals": [*given, mine]}
        _decide(gate, actor, note)
        _settle(locked, store_gates(locked, actor))
        event.after = {"approvals": [each["by"] for each in gate.stated["approvals"]]}
    return change


def _require_to_come(change: Change, now: datetime) -> None:
    """Raise NotReady where the window that would be approved has passed."""
    if window_is_over(change, now) and change.window_end_at:
        raise NotReady(f"its window was over at {spell(change.window_end_at)}; a new plan gives it another to approve")


def refuse_change(actor: Actor, change: Change, *, why: str) -> Change:
    """Refuse; it stays planned with a failed gate until it is approved after all, or cancelled."""
    reason = said(why, what="why")
    with changing(actor, Action.APPROVE_CHANGE, change, verb="refuse_change", why=reason) as (_event, locked):
        require_other(actor, locked)
        if locked.status not in BEFORE:
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
    """It was approved in the company's own system, as that number; entered by who might have approved it here.

    Where the policy says `external: by_anyone_on_it`, whoever works on changes there enters it too; never who is
    behind the change. Raises NotAllowed, NotReady, UsageError.
    """
    given = number.strip()
    action = _entering(actor, change)
    with changing(actor, action, change, verb="record_external_approval", why=note) as (_event, locked):
        require_other(actor, locked)
        if locked.status != ChangeStatus.PLANNED:
            raise NotReady(f"a change that is {locked.status.replace('_', ' ')} is not approved any more")
        _require_to_come(locked, actor.now)
        gate = gate_of(locked, GateKind.APPROVAL)
        if not anyone_enters(gate.requirement):
            require(actor, Action.APPROVE_CHANGE, locked.platform_id)
            _require_role(actor, locked, gate)
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


def _entering(actor: Actor, change: Change) -> Action:
    """By which right the number would be entered; the gate is asked again once the change is locked."""
    gate = _approval_of(change)
    if may(actor, Action.APPROVE_CHANGE, change.platform_id) or gate is None or not anyone_enters(gate.requirement):
        return Action.APPROVE_CHANGE
    return Action.WORK_CHANGE


def has_role(actor: Actor, change: Change, requirement: Mapping[str, Any]) -> bool:
    """Whether the actor has one of the duties the policy wants of who approves, beside the right; without any, yes."""
    wanted = requirement.get("roles") or ()
    return not wanted or any(role in wanted and where in (None, change.platform_id) for role, where in actor.counting)


def _require_role(actor: Actor, change: Change, gate: Gate | None) -> None:
    if gate is not None and not has_role(actor, change, gate.requirement):
        who = " or ".join(str(role).replace("_", " ") for role in gate.requirement["roles"])
        raise NotAllowed(f"the policy wants changes of this tier approved by an approver who is {who} too; ask one")


def _approval_of(change: Change) -> Gate | None:
    return Gate.objects.filter(change=change, kind=GateKind.APPROVAL).first()


def use_emergency_path(actor: Actor, change: Change, *, why: str) -> Change:
    """Pass over the open gates but for forensic triage, and over windows and freezes; justified to another in days."""
    person = person_of(actor, what="the emergency path")
    reason = said(why, what="why")
    with changing(actor, Action.USE_EMERGENCY_PATH, change, verb="use_emergency_path", why=reason) as (event, locked):
        if locked.status not in BEFORE:
            raise NotReady(f"a change that is {locked.status.replace('_', ' ')} needs no emergency path")
        if is_unjustified(locked):
            raise NotReady(
                "the emergency path was used already and is not justified yet; have an approver do that first"
            )
        event.after = taken_back(join(actor, locked, person))
        passed_over = [each for each in open_gates(store_gates(locked, actor)) if _can_be_waived(each)]
        Gate.objects.filter(pk__in=[each.gate.pk for each in passed_over]).update(status=GateStatus.WAIVED)
        terms = read_gate_policy(home()).tiers[Tier(locked.platform.tier)]
        locked.is_emergency, locked.emergency_reason, locked.emergency_at = True, reason, actor.now
        locked.emergency_by_id = person
        locked.justify_by_at = actor.now + timedelta(days=terms.justify_within_days)
        locked.justified_at, locked.justified_by, locked.justification = None, None, ""
        locked.save()
        passed = [each.gate.kind for each in passed_over]
        event.after = {**event.after, "passed_over": passed, "justify_by": locked.justify_by_at}
    return change


def is_unjustified(change: Change) -> bool:
    """Whether gates were passed over and nobody has found that right yet."""
    return change.is_emergency and change.justified_at is None


def _can_be_waived(looked: LookedAt) -> bool:
    return GateKind(looked.gate.kind) not in _NEVER_WAIVED


def justify_emergency(actor: Actor, change: Change, *, why: str) -> Change:
    """Accept that the emergency was one; by an approver who neither used the path nor is behind the change."""
    reason = said(why, what="why")
    with changing(actor, Action.APPROVE_CHANGE, change, verb="justify_emergency", why=reason) as (_event, locked):
        if not is_unjustified(locked):
            raise NotReady("there is no emergency to justify")
        require_other(actor, locked)
        _require_role(actor, locked, _approval_of(locked))
        locked.justification, locked.justified_at, locked.justified_by_id = reason, actor.now, actor.person_id
        locked.save(update_fields=["justification", "justified_at", "justified_by"])
    return change


def _decide(gate: Gate, actor: Actor, note: str) -> None:
    gate.note, gate.decided_by_id, gate.decided_at = note.strip()[:4_000], actor.person_id, actor.now
    gate.save(update_fields=["stated", "note", "decided_by", "decided_at"])


def _settle(change: Change, looked: Sequence[LookedAt]) -> None:
    """Approved once its approval gate holds; the others are asked again when it is deployed."""
    is_met = any(each.is_met for each in looked if each.gate.kind == GateKind.APPROVAL)
    if is_met and change.status == ChangeStatus.PLANNED:
        become(change, ChangeStatus.APPROVED)
        change.save(update_fields=["status"])
