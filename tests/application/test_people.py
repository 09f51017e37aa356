from __future__ import annotations

import threading
from pathlib import Path

import openpyxl
import pytest
from django.db import connections

from passmuster.application.access import TABLE, Action, Actor, NotAllowed, may, may_anywhere, platforms_for
from passmuster.application.people.duties import Held
from passmuster.application.people.groups import apply_groups, map_group, unmap_group
from passmuster.application.people.people import (
    add_person,
    change_duties,
    deactivate_person,
    reactivate_person,
    remove_second_factors,
    rename_person,
    told_duties,
)
from passmuster.application.people.people_in_bulk import import_people
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.keeping import DutyRole
from passmuster.records.models import AuditEvent, Duty, Person, Vendor
from tests.keeping import NOW, actor, make_person, make_platform

ADMIN, REVIEWER, AUDITOR, GUEST = (
    Held(DutyRole.ADMINISTRATOR),
    Held(DutyRole.REVIEWER),
    Held(DutyRole.AUDITOR),
    Held(DutyRole.VENDOR_CONTACT),
)


@pytest.mark.usefixtures("db")
def test_somebody_is_added_with_duties_and_all_mistakes_are_told_at_once() -> None:
    admin, flows = actor(make_person("ada", "administrator")), make_platform("Flows")
    otto = add_person(
        admin, email=" Otto@Example.org ", name="Otto", duties=[REVIEWER, Held(DutyRole.APPROVER, flows.pk)], why="new"
    )
    assert otto.email == "otto@example.org"
    assert not otto.has_usable_password()
    event = AuditEvent.objects.get(action="add_person")
    assert event.after == {"email": otto.email, "name": "Otto", "duties": ["approver on flows", "reviewer"]}
    with pytest.raises(UsageError, match=r"is there already.*auditor reads all.*the name is empty"):
        add_person(admin, email="OTTO@example.org", name=" ", duties=[AUDITOR, REVIEWER])
    with pytest.raises(UsageError, match="is no mail address"):
        add_person(admin, email="otto", name="Otto")


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("duties", "with_vendor", "complaint"),
    [
        ([AUDITOR, Held(DutyRole.APPROVER)], False, "an auditor reads all"),
        ([GUEST], False, "belongs to a vendor"),
        ([GUEST, REVIEWER], True, "is a guest"),
        ([REVIEWER], True, "can only be that vendor's contact"),
    ],
)
def test_some_duties_do_not_go_together(duties: list[Held], with_vendor: bool, complaint: str) -> None:
    admin = actor(make_person("ada", "administrator"))
    vendor = Vendor.objects.create(name="Acme", created_at=NOW) if with_vendor else None
    with pytest.raises(UsageError, match=complaint):
        add_person(admin, email="x@example.org", name="X", duties=duties, vendor=vendor)
    assert Person.objects.count() == 1


@pytest.mark.usefixtures("db")
def test_only_administrators_everywhere_manage_people() -> None:
    flows = make_platform("Flows")
    target = make_person("target", "reviewer")
    for number, role in enumerate(DutyRole):
        somebody = actor(make_person(f"p{number}", role, platform=flows))
        for step in (
            lambda who: add_person(who, email="x@example.org", name="X"),
            lambda who: change_duties(who, target, []),
            lambda who: deactivate_person(who, target),
            lambda who: reactivate_person(who, target),
            lambda who: remove_second_factors(who, target, why="because"),
            lambda who: map_group(who, "g", DutyRole.REVIEWER),
            lambda who: rename_person(who, target, name="Y", time_zone="UTC"),
        ):
            with pytest.raises(NotAllowed):
                step(somebody)
    assert told_duties(target) == ["reviewer"]


@pytest.mark.usefixtures("db")
def test_nobody_removes_the_last_administrator() -> None:
    ada = make_person("ada", "administrator")
    admin = actor(ada)
    make_person("gone", "administrator", is_active=False)
    by_group = make_person("grp")
    Duty.objects.create(person=by_group, role="administrator", from_group="admins", created_at=NOW)
    for step in (lambda: change_duties(admin, ada, [REVIEWER]), lambda: deactivate_person(admin, ada)):
        with pytest.raises(UsageError, match="last administrator"):
            step()
    assert told_duties(ada) == ["administrator"]
    assert Person.objects.get(pk=ada.pk).is_active
    assert not AuditEvent.objects.exists()
    make_person("bob", "administrator")
    change_duties(admin, ada, [REVIEWER])
    assert told_duties(ada) == ["reviewer"]


@pytest.mark.usefixtures("durable_db")
def test_two_administrators_who_remove_each_other_at_once_leave_one() -> None:
    people = [make_person("ada", "administrator"), make_person("bob", "administrator")]
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def remove(mine: Person, other: Person) -> None:
        try:
            barrier.wait()
            deactivate_person(actor(mine), Person.objects.get(pk=other.pk))
            outcomes.append("done")
        except (UsageError, NotAllowed):
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=remove, args=pair) for pair in (people, people[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert Person.objects.filter(is_active=True).count() == 1


@pytest.mark.usefixtures("db")
def test_groups_add_beside_what_was_given_here_and_an_end_of_the_mapping_ends_them() -> None:
    admin, flows = actor(make_person("ada", "administrator")), make_platform("Flows")
    otto = add_person(admin, email="otto@example.org", name="Otto", duties=[REVIEWER])
    mapped = map_group(admin, "owners", DutyRole.PLATFORM_OWNER, flows)
    map_group(admin, "reviewers", DutyRole.REVIEWER)
    apply_groups(otto, ["owners", "reviewers", "other"], NOW)
    assert told_duties(otto) == ["platform_owner on flows by group owners", "reviewer"]
    before = AuditEvent.objects.count()
    apply_groups(otto, ["owners", "reviewers"], NOW)
    assert AuditEvent.objects.count() == before, "nothing changed, so nothing is written down"
    change_duties(admin, otto, [REVIEWER])
    assert told_duties(otto) == ["platform_owner on flows by group owners", "reviewer"]
    unmap_group(admin, mapped)
    assert told_duties(otto) == ["reviewer"]


@pytest.mark.usefixtures("db")
def test_people_come_in_bulk_all_or_none(tmp_path: Path) -> None:
    admin = actor(make_person("ada", "administrator"))
    make_platform("Flows")
    Vendor.objects.create(name="Acme", created_at=NOW)
    make_person("otto", "approver")
    rows = [
        ["email", "name", "role", "platform", "vendor"],
        ["Otto@example.org", "Otto", "reviewer", "flows", None],
        ["otto@example.org", "Otto", "remediation_owner", None, None],
        ["vera@acme.example", "Vera", "vendor_contact", None, "acme"],
    ]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "people.xlsx")
    assert import_people(admin, tmp_path / "people.xlsx") == (1, 1)
    assert told_duties(Person.objects.get(email="otto@example.org")) == ["remediation_owner", "reviewer on flows"]
    assert Person.objects.get(email="vera@acme.example").vendor.name == "Acme"

    bad = "email,name,role,platform,vendor\nnew@example.org,New,king,,\nb@example.org,B,reviewer,nowhere,\n"
    (tmp_path / "people.csv").write_text(bad + "vera@acme.example,Vera,reviewer,,\n", encoding="utf-8")
    with pytest.raises(UnreadableInput) as told:
        import_people(admin, tmp_path / "people.csv")
    assert "line 2: 'king' is no role" in str(told.value)
    assert "line 3: there is no platform 'nowhere'" in str(told.value)
    (tmp_path / "people.csv").write_text(
        "email,name,role\nnew@example.org,New,reviewer\nvera@acme.example,Vera,reviewer\n", encoding="utf-8"
    )
    with pytest.raises(UnreadableInput, match=r"line 3: .*can only be that vendor's contact"):
        import_people(admin, tmp_path / "people.csv")
    assert not Person.objects.filter(email="new@example.org").exists()


# What the issue says of each role, written down apart from the table.
_READS_ONLY = {
    Action.VIEW,
    Action.READ_PEOPLE,
    Action.READ_EVIDENCE,
    Action.READ_RECORD,
    Action.EXPORT_RECORD,
    Action.MANAGE_OWN_ACCOUNT,
}


def _who(*duties: tuple[DutyRole, int | None]) -> Actor:
    return Actor("x", "page", NOW, person_id=1, duties=frozenset(duties))


def test_an_auditor_changes_nothing_even_with_another_duty() -> None:
    allowed = {action for action in Action if may(_who((DutyRole.AUDITOR, None), (DutyRole.APPROVER, None)), action)}
    assert allowed == _READS_ONLY
    both = _who((DutyRole.AUDITOR, None), (DutyRole.APPROVER, 7))
    assert not may_anywhere(both, Action.APPROVE_CHANGE)
    assert platforms_for(both, Action.APPROVE_CHANGE) == frozenset()


def test_a_guest_answers_and_looks_after_their_account_and_no_more() -> None:
    guest = _who((DutyRole.VENDOR_CONTACT, None), (DutyRole.ADMINISTRATOR, None))
    assert {action for action in Action if may_anywhere(guest, action)} == {
        Action.ANSWER_VENDOR_REQUEST,
        Action.MANAGE_OWN_ACCOUNT,
    }
    assert platforms_for(guest, Action.VIEW) == frozenset()


def test_administrators_decide_nothing_about_risk_and_everybody_has_an_account() -> None:
    deciding = {Action.DECIDE_DEVIATION, Action.APPROVE_CHANGE, Action.APPROVE_BASELINE, Action.SIGN_REVIEW}
    assert not {action for action in deciding if DutyRole.ADMINISTRATOR in TABLE[action]}
    assert TABLE[Action.MANAGE_PEOPLE] == {DutyRole.ADMINISTRATOR}
    assert all(may(_who((role, None)), Action.MANAGE_OWN_ACCOUNT) for role in DutyRole)
    assert set(TABLE) == set(Action)
