"""What stands at the gates of changes is held against what was recorded of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from passmuster.application.changes.adopted_changes import EACH
from passmuster.application.changes.adopting import adopt_plan
from passmuster.application.changes.approving import approve_change, record_external_approval, refuse_change
from passmuster.application.changes.changes import (
    name_owner,
    record_deployment,
    record_failure,
    record_gate,
    replan_change,
)
from passmuster.application.changes.planning import propose_plan
from passmuster.application.evidence.evidence import add_evidence
from passmuster.application.record.auditing import keeper_signer, verify_record
from passmuster.application.record.gate_check import gate_problems
from passmuster.application.record.gates_told import gates_told
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.model.keeping import ChangeStatus, GateKind
from passmuster.records.models import AuditEvent, Change, Evidence, Gate
from tests.application.house import BEGIN, House, house
from tests.keeping import make_person

__all__ = ["house"]
CLEAN = {"result": "clean"}


def _broken() -> str:
    return verify_record(public_key=keeper_signer().public_key).broken


def _proof(house: House, name: str = "report") -> Evidence:
    facts = EvidenceFacts(title=name, kind=EvidenceKind.TEST_RESULT, platform=house.platform.pk)
    return add_evidence(house.at("remi"), [name.encode()], name=f"{name}.txt", facts=facts)


def _stated(house: House) -> Gate:
    house.adopted()
    change = house.change(house.production)
    kind = GateKind.FORENSIC_TRIAGE
    return record_gate(house.at("remi", 1), change, kind, note=" logs read ", facts=CLEAN, evidence=_proof(house))


ALTERED: list[tuple[str, Callable[[House], Any], str]] = [
    ("stated", lambda _house: {"result": "traces_secured"}, "stated"),
    ("note", lambda _house: "all logs read", "note"),
    ("evidence", lambda house: _proof(house, "another"), "evidence"),
    ("evidence", lambda _house: None, "evidence"),
    ("decided_by", lambda _house: make_person("eve"), "decided_by"),
    ("decided_at", lambda _house: BEGIN - timedelta(days=9), "decided_at"),
]


@pytest.mark.parametrize(("column", "value", "name"), ALTERED)
def test_whatever_was_stated_at_a_gate_is_held_against_it(
    house: House, column: str, value: Callable[[House], Any], name: str
) -> None:
    gate = _stated(house)
    assert _broken() == ""
    Gate.objects.filter(pk=gate.pk).update(**{column: value(house)})
    event = AuditEvent.objects.get(action="record_gate").number
    assert _broken() == (
        f"the gate forensic triage of change {gate.change_id} (event {event}) is not what was stated: "
        f"its {name} differs"
    )


def test_a_statement_that_nobody_made_and_one_that_is_gone_are_found(house: House) -> None:
    gate = _stated(house)
    other = Gate.objects.filter(change=house.change(house.staging), kind=GateKind.FORENSIC_TRIAGE)
    other.update(stated=CLEAN)
    assert _broken() == (
        f"the gate forensic triage of change {other.get().change_id}: no event tells of what is stated there"
    )
    other.update(stated={})
    gate.delete()
    assert _broken().endswith("is gone from the database")


def test_a_new_try_opens_gates_and_what_is_put_back_by_hand_is_found(house: House) -> None:
    house.adopted()
    staging = house.change(house.staging)
    for hours in (1, 6):
        record_gate(house.at("remi", hours), staging, GateKind.FORENSIC_TRIAGE, note="logs read", facts=CLEAN)
        if hours == 1:
            before = Gate.objects.filter(change=staging, kind=GateKind.FORENSIC_TRIAGE).values().get()
            record_deployment(house.at("remi", 2), staging)
            record_failure(house.at("remi", 3), staging, why="it does not start")
            replan_change(house.at("remi", 4), staging, why="the vendor mended it")
            assert _broken() == ""
            assert not gates_told(AuditEvent.objects.order_by("number"))
    assert _broken() == ""
    Gate.objects.filter(pk=before["id"]).update(**before)
    assert "its decided_at differs" in _broken()


def _approved(house: House) -> None:
    approve_change(house.at("anna", 1), house.change(house.production), note="as agreed")


def _approved_elsewhere(house: House) -> None:
    production = house.change(house.production)
    requirement: Mapping[str, Any] = {"approved_elsewhere": "^CHG"}
    production.gates.filter(kind=GateKind.APPROVAL).update(requirement=requirement)
    record_external_approval(house.at("anna", 1), production, "CHG1")


def _refused(house: House) -> None:
    refuse_change(house.at("anna", 1), house.change(house.production), why="not in this week")


def _taken_over(house: House) -> None:
    _approved(house)
    name_owner(house.at("remi", 2), house.change(house.production), house.people["anna"].pk)


def _moved(house: House) -> None:
    _approved(house)
    house.production.windows = [
        {"id": "weekend", "rrule": "FREQ=WEEKLY;BYDAY=SA", "starts": "2026-06-20T22:00:00", "minutes": 120}
    ]
    house.production.save()
    house.adopted(2)


@pytest.mark.parametrize("decided", [_approved, _approved_elsewhere, _refused, _taken_over, _moved])
def test_decisions_hold_and_an_approval_that_nobody_gave_is_found(
    house: House, decided: Callable[[House], None]
) -> None:
    house.adopted()
    decided(house)
    assert _broken() == ""
    gate = Gate.objects.get(change=house.change(house.production), kind=GateKind.APPROVAL)
    gate.stated = {"approvals": [{"by": "vera@example.org", "person": 1, "at": BEGIN.isoformat()}]}
    gate.save()
    told = _broken()
    assert "approvals" in told or "no event tells" in told
    assert told.startswith("the gate approval of change ")


def test_an_event_of_before_that_does_not_tell_what_a_plan_opened_is_held_to_what_it_says(house: House) -> None:
    gate = _stated(house)
    house.adopted(2)
    events = list(AuditEvent.objects.order_by("number"))
    for event in events:
        if event.action == "adopt_plan":
            del event.after[EACH]
    (told,) = gates_told(events).values()
    assert told.may_be_open
    # Stated again, it is known again.
    record_gate(house.at("remi", 3), gate.change, GateKind.FORENSIC_TRIAGE, note="read anew", facts=CLEAN)
    events.append(AuditEvent.objects.filter(action="record_gate").latest("number"))
    (told,) = gates_told(events).values()
    assert not told.may_be_open
    assert list(gate_problems()) == []


def _events(change: Change) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(subject_kind="change", subject_id=str(change.pk)).order_by("number"))


def test_the_record_alone_says_who_made_and_moved_a_change_from_when_to_when(house: House) -> None:
    house.adopted()
    production = house.change(house.production)
    (made,) = _events(production)
    assert (made.action, made.actor) == ("make_change", "olga@example.org")
    assert made.after["patch"] == production.patch
    assert (made.after["environment"], made.after["plan"]) == ("production", production.plan_id)
    first = made.after["window_start_at"]
    assert first == production.window_start_at.isoformat().replace("+00:00", "Z")
    _moved(house)
    moved = _events(production)[-1]
    assert (moved.action, moved.before["window_start_at"]) == ("move_change", first)
    assert (moved.after["window_start_at"], moved.after["status"]) == ("2026-06-20T20:00:00Z", "planned")
    assert moved.after["approvals_taken_back"] == ["anna@example.org"]
    told = AuditEvent.objects.filter(action="adopt_plan").latest("number").after
    assert (told["made"], told["moved"], told["cancelled"]) == (0, 1, 0)


def test_what_a_plan_asks_for_no_more_or_tries_again_is_told_too(house: House) -> None:
    house.adopted()
    staging, production = house.change(house.staging), house.change(house.production)
    record_gate(house.at("remi", 1), staging, GateKind.FORENSIC_TRIAGE, note="logs read", facts=CLEAN)
    record_deployment(house.at("remi", 2), staging)
    record_failure(house.at("remi", 3), staging, why="it does not start")
    house.adopted(4)
    again = _events(staging)[-1]
    assert (again.action, again.before["status"], again.after["status"]) == ("replan_change", "failed", "planned")
    assert _broken() == ""
    Change.objects.filter(pk=production.pk).update(job="another")
    house.adopted(5)
    assert production.pk in {
        int(each.subject_id) for each in AuditEvent.objects.filter(action="cancel_change", actor="olga@example.org")
    }


def test_one_of_two_who_approved_has_not_approved_another_window(house: House) -> None:
    house.adopted()
    production = house.change(house.production)
    gate = production.gates.get(kind=GateKind.APPROVAL)
    gate.requirement = {**gate.requirement, "approvers": 2}
    gate.save()
    approve_change(house.at("anna", 1), production)
    production.refresh_from_db()
    assert production.status == ChangeStatus.PLANNED
    house.production.windows = [
        {"id": "weekend", "rrule": "FREQ=WEEKLY;BYDAY=SA", "starts": "2026-06-20T22:00:00", "minutes": 120}
    ]
    house.production.save()
    adopt_plan(house.at("olga", 2), propose_plan(house.at("remi", 2), [house.platform]))
    gate.refresh_from_db()
    assert gate.stated == {}
    assert _events(production)[-1].after["approvals_taken_back"] == ["anna@example.org"]
