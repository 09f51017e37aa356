from __future__ import annotations

import pytest

from passmuster.application.programme.owners import owner_of, owners_of, people_of
from passmuster.model.keeping import DutyRole
from passmuster.records.models import Ownership
from tests.keeping import make_person, make_platform


@pytest.mark.usefixtures("db")
def test_whoever_owns_another_thing_of_its_kind_does_not_answer_for_one_without_an_id() -> None:
    platform, elsewhere = make_platform("Ours"), make_person("elsewhere")
    Ownership.objects.create(platform=platform, scope_kind="environment", scope_id="other", owner=elsewhere)
    assert owner_of(platform, ("environment", "")) is None
    assert owner_of(platform, ("environment", "other")) == elsewhere


@pytest.mark.usefixtures("db")
def test_who_has_the_duty_everywhere_stands_in_where_nobody_has_it_here() -> None:
    platform = make_platform("Ours")
    everywhere = make_person("everywhere", "remediation_owner")
    assert owner_of(platform, ("app", "x")) == everywhere
    here = make_person("here", "remediation_owner", platform=platform)
    assert owner_of(platform, ("app", "x")) == here


@pytest.mark.usefixtures("db")
def test_the_people_of_a_platform_come_before_those_of_everywhere() -> None:
    ours, theirs = make_platform("Ours"), make_platform("Theirs")
    here, everywhere = make_person("here", "approver", platform=ours), make_person("all", "approver")
    make_person("gone", "approver", platform=theirs, is_active=False)
    assert people_of(ours, DutyRole.APPROVER) == [here]
    assert people_of(theirs, DutyRole.APPROVER) == [everywhere]
    assert people_of(None, DutyRole.APPROVER) == [everywhere]


@pytest.mark.usefixtures("db")
def test_asked_of_many_things_at_once_the_owners_are_those_of_each_alone() -> None:
    ours, theirs = make_platform("Ours"), make_platform("Theirs")
    first, second, deputy = make_person("first"), make_person("second"), make_person("deputy")
    gone, whole = make_person("gone", is_active=False), make_person("whole")
    rows = (
        (ours, "platform", "", whole, None),
        (ours, "control", "ADD-01", first, deputy),
        (ours, "control", "ADD-02", gone, deputy),
        (ours, "control", "ADD-03", gone, None),
        (ours, "app", "ADD-04", second, None),
        (theirs, "control", "ADD-05", second, None),
    )
    for platform, kind, identity, owner, stand_in in rows:
        Ownership.objects.create(platform=platform, scope_kind=kind, scope_id=identity, owner=owner, deputy=stand_in)
    things = {("control", f"ADD-0{n}") for n in range(1, 7)} | {("app", "ADD-04"), ("app", "ADD-01")}
    found = owners_of(ours, things)
    assert found == {thing: owner_of(ours, thing) for thing in things}
    assert {found["control", "ADD-01"], found["control", "ADD-02"], found["control", "ADD-03"]} == {
        first,
        deputy,
        whole,
    }
    assert found["app", "ADD-04"] == second
