"""A patch that fails in staging before production is touched, and one that is rolled back in production."""

from __future__ import annotations

from datetime import date

import pytest

from tests.stories.keeper.exploited_n8n import CVE, FIXED, VULNERABLE
from tests.stories.keeper.house import House
from tests.stories.keeper.patched_house import (
    CLEAN,
    PLATFORM,
    adopt_what_is_proposed,
    clock,
    deploy_in_staging,
    face,
    on,
    patched,
    run_version,
    the_feed_brings_it,
)
from tests.stories.keeper.patching import PatchingFace
from tests.stories.keeper.patching_seen import (
    BACKUP,
    FORENSICS,
    MIGRATION,
    SOAK,
    STAGING,
    TOLD,
    WAY_BACK,
    PlanSeen,
    Statement,
    VulnerabilitySeen,
)
from tests.stories.keeper.people import Refused
from tests.stories.keeper.verifying import the_record_holds

__all__ = ["clock", "face", "patched"]

HANGS = "three of the ten workflows hang after the start"
SLOW = "the queue stands still; the release notes tell of it since this morning"


def test_a_patch_that_fails_in_staging_never_reaches_production(face: PatchingFace, patched: House) -> None:
    house = patched
    house.work()
    house.clock.go_to(on(11, 8))
    the_feed_brings_it(house)
    adopt_what_is_proposed(face, house)
    # What was not even deployed cannot have failed.
    with pytest.raises(Refused):
        face.take_step("staging", "Failed", HANGS)
    house.clock.go_to(on(11, 21, 15))
    deploy_in_staging(face, "by the script")
    with pytest.raises(Refused):
        face.take_step("staging", "Failed", " ")
    face.take_step("staging", "Failed", HANGS)
    failed = face.change("staging")
    assert (failed.status, failed.note, failed.attempt) == ("failed", HANGS, 1)
    _production_is_not_touched(face, house)
    _it_is_told_and_planned_again(face, house)
    _the_second_try_holds(face, house)


def _production_is_not_touched(face: PatchingFace, house: House) -> None:
    production = face.change("production")
    assert (production.status, production.deployed_at) == ("planned", None)
    for gate in (STAGING, SOAK):
        assert (production.gates[gate].status, production.gates[gate].words) == ("failed", "staging: failed")
    with pytest.raises(Refused, match="tested in staging: staging: failed"):
        face.take_step("production", "Deployed", "it is only staging")
    # Saying that it passed does not make it so.
    face.state_gate("production", STAGING, Statement("works for me", result="passed"))
    assert face.change("production").gates[STAGING].status == "failed"
    assert face.vulnerabilities() == [VulnerabilitySeen(CVE, PLATFORM, True, date(2026, 3, 14), "planned")]


def _it_is_told_and_planned_again(face: PatchingFace, house: House) -> None:
    house.clock.go_to(on(12, 7))
    house.work()
    assert f"n8n@{FIXED}: failed. Plan it again, or say why not." in face.messages()
    face.make_plan()
    house.work()
    plan = face.proposed_plan()
    assert plan == PlanSeen(plan.number, "Remi", frozenset({"automations/staging", "automations/production"}))
    adopt_what_is_proposed(face, house)
    again, production = face.change("staging"), face.change("production")
    assert (again.status, again.attempt, again.begins_at, again.deployed_at) == ("planned", 2, on(12, 21), None)
    assert production.begins_at == on(13, 21)
    # What was seen for the first try counts for nothing; traces are looked for anew.
    assert again.in_the_way == {FORENSICS}
    assert (production.attempt, production.gates[STAGING].status) == (1, "open")


def _the_second_try_holds(face: PatchingFace, house: House) -> None:
    house.clock.go_to(on(12, 21, 10))
    deploy_in_staging(face, "with the memory raised")
    face.verify_by_test("staging", "all ten workflows ran")
    assert face.changes() == {"staging": "verified", "production": "planned"}
    assert (
        face.change("production").gates[STAGING].words
        == "staging: verified by behaviour test; says Remi: all ten workflows ran"
    )
    face.sign_in(house["audi"])
    assert the_record_holds(face, house)


def test_a_patch_that_is_rolled_back_leaves_its_vulnerability_open_and_is_planned_again(
    face: PatchingFace, patched: House
) -> None:
    house = patched
    house.work()
    house.clock.go_to(on(11, 8))
    the_feed_brings_it(house)
    adopt_what_is_proposed(face, house)
    _it_gets_to_production(face, house)
    face.take_step("production", "Rolled back", SLOW)
    _it_is_shown_as_such_and_still_open(face, house)
    _it_is_told(face, house)
    _everything_is_asked_again(face, house)


def _it_gets_to_production(face: PatchingFace, house: House) -> None:
    house.clock.go_to(on(11, 21, 15))
    deploy_in_staging(face, "by the script")
    face.verify_by_test("staging", "the ten workflows ran")
    house.clock.go_to(on(12, 20))
    face.state_gate("production", FORENSICS, CLEAN)
    face.state_gate("production", WAY_BACK, Statement(f"install {VULNERABLE}", owner="Remi"))
    face.state_gate("production", TOLD, Statement("mail to all makers", told_at=on(12, 9)))
    face.state_gate("production", MIGRATION, Statement("the release notes", result="none_needed"))
    copy = Statement("job 17", taken_at=on(12, 2), restore_tested_at=on(2, 10))
    face.state_gate("production", BACKUP, copy)
    face.sign_in(house["anna"])
    face.take_step("production", "Approve", "seen")
    face.sign_in(house["remi"])
    house.clock.go_to(on(12, 21, 5))
    face.take_step("production", "Deployed", "in its window")


def _it_is_shown_as_such_and_still_open(face: PatchingFace, house: House) -> None:
    back = face.change("production")
    assert (back.status, back.note, back.verified_at) == ("rolled back", SLOW, None)
    assert face.changes() == {"staging": "verified", "production": "rolled back"}
    # The next look shows the old version, as it should; nothing is closed by it.
    run_version(house, VULNERABLE)
    face.sign_in(house["olga"])
    house.clock.go_to(on(12, 22, 30))
    face.have_looked_at(PLATFORM)
    house.work()
    assert face.change("production").status == "rolled back"
    assert face.vulnerabilities() == [VulnerabilitySeen(CVE, PLATFORM, True, date(2026, 3, 14), "rolled back")]
    assert face.days_to_patch(PLATFORM) is None


def _it_is_told(face: PatchingFace, house: House) -> None:
    face.sign_in(house["remi"])
    assert f"n8n@{FIXED}: rolled back. Plan it again, or say why not." in face.messages()


def _everything_is_asked_again(face: PatchingFace, house: House) -> None:
    house.clock.go_to(on(13, 7))
    house.work()
    face.make_plan()
    house.work()
    plan = face.proposed_plan()
    # Staging has it and keeps it.
    assert plan == PlanSeen(plan.number, "Remi", frozenset({"automations/production"}))
    adopt_what_is_proposed(face, house)
    again = face.change("production")
    assert (again.status, again.attempt, again.begins_at, again.deployed_at) == ("planned", 2, on(13, 21), None)
    # That staging was verified still counts; all that was said for the first try does not.
    assert set(again.gates) - again.in_the_way == {STAGING, SOAK}
    with pytest.raises(Refused, match="forensic triage"):
        face.take_step("production", "Deployed", "once more")
    face.sign_in(house["audi"])
    assert the_record_holds(face, house)
