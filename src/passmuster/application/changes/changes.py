"""Changes carried out: gates stated, deployed, verified, failed, rolled back, tried again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from passmuster.application.access import Action, Actor
from passmuster.application.changes.affected_apps import unknown_apps
from passmuster.application.changes.authorship import join, require_no_approver, taken_back
from passmuster.application.changes.change_facts import BEFORE, LookedAt, open_gates
from passmuster.application.changes.change_moments import Moment, is_passed_over, moment_of, window_complaint
from passmuster.application.changes.change_steps import (
    become,
    changing,
    gate_of,
    person_of,
    said,
    store_gates,
)
from passmuster.application.changes.gate_statements import FOUND, keep_traces, read_statement
from passmuster.application.changes.gate_times import NOTED, first_noted, spell
from passmuster.application.changes.not_done import tell_not_done
from passmuster.application.people.guests import refuse_guest
from passmuster.application.requests.consulting import consult_about_change
from passmuster.errors import NotReady, UsageError
from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus
from passmuster.model.schedule import Span
from passmuster.records.models import Change, Evidence, Gate, Person

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
        if not locked.by_vendor and locked.status not in BEFORE:
            raise NotReady(f"a change that is {locked.status.replace('_', ' ')} has no gates to pass")
        gate = gate_of(locked, kind)
        stated |= _looked_up(kind, stated, locked)
        if kind is GateKind.FORENSIC_TRIAGE:
            stated |= keep_traces(gate.stated, _told_at(gate), stated, has_evidence=evidence is not None)
        if "told_at" in stated:
            stated[NOTED] = first_noted(gate.stated, gate.decided_at, stated, actor.now)
        event.before = {"gate": kind.value, "stated": gate.stated, "note": gate.note}
        gate.stated, gate.note, gate.evidence = stated, note.strip()[:4_000], _usable(evidence, locked)
        gate.decided_by_id, gate.decided_at = person, actor.now
        gate.save(update_fields=["stated", "note", "evidence", "decided_by", "decided_at"])
        taken = taken_back(join(actor, locked, person, _rollback_owner(kind, stated)))
        # What held when it was carried out stays as it was; only what is stated now is judged anew.
        store_gates(locked, actor, None if locked.status in BEFORE else kind)
        if kind is GateKind.FORENSIC_TRIAGE and stated.get("result") in FOUND:
            consult_about_change(actor, locked, "traces of an attacker were found")
        gate.refresh_from_db()
        evidence_id = evidence.pk if evidence else None
        event.after = {"gate": kind.value, "stated": stated, "status": gate.status, "evidence": evidence_id, **taken}
    return gate


def _looked_up(kind: GateKind, stated: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """What the records tell of a statement: the person who is named, and the apps that no look shows."""
    if kind is GateKind.ROLLBACK_PLAN:
        return {"owner": _person_named(stated["owner"]).email}
    if kind is GateKind.APPS_NAMED:
        unknown = unknown_apps(change.platform, stated["apps"])
        return {"not_in_inventory": unknown} if unknown else {}
    return {}


def _told_at(gate: Gate) -> dict[str, Any]:
    """Who said what is stated at a gate now, when, in which words and on what evidence."""
    at = gate.decided_at.isoformat() if gate.decided_at else ""
    return {"by": str(gate.decided_by or ""), "at": at, "note": gate.note, "evidence": gate.evidence_id}


def _rollback_owner(kind: GateKind, stated: Mapping[str, Any]) -> int | None:
    return _person_named(stated["owner"]).pk if kind is GateKind.ROLLBACK_PLAN else None


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

    `at` is when it happened: not in the future, not before this try was planned (what the vendor applied: not before
    anybody knew of it), in its window and in no freeze; when it was written down is kept beside it. The emergency path
    passes over windows and freezes too. Raises NotAllowed, NotReady, UsageError.
    """
    moment = at or actor.now
    if moment > actor.now + _MARGIN:
        raise UsageError("at: has not come yet; state what has happened")
    with changing(actor, Action.WORK_CHANGE, change, verb="record_deployment", why=note) as (event, locked):
        if not locked.by_vendor:
            _require_after_planning(locked, moment)
            require_no_approver(actor, locked)
        else:
            _require_known(locked, moment)
        missing, when = open_gates(store_gates(locked, actor)), moment_of(locked, moment)
        if not locked.by_vendor:
            _require_ready(locked, missing, when)
        become(locked, ChangeStatus.DEPLOYED)
        locked.deployed_at, locked.deployed_noted_at, locked.outcome_note = moment, actor.now, note.strip()
        locked.outside_window = "" if when.is_open else when.words[:500]
        locked.save(update_fields=["status", "deployed_at", "deployed_noted_at", "outcome_note", "outside_window"])
        join(actor, locked, actor.person_id)
        event.after = {"open_gates": [each.gate.kind for each in missing]}
    return change


def _require_ready(locked: Change, missing: Sequence[LookedAt], when: Moment) -> None:
    told = [f"{each.gate.kind.replace('_', ' ')}: {each.verdict.words}" for each in missing]
    if not when.is_open and not is_passed_over(locked):
        told.append(f"window: {when.words}")
    if told:
        raise NotReady(f"not deployed yet: {'; '.join(told)}")


def _require_known(locked: Change, moment: datetime) -> None:
    """What the vendor applied is older than neither its fix nor the flaw, as far as anybody told of them."""
    told = [each for each in (locked.vendor_fixed_at, locked.disclosed_at, locked.learned_at) if each is not None]
    first = min(told, default=locked.created_at)
    if moment < first:
        raise UsageError(f"at: is before {spell(first)}, when it was first known of; name a time since then")


def _require_after_planning(locked: Change, moment: datetime) -> None:
    planned_at = locked.attempt_at or locked.created_at
    if moment < planned_at:
        raise UsageError(f"at: is before {spell(planned_at)}, when this try was planned; name a time since then")


def verify_change(
    actor: Actor, change: Change, *, by: str, note: str, at: datetime | None = None, proof: Evidence | str | None = None
) -> Change:
    """It works as it should, by a behaviour test or by the vendor's statement; by version only a look verifies.

    `proof` is a piece of evidence, or the number of the case with the vendor; the vendor's statement needs one of them.
    Raises NotAllowed, NotReady, UsageError.
    """
    if by not in VERIFIED_BY_PEOPLE:
        raise UsageError(f"by: {by!r} is none of {', '.join(VERIFIED_BY_PEOPLE)}; a version is verified by a look")
    if by == "vendor_statement" and not change.by_vendor:
        raise UsageError("by: the vendor's statement verifies what the vendor applied; test how it behaves")
    person = person_of(actor, what="verifying by test or statement")
    why, moment = said(note, what="note"), at or actor.now
    if moment > actor.now + _MARGIN:
        raise UsageError("at: has not come yet; state what has happened")
    with changing(actor, Action.WORK_CHANGE, change, verb="verify_change", why=why) as (_event, locked):
        evidence, case = _proof(proof, locked)
        if by == "vendor_statement" and not (evidence or case):
            raise UsageError("proof: choose the evidence of the vendor's statement, or give the number of the case")
        locked.verified_person_id, locked.verified_evidence, locked.verified_case = person, evidence, case
        _verified(locked, by, why, moment)
    return change


def _proof(proof: Evidence | str | None, locked: Change) -> tuple[Evidence | None, str]:
    """The piece of evidence, and the number of the case: the one given, else the one stated at the gate."""
    if isinstance(proof, Evidence):
        return _usable(proof, locked), ""
    stated = locked.gates.filter(kind=GateKind.CASE_OPEN).values_list("stated", flat=True).first() or {}
    return None, str((proof or "").strip() or (stated.get("case", "") if locked.by_vendor else ""))[:200]


def _verified(locked: Change, by: str, note: str, at: datetime) -> None:
    become(locked, ChangeStatus.VERIFIED)
    if locked.deployed_at and at < locked.deployed_at:
        raise UsageError("at: is before it was deployed")
    locked.verified_by, locked.verified_note, locked.verified_at = by, note, at
    what_for = ["verified_person", "verified_evidence", "verified_case"]
    locked.save(update_fields=["status", "verified_by", "verified_note", "verified_at", *what_for])


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
    """Try again: planned anew, in `window` where one is known; the gates of the new try are open.

    The window is to come, and for production one of the environment's in no freeze. Raises NotAllowed, NotReady,
    UsageError.
    """
    reason = said(why, what="why")
    with changing(actor, Action.WORK_CHANGE, change, verb="replan_change", why=reason) as (_event, locked):
        if locked.status in BEFORE:
            raise NotReady("the change is still before its window; adopt a plan that moves it")
        if window and (wrong := window_complaint(locked, Span(*window), actor.now)):
            raise UsageError(wrong)
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
    locked.verified_by = locked.verified_note = locked.verified_case = locked.external_approval = ""
    locked.verified_person = locked.verified_evidence = None
    locked.outside_window = ""
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
    """It will not be done. What was due or attacked stays in sight with the reason, and its approvers are told."""
    reason = said(why, what="why")
    with changing(actor, Action.WORK_CHANGE, change, verb="cancel_change", why=reason) as (_event, locked):
        become(locked, ChangeStatus.CANCELLED)
        locked.outcome_note = reason
        locked.save(update_fields=["status", "outcome_note"])
        tell_not_done(actor, locked, reason)
    return change
