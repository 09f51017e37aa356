"""What a change's gates rest on: whose word, which evidence, and as of when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from passmuster.application.access import NotAllowed
from passmuster.application.changes.approving import approve_change
from passmuster.application.changes.asked_gates import tightened
from passmuster.application.changes.change_facts import look_at_gates
from passmuster.application.changes.changes import cancel_change, record_deployment, record_gate, verify_change
from passmuster.application.changes.checking_changes import check_changes
from passmuster.application.changes.gate_checks import GateVerdict
from passmuster.application.changes.not_done import is_not_done, not_done
from passmuster.application.evidence.evidence import add_evidence
from passmuster.errors import NotReady, UsageError
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus
from passmuster.records.models import AuditEvent, Change, Evidence, Gate, Message
from tests.application.house import BEGIN, House, house
from tests.keeping import make_person

__all__ = ["house"]

CLEAN = {"result": "clean"}


def _verdicts(change: Change, hours: float) -> Mapping[str, GateVerdict]:
    change.refresh_from_db()
    return {each.gate.kind: each.verdict for each in look_at_gates(change, now=BEGIN + timedelta(hours=hours))}


def _proof(house: House) -> Evidence:
    facts = EvidenceFacts(title="Report", kind=EvidenceKind.TEST_RESULT, platform=house.platform.pk)
    return add_evidence(house.at("remi"), [b"all there"], name="report.txt", facts=facts)


def _tried_in_staging(house: House, proof: Evidence | None = None) -> Change:
    """Staging, deployed at hour 2 and verified by a test at hour 3."""
    staging = house.change(house.staging)
    record_gate(house.at("remi", 1), staging, GateKind.FORENSIC_TRIAGE, note="logs read", facts=CLEAN)
    record_deployment(house.at("remi", 2), staging)
    verify_change(house.at("remi", 3), staging, by="behaviour_test", note="ten flows ran", proof=proof)
    return staging


def test_a_cancelled_test_in_staging_is_made_up_for_by_nobodys_word(house: House) -> None:
    house.adopted()
    production = house.change(house.production)
    cancel_change(house.at("remi", 1), house.change(house.staging), why="no time")
    record_gate(
        house.at("remi", 1), production, GateKind.TESTED_IN_STAGING, note="trust me", facts={"result": "passed"}
    )
    told = _verdicts(production, 40)
    for kind in (GateKind.TESTED_IN_STAGING, GateKind.SOAK_OVER):
        assert told[kind] == GateVerdict(GateStatus.OPEN, "staging: cancelled; a new plan makes it again")


def test_where_it_could_have_run_first_a_test_elsewhere_is_proved_and_not_said(house: House) -> None:
    house.adopted()
    production = house.change(house.production)
    Change.objects.filter(pk=production.pk).update(after_job="")
    passed = {"result": "passed"}
    record_gate(house.at("remi", 1), production, GateKind.TESTED_IN_STAGING, note="trust me", facts=passed)
    said = _verdicts(production, 40)
    assert said[GateKind.TESTED_IN_STAGING].status == said[GateKind.SOAK_OVER].status == GateStatus.OPEN
    assert "with evidence" in said[GateKind.TESTED_IN_STAGING].words
    record_gate(
        *(house.at("remi", 1), production, GateKind.TESTED_IN_STAGING),
        note="tried on a laptop",
        facts=passed,
        evidence=_proof(house),
    )
    proved = _verdicts(production, 40)
    assert proved[GateKind.TESTED_IN_STAGING].status == proved[GateKind.SOAK_OVER].status == GateStatus.MET


def test_who_states_what_was_seen_or_would_take_it_back_decides_on_nothing(house: House) -> None:
    for name in ("duo", "otto"):
        house.people[name] = make_person(name, "remediation_owner", "approver", platform=house.platform)
    house.adopted()
    production = house.change(house.production)
    approve_change(house.at("otto", 1), production)
    assert production.status == ChangeStatus.APPROVED
    way_back = {"owner": "otto@example.org"}
    record_gate(house.at("duo", 2), production, GateKind.ROLLBACK_PLAN, note="the old image", facts=way_back)
    assert production.status == ChangeStatus.PLANNED
    told = AuditEvent.objects.filter(action="record_gate").latest("number").after
    assert told["approvals_taken_back"] == ["otto@example.org"]
    for who in ("duo", "otto"):
        with pytest.raises(NotAllowed, match="nobody decides on their own change"):
            approve_change(house.at(who, 3), production)
    approve_change(house.at("anna", 3), production)


def test_gates_of_what_was_carried_out_stay_as_they_stood(house: House) -> None:
    house.adopted()
    _tried_in_staging(house)
    production = house.change(house.production)
    production.gates.exclude(kind__in=(GateKind.BACKUP_VERIFIED, GateKind.TESTED_IN_STAGING)).delete()
    times = {"taken_at": (BEGIN + timedelta(hours=30)).isoformat()}
    copy = {**times, "restore_tested_at": times["taken_at"]}
    record_gate(house.at("remi", 35), production, GateKind.BACKUP_VERIFIED, note="job 17", facts=copy)
    assert _verdicts(production, 24 * 30)[GateKind.BACKUP_VERIFIED].status == GateStatus.OPEN
    record_deployment(house.at("remi", 37), production)
    Change.objects.filter(environment=house.staging).update(status=ChangeStatus.REGRESSED)
    later = _verdicts(production, 24 * 30)
    assert {each.status for each in later.values()} == {GateStatus.MET}
    assert later[GateKind.BACKUP_VERIFIED].words.startswith("backup of 2026-06-16 14:00 UTC")


def test_what_is_stated_of_a_vendors_change_afterwards_judges_that_gate_alone(house: House) -> None:
    change = house.vendors_change()
    record_deployment(house.at("remi", 130), change)
    before = {each.kind: each.finding for each in change.gates.all()}
    record_gate(house.at("remi", 140), change, GateKind.CASE_OPEN, note="by mail", facts={"case": "MC-1"})
    after = {each.kind: each.finding for each in change.gates.all()}
    assert {kind for kind in after if after[kind] != before[kind]} == {GateKind.CASE_OPEN}
    # Its number is what the vendor's statement rests on.
    verify_change(house.at("remi", 141), change, by="vendor_statement", note="rolled out")
    assert change.verified_case == "MC-1"


def test_found_traces_are_met_by_evidence_that_they_are_secured_and_stay_in_sight(house: House) -> None:
    house.adopted()
    staging = house.change(house.staging)
    kind = GateKind.FORENSIC_TRIAGE
    record_gate(house.at("remi", 1), staging, kind, note="a web shell", facts={"result": "traces_found"})
    with pytest.raises(NotReady, match="traces found"):
        record_deployment(house.at("remi", 1), staging)
    for result in ("traces_secured", "clean"):
        with pytest.raises(UsageError, match="forensic triage: evidence: where traces were found"):
            record_gate(house.at("remi", 2), staging, kind, note="rebuilt", facts={"result": result})
    secured = {"result": "traces_secured"}
    record_gate(house.at("remi", 3), staging, kind, note="rebuilt", facts=secured, evidence=_proof(house))
    told = _verdicts(staging, 3)[kind]
    assert told.status == GateStatus.MET
    assert told.words == "traces secured, says Remi, with evidence; traces found, said Remi before: a web shell"
    record_deployment(house.at("remi", 4), staging)
    assert staging.status == ChangeStatus.DEPLOYED


def test_the_gate_tells_who_tested_in_staging_and_on_what_evidence(house: House) -> None:
    house.adopted()
    proof = _proof(house)
    staging = _tried_in_staging(house, proof)
    told = _verdicts(house.change(house.production), 4)[GateKind.TESTED_IN_STAGING]
    assert told.words == (
        f"staging: verified by behaviour test; says {staging.verified_person}: ten flows ran, evidence {proof.pk}"
    )


@pytest.mark.parametrize(
    ("asked", "wanted", "is_asked"),
    [
        ({"soak_hours": 24}, {"soak_hours": 72}, {"soak_hours": 72}),
        ({"soak_hours": 72}, {"soak_hours": 24}, {"soak_hours": 72}),
        ({"backup_age_hours": 168}, {"backup_age_hours": 24}, {"backup_age_hours": 24}),
        ({"approvers": 1, "external": "x"}, {"approvers": 2, "external": "y"}, {"approvers": 2, "external": "x"}),
    ],
)
def test_a_requirement_is_only_tightened(
    asked: Mapping[str, object], wanted: Mapping[str, object], is_asked: Mapping[str, object]
) -> None:
    assert tightened(asked, wanted) == is_asked


def test_a_higher_tier_asks_more_of_changes_planned_before_and_their_owners_hear_it_once(house: House) -> None:
    house.platform.tier = "low"
    house.platform.save()
    house.adopted()
    production = house.change(house.production)
    before = set(production.gates.values_list("kind", flat=True))
    assert GateKind.APPROVAL not in before
    house.platform.tier = "high"
    house.platform.save()
    told = [each for each in check_changes(house.keeper(1)) if each.kind == "change_asks_more"]
    assert {each.link for each in told} == {f"/changes/{production.pk}"}
    assert "is of the tier high now, which asks for more" in told[0].text
    assert set(production.gates.values_list("kind", flat=True)) >= {*before, GateKind.APPROVAL, GateKind.SOAK_OVER}
    age = Gate.objects.get(change=production, kind=GateKind.BACKUP_VERIFIED).requirement["backup_age_hours"]
    assert age == 24
    assert not [each for each in check_changes(house.keeper(2)) if each.kind == "change_asks_more"]
    # A lower tier takes nothing away before a plan is adopted.
    house.platform.tier = "low"
    house.platform.save()
    check_changes(house.keeper(3))
    assert GateKind.APPROVAL in set(production.gates.values_list("kind", flat=True))


def test_a_cancelled_patch_that_is_attacked_stays_in_sight_and_its_approvers_hear_why(house: House) -> None:
    house.adopted()
    production = house.change(house.production)
    cancel_change(house.at("remi", 1), production, why="not now")
    assert list(Change.objects.filter(not_done())) == [production]
    assert is_not_done(production)
    told = Message.objects.filter(kind="change_not_done")
    assert {each.person.email for each in told} == {"anna@example.org"}
    assert all("is attacked and was cancelled: not now" in each.text for each in told)
    house.adopted(2)
    assert not Change.objects.filter(not_done()).exists()
