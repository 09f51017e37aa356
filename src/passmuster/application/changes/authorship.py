"""Who is behind a change: all who ever asked for it, planned, owned or carried it out. None of them decides on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passmuster.application.access import Actor, NotAllowed
from passmuster.application.changes.change_facts import BEFORE
from passmuster.application.changes.change_steps import store_gates
from passmuster.model.keeping import ChangeStatus, GateKind
from passmuster.records.models import Change, Gate, Person, Plan


def authors_of(change: Change) -> frozenset[int]:
    """Keys of all who are or were behind the change, in this try or an earlier one."""
    # The plan's documents are large; who made and adopted it is asked alone.
    plan = Plan.objects.filter(pk=change.plan_id or 0).values_list("made_by_id", "adopted_by_id").first() or ()
    named = (change.requested_by_id, change.owner_id, change.emergency_by_id, *plan)
    return frozenset(change.authors) | {each for each in named if each is not None}


def may_decide(actor: Actor, change: Change) -> bool:
    """Whether the person is none of those who asked, planned, owned or carried it out, now or before."""
    return actor.person_id is not None and actor.person_id not in authors_of(change)


def require_other(actor: Actor, change: Change) -> None:
    """Raise NotAllowed for everybody behind the change, and where nobody acts."""
    if not may_decide(actor, change):
        raise NotAllowed("nobody decides on their own change; ask another approver")


def join(actor: Actor, change: Change, *people: int | None) -> list[str]:
    """Put people behind the locked change for good, and take back what they approved of it; returns those approvals."""
    new = {each for each in people if each is not None} - set(change.authors)
    if not new:
        return []
    change.authors = sorted({*change.authors, *new})
    change.save(update_fields=["authors"])
    return _take_back(actor, change, new) if change.status in BEFORE else []


def _take_back(actor: Actor, change: Change, people: set[int]) -> list[str]:
    gate = Gate.objects.select_for_update(of=("self",)).filter(change=change, kind=GateKind.APPROVAL).first()
    if gate is None:
        return []
    given = approvals_of(gate)
    names = set(Person.objects.filter(pk__in=people).values_list("email", flat=True))
    taken = [each["by"] for each in given if each.get("person") in people or each["by"] in names]
    if change.external_approval and gate.decided_by_id in people:
        taken.append(change.external_approval)
        change.external_approval = ""
    if not taken:
        return []
    gate.stated = {"approvals": [each for each in given if each["by"] not in taken]}
    gate.note, gate.decided_by, gate.decided_at = "", None, None
    gate.save(update_fields=["stated", "note", "decided_by", "decided_at"])
    looked = store_gates(change, actor)
    if not any(each.is_met for each in looked if each.gate.kind == GateKind.APPROVAL):
        change.status = ChangeStatus.PLANNED
    change.save(update_fields=["external_approval", "status"])
    return taken


def taken_back(approvals: list[str]) -> dict[str, Any]:
    """What the record is told of approvals that count no more; nothing where there are none."""
    return {"approvals_taken_back": approvals} if approvals else {}


def approvals_of(gate: Gate) -> list[Mapping[str, Any]]:
    """The approvals a gate keeps: by whom (`by` a mail address, `person` a key) and `at` what time."""
    return list(gate.stated.get("approvals", ()))


def require_no_approver(actor: Actor, change: Change) -> None:
    """Raise NotAllowed where the one who approved it would carry it out: they would have approved their own work."""
    gate = Gate.objects.filter(change=change, kind=GateKind.APPROVAL).first()
    if gate is None or actor.person_id is None:
        return
    has_approved = any(each["by"] == actor.name or each.get("person") == actor.person_id for each in approvals_of(gate))
    if has_approved or (change.external_approval and gate.decided_by_id == actor.person_id):
        raise NotAllowed("who approved a change does not carry it out; somebody else writes down that it is deployed")
