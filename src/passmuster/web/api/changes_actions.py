"""What is done with changes: gates stated, approvals, deployment, verification, and what went wrong."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from pydantic import Field

from passmuster.application.access import Action
from passmuster.application.changes import approving
from passmuster.application.changes import changes as use
from passmuster.application.changes.affected_apps import tell_owners
from passmuster.application.evidence.evidence import evidence_for
from passmuster.errors import UsageError
from passmuster.model.keeping import GateKind
from passmuster.records.models import Change, Person
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.changes import WITH, ChangeTold, GateTold, visible_changes
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Id, Instant, Reason, Said, Text, Word

changes = Topic("changes")
TOPICS = (changes,)


class GateAsked(Asked):
    """What was seen for a gate: `facts` by name (result, times, owner, case, apps a line each), and the evidence of it.

    `owner` is one of your own people, by mail address; apps by id or name.
    """

    note: Said
    facts: Annotated[dict[Word, Text], Field(max_length=20)] = Field(default_factory=dict)
    evidence: Id | None = None


class CarrierAsked(Asked):
    """Who carries it out; null: nobody yet."""

    owner: Id | None
    why: Text = ""


class NoteAsked(Asked):
    """A word about it."""

    note: Text = ""


class NumberAsked(NoteAsked):
    """The number of the change approved in the company's own system."""

    number: Annotated[Said, Field(max_length=64)]


class DeploymentAsked(NoteAsked):
    """When it was put in place; null: now."""

    at: Instant | None = None


class VerificationAsked(Asked):
    """By what it was verified, what was seen, and when; by version only a look verifies.

    The vendor's statement needs `evidence`, or the number of the `case`.
    """

    by: Literal["behaviour_test", "vendor_statement"]
    note: Said
    at: Instant | None = None
    evidence: Id | None = None
    case: Annotated[Text, Field(max_length=200)] = ""


class NewTry(Asked):
    """Why, and the window of the new try where it is known: both its ends."""

    why: Said
    window_start_at: Instant | None = None
    window_end_at: Instant | None = None


def _change(request: ApiRequest, pk: int) -> Change:
    return get_object_or_404(visible_changes(sight(request)), pk=pk)


def _anew(change: Change) -> Change:
    return Change.objects.select_related(*WITH).get(pk=change.pk)


@changes.does("/changes/{pk}/gates/{kind}", Action.WORK_CHANGE, GateTold, method="PUT")
def state_gate(request: ApiRequest, pk: Id, kind: GateKind, asked: GateAsked) -> Any:
    """State what was seen for a gate; whether it holds is then computed."""
    change = _change(request, pk)
    shown = get_object_or_404(evidence_for(sight(request)), pk=asked.evidence) if asked.evidence else None
    return use.record_gate(request.auth, change, kind, note=asked.note, facts=asked.facts, evidence=shown)


@changes.does("/changes/{pk}/owner", Action.WORK_CHANGE, ChangeTold, method="PUT")
def put_owner(request: ApiRequest, pk: Id, asked: CarrierAsked) -> Any:
    """Say who carries the change out."""
    owner = get_object_or_404(Person, pk=asked.owner, is_active=True, vendor=None).pk if asked.owner else None
    return _anew(use.name_owner(request.auth, _change(request, pk), owner, why=asked.why))


@changes.does("/changes/{pk}/request-approval", Action.WORK_CHANGE, ChangeTold)
def ask_approval(request: ApiRequest, pk: Id, asked: NoteAsked) -> Any:
    """Ask for approval; whoever asks cannot give it."""
    return _anew(approving.request_approval(request.auth, _change(request, pk), note=asked.note))


@changes.does("/changes/{pk}/approve", Action.APPROVE_CHANGE, ChangeTold)
def approve(request: ApiRequest, pk: Id, asked: NoteAsked) -> Any:
    """Approve; never one's own."""
    return _anew(approving.approve_change(request.auth, _change(request, pk), note=asked.note))


@changes.does("/changes/{pk}/refuse", Action.APPROVE_CHANGE, ChangeTold)
def refuse(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """Refuse; it stays planned until it is approved after all, or cancelled."""
    return _anew(approving.refuse_change(request.auth, _change(request, pk), why=asked.why))


@changes.does("/changes/{pk}/gates/apps_named/tell-owners", Action.WORK_CHANGE, GateTold)
def tell_of_apps(request: ApiRequest, pk: Id) -> Any:
    """Tell the owners of the named apps that the vendor's change affects them, and write down when."""
    return tell_owners(request.auth, _change(request, pk))


@changes.does("/changes/{pk}/external-approval", Action.APPROVE_CHANGE, ChangeTold)
def enter_approval(request: ApiRequest, pk: Id, asked: NumberAsked) -> Any:
    """Enter the number under which it was approved in the company's own system."""
    change = _change(request, pk)
    return _anew(approving.record_external_approval(request.auth, change, asked.number, note=asked.note))


@changes.does("/changes/{pk}/external-approval/by-anyone", Action.WORK_CHANGE, ChangeTold)
def enter_approval_on_it(request: ApiRequest, pk: Id, asked: NumberAsked) -> Any:
    """The same by whoever works on it, where the policy of the tier says so."""
    change = _change(request, pk)
    return _anew(approving.record_external_approval(request.auth, change, asked.number, note=asked.note))


@changes.does("/changes/{pk}/emergency", Action.USE_EMERGENCY_PATH, ChangeTold)
def pass_gates(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """Use the emergency path; it must be justified to somebody else within days."""
    return _anew(approving.use_emergency_path(request.auth, _change(request, pk), why=asked.why))


@changes.does("/changes/{pk}/justify", Action.APPROVE_CHANGE, ChangeTold)
def justify(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """Accept that the emergency was one."""
    return _anew(approving.justify_emergency(request.auth, _change(request, pk), why=asked.why))


@changes.does("/changes/{pk}/deployed", Action.WORK_CHANGE, ChangeTold)
def deployed(request: ApiRequest, pk: Id, asked: DeploymentAsked) -> Any:
    """It is in place, which is not done."""
    return _anew(use.record_deployment(request.auth, _change(request, pk), note=asked.note, at=asked.at))


@changes.does("/changes/{pk}/verified", Action.WORK_CHANGE, ChangeTold)
def verified(request: ApiRequest, pk: Id, asked: VerificationAsked) -> Any:
    """It works as it should, by a behaviour test or by the vendor's statement."""
    change = _change(request, pk)
    shown = get_object_or_404(evidence_for(sight(request)), pk=asked.evidence) if asked.evidence else None
    proof = shown or asked.case
    return _anew(use.verify_change(request.auth, change, by=asked.by, note=asked.note, at=asked.at, proof=proof))


@changes.does("/changes/{pk}/failed", Action.WORK_CHANGE, ChangeTold)
def failed(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """It did not work."""
    return _anew(use.record_failure(request.auth, _change(request, pk), why=asked.why))


@changes.does("/changes/{pk}/rolled-back", Action.WORK_CHANGE, ChangeTold)
def rolled_back(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """It was taken back."""
    return _anew(use.record_rollback(request.auth, _change(request, pk), why=asked.why))


@changes.does("/changes/{pk}/regressed", Action.WORK_CHANGE, ChangeTold)
def regressed(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """It was verified, and what it mended is there again."""
    return _anew(use.record_regression(request.auth, _change(request, pk), why=asked.why))


@changes.does("/changes/{pk}/replan", Action.WORK_CHANGE, ChangeTold)
def replan(request: ApiRequest, pk: Id, asked: NewTry) -> Any:
    """Try again; the gates of the new try are open."""
    begins, ends = asked.window_start_at, asked.window_end_at
    if (begins is None) is not (ends is None):
        raise UsageError("window: give both its start and its end, or neither")
    window = (begins, ends) if begins and ends else None
    return _anew(use.replan_change(request.auth, _change(request, pk), why=asked.why, window=window))


@changes.does("/changes/{pk}/cancel", Action.WORK_CHANGE, ChangeTold)
def cancel(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """It will not be done."""
    return _anew(use.cancel_change(request.auth, _change(request, pk), why=asked.why))
