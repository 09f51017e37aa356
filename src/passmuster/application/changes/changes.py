"""Changes carried out: gates stated, deployed, verified, failed, rolled back, tried again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from passmuster.application.access import Action, Actor
from passmuster.application.changes.change_facts import open_gates
from passmuster.application.changes.change_steps import (
    NotReady,
    become,
    changing,
    gate_of,
    person_of,
    said,
    store_gates,
)
from passmuster.application.changes.gate_statements import TRACES_FOUND, read_statement
from passmuster.application.people.guests import refuse_guest
from passmuster.application.requests.consulting import consult_about_change
from passmuster.errors import UsageError
from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus
from passmuster.records.models import Change, Evidence, Gate, Person

_BEFORE = (ChangeStatus.PLANNED, ChangeStatus.APPROVED)
# How a person may verify; by version only a look can.
VERIFIED_BY_PEOPLE = ("behaviour_test", "vendor_statement")


def record_gate(
    actor: Actor,
    change: Change,
    kind: GateKind,
    *,
    note: str,
    facts: Mapping[str, Any] | None = None,
    evidence: Evidence | None = None,
) -> Gate:
    """State what was seen for one gate; whether it holds is then computed. Raises NotAllowed, UsageError, NotReady."""
    person = person_of(actor, what="stating what was seen")
    stated = read_statement(kind, facts or {}, note, now=actor.now)
    with changing(actor, Action.WORK_CHANGE, change, verb="record_gate", why=note) as (event, locked):
        if not locked.by_vendor and locked.status not in _BEFORE:
            raise NotReady(f"a change that is {locked.status.replace('_', ' ')} has no gates to pass")
        gate = gate_of(locked, kind)
        event.before = {"gate": kind.value, "stated": gate.stated, "note": gate.note}
        gate.stated, gate.note, gate.evidence = stated, note.strip()[:4_000], _usable(evidence, locked)
        gate.decided_by_id, gate.decided_at = person, actor.now
        gate.save(update_fields=["stated", "note", "evidence", "decided_by", "decided_at"])
        store_gates(locked, actor)
        if kind is GateKind.FORENSIC_TRIAGE and stated.get("result") == TRACES_FOUND:
            consult_about_change(actor, locked, "traces of an attacker were found")
        gate.refresh_from_db()
        evidence_id = evidence.pk if evidence else None
        event.after = {"gate": kind.value, "stated": stated, "status": gate.status, "evidence": evidence_id}
    return gate


def _usable(evidence: Evidence | None, change: Change) -> Evidence | None:
    if evidence is not None and evidence.platform_id not in (None, change.platform_id):
        raise UsageError("the evidence belongs to another platform")
    return evidence


def name_owner(actor: Actor, change: Change, owner_id: int | None, *, why: str = "") -> Change:
    """Say who carries the change out; never a guest."""
    refuse_guest(Person.objects.filter(pk=owner_id).first() if owner_id else None)
    with changing(actor, Action.WORK_CHANGE, change, verb="name_change_owner", why=why) as (event, locked):
        event.before, event.after = {"owner": locked.owner_id}, {"owner": owner_id}
        locked.owner_id = owner_id
        locked.save(update_fields=["owner"])
    return change


def record_deployment(actor: Actor, change: Change, *, note: str = "", at: datetime | None = None) -> Change:
    """It is in place, not done. Refused while a gate is open, but for what the vendor applied, which is a fact.

    `at` is when it happened, not in the future. Raises NotAllowed, NotReady, UsageError.
    """
    moment = at or actor.now
    if moment > actor.now + timedelta(minutes=5):
        raise UsageError("at: has not come yet; state what has happened")
    with changing(actor, Action.WORK_CHANGE, change, verb="record_deployment", why=note) as (event, locked):
        missing = open_gates(store_gates(locked, actor))
        if missing and not locked.by_vendor:
            told = "; ".join(f"{each.gate.kind.replace('_', ' ')}: {each.verdict.words}" for each in missing)
            raise NotReady(f"not deployed yet: {told}")
        become(locked, ChangeStatus.DEPLOYED)
        locked.deployed_at, locked.outcome_note = moment, note.strip()
        locked.save(update_fields=["status", "deployed_at", "outcome_note"])
        event.after = {"open_gates": [each.gate.kind for each in missing]}
    return change


def verify_change(actor: Actor, change: Change, *, by: str, note: str, at: datetime | None = None) -> Change:
    """It works as it should, by a behaviour test or by the vendor's statement; by version only a look verifies.

    Raises NotAllowed, NotReady, UsageError.
    """
    if by not in VERIFIED_BY_PEOPLE:
        raise UsageError(f"by: {by!r} is none of {', '.join(VERIFIED_BY_PEOPLE)}; a version is verified by a look")
    if by == "vendor_statement" and not change.by_vendor:
        raise UsageError("by: the vendor's statement verifies what the vendor applied; test how it behaves")
    person_of(actor, what="verifying by test or statement")
    why = said(note, what="note")
    with changing(actor, Action.WORK_CHANGE, change, verb="verify_change", why=why) as (_event, locked):
        _verified(locked, by, why, at or actor.now)
    return change


def _verified(locked: Change, by: str, note: str, at: datetime) -> None:
    become(locked, ChangeStatus.VERIFIED)
    if locked.deployed_at and at < locked.deployed_at:
        raise UsageError("at: is before it was deployed")
    locked.verified_by, locked.verified_note, locked.verified_at = by, note, at
    locked.save(update_fields=["status", "verified_by", "verified_note", "verified_at"])


def verify_by_version(actor: Actor, change: Change, *, seen: str, at: datetime) -> Change:
    """A look at `at` shows the fixed version. Called by the schedule."""
    with changing(actor, Action.WORK_CHANGE, change, verb="verify_change", why=seen) as (_event, locked):
        _verified(locked, "version", seen, at)
    return change


def record_failure(actor: Actor, change: Change, *, why: str) -> Change:
    """It did not work."""
    return _went_wrong(actor, change, ChangeStatus.FAILED, "record_failure", why)


def record_rollback(actor: Actor, change: Change, *, why: str) -> Change:
    """It was taken back."""
    return _went_wrong(actor, change, ChangeStatus.ROLLED_BACK, "record_rollback", why)


def record_regression(actor: Actor, change: Change, *, why: str) -> Change:
    """It was verified, and what it mended is there again."""
    return _went_wrong(actor, change, ChangeStatus.REGRESSED, "record_regression", why)


def _went_wrong(actor: Actor, change: Change, status: ChangeStatus, verb: str, why: str) -> Change:
    reason = said(why, what="why")
    with changing(actor, Action.WORK_CHANGE, change, verb=verb, why=reason) as (_event, locked):
        become(locked, status)
        locked.outcome_note = reason
        locked.save(update_fields=["status", "outcome_note"])
    return change


def replan_change(actor: Actor, change: Change, *, why: str, window: tuple[datetime, datetime] | None = None) -> Change:
    """Try again: planned anew, in `window` where one is known; the gates of the new try are open."""
    reason = said(why, what="why")
    with changing(actor, Action.WORK_CHANGE, change, verb="replan_change", why=reason) as (_event, locked):
        if locked.status in _BEFORE:
            raise NotReady("the change is still before its window; adopt a plan that moves it")
        start_again(locked, window)
    return change


def start_again(locked: Change, window: tuple[datetime, datetime] | None) -> None:
    """Back to planned, with open gates and an emergency's traces kept in the record alone."""
    become(locked, ChangeStatus.PLANNED)
    locked.attempt += 1
    locked.window_start_at, locked.window_end_at = window or (None, None)
    locked.deployed_at = locked.verified_at = None
    locked.verified_by = locked.verified_note = locked.external_approval = ""
    if not locked.is_emergency or locked.justified_at:
        locked.is_emergency, locked.justify_by_at, locked.justified_at = False, None, None
    locked.save()
    clear_gates(locked)


def clear_gates(locked: Change, kinds: Sequence[GateKind] = tuple(GateKind)) -> None:
    """Open the gates of these kinds: what was stated was of another try."""
    locked.gates.filter(kind__in=kinds).update(
        status=GateStatus.OPEN, stated={}, finding="", note="", evidence=None, decided_by=None, decided_at=None
    )


def cancel_change(actor: Actor, change: Change, *, why: str) -> Change:
    """It will not be done."""
    reason = said(why, what="why")
    with changing(actor, Action.WORK_CHANGE, change, verb="cancel_change", why=reason) as (_event, locked):
        become(locked, ChangeStatus.CANCELLED)
        locked.outcome_note = reason
        locked.save(update_fields=["status", "outcome_note"])
    return change
