"""Changes carried out: gates stated, deployed, verified, failed, rolled back, tried again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from passmuster.application.access import Action, Actor
from passmuster.application.changes.affected_apps import unknown_apps
from passmuster.application.changes.authorship import join, require_no_approver, taken_back
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
from passmuster.application.changes.gate_times import NOTED, first_noted, spell
from passmuster.application.people.guests import refuse_guest
from passmuster.application.requests.consulting import consult_about_change
from passmuster.errors import UsageError
from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus
from passmuster.records.models import Change, Evidence, Gate, Person

_BEFORE = (ChangeStatus.PLANNED, ChangeStatus.APPROVED)
# How a person may verify; by version only a look can.
VERIFIED_BY_PEOPLE = ("behaviour_test", "vendor_statement")
_MARGIN = timedelta(minutes=5)


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
        stated |= _looked_up(kind, stated, locked)
        if "told_at" in stated:
            stated[NOTED] = first_noted(gate.stated, gate.decided_at, stated, actor.now)
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


def _looked_up(kind: GateKind, stated: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """What the records tell of a statement: the person who is named, and the apps that no look shows."""
    if kind is GateKind.ROLLBACK_PLAN:
        return {"owner": _person_named(stated["owner"]).email}
    if kind is GateKind.APPS_NAMED:
        unknown = unknown_apps(change.platform, stated["apps"])
        return {"not_in_inventory": unknown} if unknown else {}
    return {}


def _person_named(text: str) -> Person:
    """One of our own people, by mail address or by a name that only one of them has; raises UsageError."""
    ours = Person.objects.filter(Q(email__iexact=text) | Q(name__iexact=text), is_active=True, vendor=None)
    found = list(ours.order_by("pk")[:2])
    if len(found) != 1:
        told = "more than one of your people is called" if found else "none of your people is"
        raise UsageError(f"rollback plan: owner: {told} {text!r}; give a mail address")
    return found[0]


def _usable(evidence: Evidence | None, change: Change) -> Evidence | None:
    if evidence is not None and evidence.platform_id not in (None, change.platform_id):
        raise UsageError("the evidence belongs to another platform")
    return evidence


def name_owner(actor: Actor, change: Change, owner_id: int | None, *, why: str = "") -> Change:
    """Say who carries the change out: one of our own people, or (None) nobody yet.

    Who was named before stays behind the change, and what the new owner approved of it counts no more. Raises
    NotAllowed, UsageError.
    """
    refuse_guest(Person.objects.filter(pk=owner_id).first() if owner_id else None)
    if owner_id is not None and not Person.objects.filter(pk=owner_id, is_active=True).exists():
        raise UsageError("owner: choose somebody of your own who is active")
    with changing(actor, Action.WORK_CHANGE, change, verb="name_change_owner", why=why) as (event, locked):
        event.after = taken_back(join(actor, locked, locked.owner_id, owner_id))
        locked.owner_id = owner_id
        locked.save(update_fields=["owner"])
    return change


def record_deployment(actor: Actor, change: Change, *, note: str = "", at: datetime | None = None) -> Change:
    """It is in place, not done. Refused while a gate is open, but for what the vendor applied, which is a fact.

    `at` is when it happened: not in the future, and not before this try was planned; when it was written down is kept
    beside it. Raises NotAllowed, NotReady, UsageError.
    """
    moment = at or actor.now
    if moment > actor.now + _MARGIN:
        raise UsageError("at: has not come yet; state what has happened")
    with changing(actor, Action.WORK_CHANGE, change, verb="record_deployment", why=note) as (event, locked):
        if not locked.by_vendor:
            _require_after_planning(locked, moment)
            require_no_approver(actor, locked)
        missing = open_gates(store_gates(locked, actor))
        if missing and not locked.by_vendor:
            told = "; ".join(f"{each.gate.kind.replace('_', ' ')}: {each.verdict.words}" for each in missing)
            raise NotReady(f"not deployed yet: {told}")
        become(locked, ChangeStatus.DEPLOYED)
        locked.deployed_at, locked.deployed_noted_at, locked.outcome_note = moment, actor.now, note.strip()
        locked.save(update_fields=["status", "deployed_at", "deployed_noted_at", "outcome_note"])
        join(actor, locked, actor.person_id)
        event.after = {"open_gates": [each.gate.kind for each in missing]}
    return change


def _require_after_planning(locked: Change, moment: datetime) -> None:
    planned_at = locked.attempt_at or locked.created_at
    if moment < planned_at:
        raise UsageError(f"at: is before {spell(planned_at)}, when this try was planned; name a time since then")


def verify_change(actor: Actor, change: Change, *, by: str, note: str, at: datetime | None = None) -> Change:
    """It works as it should, by a behaviour test or by the vendor's statement; by version only a look verifies.

    Raises NotAllowed, NotReady, UsageError.
    """
    if by not in VERIFIED_BY_PEOPLE:
        raise UsageError(f"by: {by!r} is none of {', '.join(VERIFIED_BY_PEOPLE)}; a version is verified by a look")
    if by == "vendor_statement" and not change.by_vendor:
        raise UsageError("by: the vendor's statement verifies what the vendor applied; test how it behaves")
    person_of(actor, what="verifying by test or statement")
    why, moment = said(note, what="note"), at or actor.now
    if moment > actor.now + _MARGIN:
        raise UsageError("at: has not come yet; state what has happened")
    with changing(actor, Action.WORK_CHANGE, change, verb="verify_change", why=why) as (_event, locked):
        _verified(locked, by, why, moment)
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
        start_again(locked, window, now=actor.now)
        join(actor, locked, actor.person_id)
    return change


def start_again(locked: Change, window: tuple[datetime, datetime] | None, *, now: datetime) -> None:
    """Back to planned, with open gates and an emergency's traces kept in the record alone."""
    become(locked, ChangeStatus.PLANNED)
    locked.attempt += 1
    locked.attempt_at = now
    locked.window_start_at, locked.window_end_at = window or (None, None)
    locked.deployed_at = locked.deployed_noted_at = locked.verified_at = None
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
