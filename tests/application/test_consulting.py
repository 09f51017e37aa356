from __future__ import annotations

from datetime import timedelta

import pytest

from passmuster.application.access import NotAllowed
from passmuster.application.acting import keeper
from passmuster.application.calendar.escalating import tell_late
from passmuster.application.changes.changes import record_gate
from passmuster.application.changes.patch_minutes import patch_minutes_of, set_patch_minutes
from passmuster.application.changes.places import planned_of
from passmuster.application.findings.changed_under import consult_late
from passmuster.application.findings.deviations import Wanted, decide_deviation, request_deviation
from passmuster.application.people.decision_rights import decision_rights
from passmuster.application.programme.owners import owner_of
from passmuster.application.programme.ownership import Thing, set_owner
from passmuster.application.requests.consulting import give_opinion
from passmuster.errors import UsageError
from passmuster.model.keeping import GateKind
from passmuster.records.models import AuditEvent, Consultation, Finding, Message, Person, Platform, Vendor
from tests.application.house import House, house
from tests.keeping import NOW, actor, make_person, make_platform

__all__ = ["house"]

pytestmark = pytest.mark.usefixtures("db")


def _wanted(platform: Platform | None, owner: Person) -> Wanted:
    rule = {} if platform else {"tiers": ["high"]}
    return Wanted("IAM-01", "for a while", owner, NOW.date() + timedelta(days=9), platform=platform, rule=rule)


@pytest.mark.parametrize(
    ("facts", "because"),
    [
        ({"data_class": "confidential"}, "Flows holds confidential data"),
        ({"data_class": "restricted"}, "Flows holds restricted data"),
        ({"regulations": ["GDPR"]}, "Flows falls under GDPR"),
        ({"data_class": "internal"}, ""),
    ],
)
@pytest.mark.parametrize("is_for_all", [False, True])
def test_legal_is_heard_on_an_exception_that_touches_personal_data_before_it_is_granted(
    facts: dict[str, object], because: str, is_for_all: bool
) -> None:
    platform = make_platform("Flows", **facts)
    ask, decide, lea = (
        make_person(name, role) for name, role in (("ask", "reviewer"), ("anna", "approver"), ("lea", "legal"))
    )
    deviation = request_deviation(actor(ask), _wanted(None if is_for_all else platform, ask))
    assert [each.because for each in Consultation.objects.all()] == ([because] if because else [])
    assert Message.objects.filter(person=lea).exists() == bool(because)
    if because:
        with pytest.raises(UsageError, match="consulted first"):
            decide_deviation(actor(decide), deviation, is_approved=True, reason="fine")
        asked = Consultation.objects.get()
        with pytest.raises(NotAllowed):
            give_opinion(actor(decide), asked, "fine")
        give_opinion(actor(lea), asked, "No more data than before.")
        event = AuditEvent.objects.get(action="give_opinion")
        assert (event.subject_kind, event.subject_id) == ("deviation", str(deviation.pk))
    assert decide_deviation(actor(decide), deviation, is_approved=True, reason="fine").status == "approved"


def test_legal_is_asked_too_where_what_is_touched_changes_before_the_decision() -> None:
    platform = make_platform("Flows", data_class="internal")
    ask, decide, lea = (
        make_person(name, role) for name, role in (("ask", "reviewer"), ("anna", "approver"), ("lea", "legal"))
    )
    deviation = request_deviation(actor(ask), _wanted(platform, ask))
    assert (consult_late(keeper(NOW)), Consultation.objects.count()) == (0, 0)
    Platform.objects.update(data_class="confidential")
    with pytest.raises(UsageError, match=r"consulted first \(Flows holds confidential data\); they are asked within"):
        decide_deviation(actor(decide), deviation, is_approved=True, reason="fine")
    assert [consult_late(keeper(NOW)) for _ in range(2)] == [1, 0]
    assert Message.objects.filter(person=lea, kind="deviation_consulted").count() == 1
    with pytest.raises(UsageError, match="have not said anything yet"):
        decide_deviation(actor(decide), deviation, is_approved=True, reason="fine")
    give_opinion(actor(lea), Consultation.objects.get(), "No more data than before.")
    assert decide_deviation(actor(decide), deviation, is_approved=True, reason="fine").status == "approved"


def test_refusing_waits_for_nobody_and_where_nobody_has_the_duty_nothing_waits() -> None:
    platform = make_platform("Flows", data_class="restricted")
    ask, decide = make_person("ask", "reviewer"), make_person("anna", "approver")
    free = request_deviation(actor(ask), _wanted(platform, ask))
    assert not Consultation.objects.exists()
    assert decide_deviation(actor(decide), free, is_approved=True, reason="fine").status == "approved"
    make_person("lea", "legal")
    held = request_deviation(actor(ask), _wanted(platform, ask))
    assert decide_deviation(actor(decide), held, is_approved=False, reason="no").status == "refused"


def test_a_vendors_contact_answers_for_no_exception() -> None:
    platform = make_platform("Flows")
    guest = make_person("guest", "vendor_contact", vendor=Vendor.objects.create(name="Acme", created_at=NOW))
    with pytest.raises(UsageError, match="vendor's contact"):
        request_deviation(actor(make_person("ask", "reviewer")), _wanted(platform, guest))


def test_legal_is_told_of_an_attacked_patch_on_personal_data_and_never_holds_it_up(house: House) -> None:
    Platform.objects.update(data_class="confidential")
    lea = make_person("lea", "legal")
    house.adopted()
    change = house.change(house.production)
    asked = Consultation.objects.filter(change=change)
    assert [each.because for each in asked] == [
        "it is attacked, so traces are looked for, and Automations holds confidential data"
    ]
    assert Message.objects.filter(person=lea, link=f"/changes/{change.pk}/").count() == 1
    record_gate(house.at("remi"), change, GateKind.FORENSIC_TRIAGE, note="seen", facts={"result": "traces_found"})
    assert asked.all().count() == 2
    assert not any("legal" in gate.finding for gate in change.gates.all())


def test_the_deputy_answers_for_an_owner_who_is_gone_and_hears_of_what_is_late() -> None:
    platform = make_platform("Flows")
    otto, dora = make_person("otto", "remediation_owner"), make_person("dora", "reviewer")
    set_owner(actor(make_person("ada", "administrator")), platform, Thing(), owner=otto, deputy=dora)
    Finding.objects.create(
        platform=platform,
        fingerprint="f",
        severity="high",
        severity_rank=1,
        status="open",
        owner=otto,
        due_on=NOW.date() - timedelta(days=2),
        first_seen_at=NOW,
        last_seen_at=NOW,
        age_from=NOW,
    )
    assert [tell_late(NOW), tell_late(NOW)] == [2, 0]
    assert "It is yours" in Message.objects.get(person=otto).text
    told = Message.objects.get(person=dora)
    assert "You stand in for Otto" in told.text
    assert owner_of(platform) == otto
    Person.objects.filter(pk=otto.pk).update(is_active=False)
    assert owner_of(platform) == dora


def test_minutes_for_patches_bound_the_plan_and_are_in_the_record(house: House) -> None:
    remi = house.people["rita"]
    with pytest.raises(NotAllowed):
        set_patch_minutes(house.at("olga"), remi, 30)
    with pytest.raises(UsageError, match="from 0 to 10080"):
        set_patch_minutes(house.at("rita"), remi, 10_081)
    set_patch_minutes(house.at("rita"), remi, 30, why="half a day")
    set_owner(house.at("olga"), house.platform, Thing(), owner=remi)
    event = AuditEvent.objects.get(action="set_patch_minutes")
    assert (event.before, event.after) == ({"patch_minutes_per_week": None}, {"patch_minutes_per_week": 30})

    class _Look:
        platform_id, has_one_environment, environments = "n8n:demo", True, frozenset[str]()

    assert planned_of(house.platform, _Look()).owner_minutes == {remi.email: 30}  # type: ignore[arg-type]
    set_patch_minutes(house.at("rita"), remi, None)
    assert patch_minutes_of(Person.objects.get(pk=remi.pk)) is None


def test_who_decides_is_read_from_duties_here_and_everywhere() -> None:
    here, else_ = make_platform("Here"), make_platform("Else")
    make_person("anna", "approver", platform=here)
    make_person("vera", "approver")
    make_person("eve", "approver", platform=else_)
    gone = make_person("gone", "approver")
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    make_person("aud", "auditor")
    rights = {each.action.value: [person.name for person in each.people] for each in decision_rights(here)}
    assert rights["approve_change"] == ["Anna", "Vera"]
    assert rights["use_emergency_path"] == []
