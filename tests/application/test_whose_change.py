"""Nobody approves their own change, by whichever way round; what was done late or elsewhere is told as what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from django.db import transaction

from passmuster.application.access import Actor, NotAllowed
from passmuster.application.acting import keeper
from passmuster.application.changes.adopting import adopt_plan
from passmuster.application.changes.affected_apps import known_apps, tell_owners
from passmuster.application.changes.approving import (
    approve_change,
    justify_emergency,
    record_external_approval,
    request_approval,
    use_emergency_path,
)
from passmuster.application.changes.change_facts import look_at_gates
from passmuster.application.changes.changes import (
    cancel_change,
    name_owner,
    record_deployment,
    record_failure,
    record_gate,
    replan_change,
    verify_change,
)
from passmuster.application.changes.checking_changes import check_changes
from passmuster.application.changes.gate_policy import read_gate_policy
from passmuster.application.changes.planning import propose_plan
from passmuster.errors import NotReady, UnreadableInput, UsageError
from passmuster.model.keeping import ChangeStatus, GateKind
from passmuster.records.models import AuditEvent, Change, Gate, Message, Ownership, Person, Vendor
from tests.application.house import BEGIN, NEW, House, house
from tests.keeping import make_person

__all__ = ["house"]


@pytest.fixture
def small(house: House) -> House:
    """A small house, where Duo has every duty on the platform and Max helps with all but approving."""
    house.people["duo"] = make_person("duo", "platform_owner", "remediation_owner", "approver", platform=house.platform)
    house.people["max"] = make_person("max", "platform_owner", "remediation_owner", platform=house.platform)
    return house


def _owner(house: House, who: str, hours: float, change: Change) -> None:
    name_owner(house.at("max", hours), change, house.people[who].pk)


def _asked_first(house: House, change: Change) -> None:
    request_approval(house.at("duo", 1), change)
    request_approval(house.at("max", 2), change)


def _owned_before(house: House, change: Change) -> None:
    _owner(house, "duo", 1, change)
    _owner(house, "max", 2, change)


def _owned_by_nobody_since(house: House, change: Change) -> None:
    _owner(house, "duo", 1, change)
    name_owner(house.at("max", 2), change, None)


def _proposed(house: House, change: Change) -> None:
    adopt_plan(house.at("max", 2), propose_plan(house.at("duo", 1), [house.platform]))


def _adopted_before(house: House, change: Change) -> None:
    adopt_plan(house.at("duo", 1), propose_plan(house.at("max", 1), [house.platform]))
    adopt_plan(house.at("max", 2), propose_plan(house.at("max", 2), [house.platform]))


def _tried_before(house: House, change: Change) -> None:
    _owned_before(house, change)
    approve_change(house.at("anna", 3), change)
    record_failure(house.at("max", 4), change, why="it stops")
    replan_change(house.at("max", 5), change, why="mended")


def _used_the_emergency_path(house: House, change: Change) -> None:
    use_emergency_path(house.at("duo", 1), change, why="attackers are in")


WAYS = (
    *(_asked_first, _owned_before, _owned_by_nobody_since, _proposed, _adopted_before, _tried_before),
    _used_the_emergency_path,
)


def test_who_was_ever_behind_a_change_does_not_approve_it(small: House) -> None:
    small.adopted()
    walked_around = []
    for way in WAYS:
        for decide in (approve_change, _number):
            with _undone():
                change = small.change(small.production)
                way(small, change)
                if _is_let(decide, small.at("duo", 6), change):
                    walked_around.append(f"{way.__name__}, {decide.__name__}")
                elif decide is approve_change:
                    approve_change(small.at("anna", 7), change)
    assert walked_around == []


def _number(who: Actor, change: Change) -> Change:
    return record_external_approval(who, change, "CHG0012345")


def _is_let(step: Callable[[Actor, Change], object], who: Actor, change: Change) -> bool:
    try:
        step(who, change)
    except NotAllowed as refused:
        return "their own change" not in str(refused)
    return True


@contextmanager
def _undone() -> Iterator[None]:
    """What is done within is taken back, so that the next case meets the same house."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _becomes_owner(house: House, change: Change) -> None:
    _owner(house, "duo", 2, change)


def _asks(house: House, change: Change) -> None:
    request_approval(house.at("duo", 2), change)


def _adopts(house: House, change: Change) -> None:
    adopt_plan(house.at("duo", 2), propose_plan(house.at("max", 2), [house.platform]))


def test_who_approved_and_takes_the_change_over_has_not_approved_it(small: House) -> None:
    small.adopted()
    for way, number in ((_becomes_owner, ""), (_becomes_owner, "CHG0012345"), (_adopts, ""), (_adopts, "CHG0012345")):
        with _undone():
            change = small.change(small.production)
            decide = _number if number else approve_change
            decide(small.at("duo", 1), change)
            with pytest.raises(NotAllowed, match="approved a change does not carry it out"):
                record_deployment(small.at("duo", 1), change)
            way(small, change)
            change = small.change(small.production)
            assert (change.status, change.external_approval) == (ChangeStatus.PLANNED, ""), (way, number)
            assert Gate.objects.get(change=change, kind="approval").finding == "nobody approved it yet; 1 more must"
            for told in AuditEvent.objects.filter(action="name_change_owner"):
                assert told.after["approvals_taken_back"] == [number or "duo@example.org"]
                assert told.after["owner_id"] == small.people["duo"].pk


def test_one_of_two_who_approved_and_asks_then_counts_no_more(small: House) -> None:
    small.adopted()
    change = small.change(small.production)
    Gate.objects.filter(change=change, kind="approval").update(requirement={"approvers": 2})
    approve_change(small.at("duo", 1), change)
    _asks(small, change)
    approve_change(small.at("anna", 3), change)
    assert small.change(small.production).status == ChangeStatus.PLANNED
    approve_change(small.at("vera", 4), change)
    assert small.change(small.production).status == ChangeStatus.APPROVED


def test_a_guest_or_somebody_who_left_carries_nothing_out(house: House) -> None:
    house.adopted()
    change = house.change(house.production)
    vendor = Vendor.objects.create(name="Acme", created_at=BEGIN)
    guest = make_person("vic", "vendor_contact", vendor=vendor)
    gone = make_person("gil", "remediation_owner", is_active=False)
    for person in (guest, gone):
        with pytest.raises(UsageError, match="of your own"):
            name_owner(house.at("remi", 1), change, person.pk)


def test_what_was_found_in_place_is_not_justified_by_who_carries_it_out(small: House) -> None:
    small.adopted()
    change = small.change(small.production)
    _owned_before(small, change)
    small.look(NEW, 20)
    check_changes(small.keeper(20))
    change.refresh_from_db()
    assert (change.is_emergency, change.emergency_by) == (True, None)
    with pytest.raises(NotAllowed, match="their own change"):
        justify_emergency(small.at("duo", 21), change, why="it was me")
    justify_emergency(small.at("anna", 21), change, why="the incident report shows it")


def test_the_emergency_path_is_not_used_anew_while_nobody_justified_it(small: House) -> None:
    small.adopted()
    change = small.change(small.production)
    use_emergency_path(small.at("duo", 1), change, why="attackers are in")
    change.refresh_from_db()
    first = (change.emergency_by_id, change.justify_by_at)
    with pytest.raises(NotReady, match="not justified yet"):
        use_emergency_path(small.at("max", 200), change, why="still")
    change.refresh_from_db()
    assert (change.emergency_by_id, change.justify_by_at) == first
    with pytest.raises(NotAllowed, match="their own change"):
        justify_emergency(small.at("duo", 201), change, why="mine")


def test_what_is_written_down_late_soaks_from_then_and_says_so(house: House) -> None:
    house.adopted()
    staging, production = house.change(house.staging), house.change(house.production)
    record_gate(house.at("remi", 1), staging, GateKind.FORENSIC_TRIAGE, note="read", facts={"result": "clean"})
    with pytest.raises(UsageError, match="before 2026-06-15 08:00 UTC, when this try was planned"):
        record_deployment(house.at("remi", 1), staging, at=BEGIN - timedelta(days=30))
    record_deployment(house.at("remi", 40), staging, at=BEGIN + timedelta(hours=2))
    with pytest.raises(UsageError, match="has not come yet"):
        verify_change(house.at("remi", 41), staging, by="behaviour_test", note="ran", at=BEGIN + timedelta(hours=50))
    verify_change(house.at("remi", 41), staging, by="behaviour_test", note="ran")
    words = {each.gate.kind: each.verdict.words for each in look_at_gates(production, now=BEGIN + timedelta(hours=42))}
    assert words["soak_over"] == (
        "12 hours since 2026-06-15 10:00 UTC (written down 38 hours afterwards; counted from then, "
        "2026-06-17 00:00 UTC) are over at 2026-06-17 12:00 UTC"
    )
    event = AuditEvent.objects.get(action="record_deployment")
    assert (event.after["deployed_at"], event.after["deployed_noted_at"]) == (
        "2026-06-15T10:00:00Z",
        "2026-06-17T00:00:00Z",
    )


def test_a_new_try_is_not_deployed_before_it_was_planned(house: House) -> None:
    house.adopted()
    staging = house.change(house.staging)
    for hours in (1, 20):
        record_gate(house.at("remi", hours), staging, GateKind.FORENSIC_TRIAGE, note="read", facts={"result": "clean"})
        if hours == 1:
            record_deployment(house.at("remi", 2), staging)
            record_failure(house.at("remi", 3), staging, why="it stops")
            replan_change(house.at("remi", 10), staging, why="mended")
    with pytest.raises(UsageError, match="when this try was planned"):
        record_deployment(house.at("remi", 21), staging, at=BEGIN + timedelta(hours=5))


def test_a_window_that_passed_is_told_once_and_planned_anew(house: House) -> None:
    house.adopted()
    change = house.change(house.production)
    name_owner(house.at("remi", 1), change, house.people["remi"].pk)
    Change.objects.update(due_at=BEGIN + timedelta(days=60))
    assert change.window_end_at is not None

    def told(hours: float) -> list[tuple[int, str]]:
        found = [each for each in check_changes(house.keeper(hours)) if each.kind == "change_window_missed"]
        return [(each.person_id, each.key) for each in found if each.link == f"/changes/{change.pk}"]

    assert told(1) == []
    first = told(24 * 20)
    assert [person for person, _ in first] == [house.people["remi"].pk]
    assert told(24 * 21) == first
    later = 24 * 21
    plan = propose_plan(house.at("remi", later), [house.platform])
    assert change.job in {each["job"] for each in plan.plan["placements"]}
    adopt_plan(house.at("olga", later), plan)
    change.refresh_from_db()
    assert change.window_start_at is not None
    assert change.window_start_at >= BEGIN + timedelta(hours=later)
    assert told(later) == []
    (again,) = told(later + 24 * 30)
    assert again not in first


def _requirement(house: House, terms: str) -> dict[str, object]:
    """What the approval gate asks after a plan was adopted under the shipped policy with these terms in every tier."""
    file = _write_policy(house.home, terms)
    try:
        house.adopted()
    finally:
        file.unlink()
    return dict(Gate.objects.get(change=house.change(house.production), kind="approval").requirement)


def _write_policy(home: Path, terms: str) -> Path:
    """The shipped policy with these lines instead of the number of approvers."""
    shipped = files("passmuster.application.policies").joinpath("gates.yaml").read_text(encoding="utf-8")
    (home / "policies").mkdir(exist_ok=True)
    file = home / "policies" / "gates.yaml"
    file.write_text(shipped.replace("    approvers: 1\n", terms))
    return file


def test_the_policy_says_which_duty_an_approver_has_beside(house: House) -> None:
    asked = _requirement(house, "    approvers: {count: 1, roles: [sponsor]}\n")
    assert (asked["approvers"], asked["roles"]) == (1, ["sponsor"])
    change = house.change(house.production)
    house.people["sina"] = make_person("sina", "sponsor", "approver", platform=house.platform)
    for who, words in (("anna", "an approver who is sponsor too"), ("vera", "sponsor too")):
        with pytest.raises(NotAllowed, match=words):
            approve_change(house.at(who, 1), change)
        with pytest.raises(NotAllowed, match=words):
            record_external_approval(house.at(who, 1), change, "CHG0012345")
    approve_change(house.at("sina", 1), change)
    assert house.change(house.production).status == ChangeStatus.APPROVED


def test_the_policy_may_let_whoever_works_on_it_enter_a_number_but_never_who_asked(house: House) -> None:
    _requirement(house, "    approvers: 1\n    external: by_anyone_on_it\n")
    change = house.change(house.production)
    request_approval(house.at("remi", 1), change)
    with pytest.raises(NotAllowed, match="their own change"):
        record_external_approval(house.at("remi", 2), change, "CHG0012345")
    record_external_approval(house.at("rita", 2), change, "CHG0012345")
    assert house.change(house.production).status == ChangeStatus.APPROVED


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ("    approvers: {count: 0}\n", "tiers.high.approvers"),
        ("    approvers: {count: 1, roles: [vendor_contact]}\n", "tiers.high.approvers"),
        ("    approvers: 1\n    external: by_nobody\n", "tiers.high.external"),
    ],
)
def test_a_mistaken_policy_is_told_with_its_place(tmp_path: Path, terms: str, words: str) -> None:
    _write_policy(tmp_path, terms)
    with pytest.raises(UnreadableInput) as told:
        read_gate_policy(tmp_path)
    assert words in str(told.value)


def test_owners_of_affected_apps_are_told_by_the_keeper_and_once(house: House) -> None:
    change = house.vendors_change()
    remi = house.at("remi", 1)
    with pytest.raises(UsageError, match="name the apps"):
        tell_owners(remi, change)
    owned, alone = known_apps(house.platform)[:2]
    record_gate(remi, change, GateKind.APPS_NAMED, note="read", facts={"apps": [owned.name, alone.id, "Paper forms"]})
    gate = Gate.objects.get(change=change, kind="apps_named")
    assert gate.stated["not_in_inventory"] == ["Paper forms"]
    assert "(not in the newest look: Paper forms)" in gate.finding
    with pytest.raises(UsageError, match="nobody owns any"):
        tell_owners(remi, change)
    olga = house.people["olga"]
    Ownership.objects.create(platform=house.platform, scope_kind="app", scope_id=owned.id, owner=olga)
    told = tell_owners(remi, change)
    assert (told.status, told.stated["told"]) == ("open", ["olga@example.org"])
    assert told.stated["told_at"] == (BEGIN + timedelta(hours=1)).isoformat()
    assert f"nobody owns {alone.id}, Paper forms" in told.finding
    tell_owners(house.at("remi", 2), change)
    (message,) = Message.objects.filter(person=olga, kind="change_affects_app")
    assert owned.name in message.text
    for thing in (alone.id, "Paper forms"):
        Ownership.objects.create(platform=house.platform, scope_kind="app", scope_id=thing, owner=olga)
    again = tell_owners(house.at("remi", 3), change)
    assert (again.status, again.stated["told_noted_at"]) == ("met", (BEGIN + timedelta(hours=3)).isoformat())
    assert tell_owners(house.at("remi", 9), change).stated["told_noted_at"] == again.stated["told_noted_at"]
    record_gate(house.at("remi", 4), change, GateKind.APPS_NAMED, note="read", facts={"apps": ["none"]})
    assert Gate.objects.get(change=change, kind="apps_named").status == "met"


def test_the_way_back_is_taken_by_one_of_our_own_people(house: House) -> None:
    house.adopted()
    change = house.change(house.production)
    make_person("vic", "vendor_contact", vendor=Vendor.objects.create(name="Acme", created_at=BEGIN))
    for name in ("t1", "t2"):
        Person.objects.filter(pk=make_person(name, "reviewer").pk).update(name="Twin")
    for owner, words in (("nobody", "none of your people"), ("vic@example.org", "none of"), ("Twin", "more than one")):
        with pytest.raises(UsageError, match=words):
            record_gate(house.at("remi", 1), change, GateKind.ROLLBACK_PLAN, note="reinstall", facts={"owner": owner})
    gate = record_gate(house.at("remi", 1), change, GateKind.ROLLBACK_PLAN, note="reinstall", facts={"owner": "Remi"})
    assert gate.stated["owner"] == "remi@example.org"


def test_a_cancelled_change_is_nobodys_window(house: House) -> None:
    house.adopted()
    for change in Change.objects.all():
        cancel_change(house.at("remi", 1), change, why="switched off")
    assert [each for each in check_changes(keeper(BEGIN + timedelta(days=30))) if "window" in each.kind] == []
