from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from passmuster.application.access import NotAllowed
from passmuster.application.changes.adopting import adopt_plan
from passmuster.application.changes.approving import (
    approve_change,
    justify_emergency,
    record_external_approval,
    refuse_change,
    request_approval,
    use_emergency_path,
)
from passmuster.application.changes.change_facts import look_at_gates
from passmuster.application.changes.changes import (
    record_deployment,
    record_failure,
    record_gate,
    record_rollback,
    replan_change,
    verify_change,
)
from passmuster.application.changes.checking_changes import check_changes
from passmuster.application.changes.planning import propose_plan
from passmuster.errors import NotReady, UsageError
from passmuster.model.keeping import ChangeStatus, GateKind
from passmuster.records.models import AuditEvent, Change, Collection, Environment, Gate, Plan, Platform
from tests.application.house import BEGIN, HIDDEN, NEW, OLD, House, house
from tests.keeping import make_platform

__all__ = ["house"]


def _open(house: House, change: Change, hours: float) -> set[str]:
    return {
        each.gate.kind
        for each in look_at_gates(change, now=BEGIN + timedelta(hours=hours))
        if each.verdict.status not in ("met", "waived")
    }


def _status(change: Change) -> str:
    change.refresh_from_db()
    return change.status


def _pass_the_rest(house: House, change: Change, hours: float) -> None:
    """Everything but staging, soak and approval, for an exploited patch of the high tier."""
    now = (BEGIN + timedelta(hours=hours)).isoformat()
    remi = house.at("remi", hours)
    record_gate(remi, change, GateKind.FORENSIC_TRIAGE, note="logs of a week read", facts={"result": "clean"})
    told = {"taken_at": now, "restore_tested_at": (BEGIN - timedelta(days=30)).isoformat()}
    record_gate(remi, change, GateKind.BACKUP_VERIFIED, note="job 17", facts=told)
    record_gate(remi, change, GateKind.ROLLBACK_PLAN, note="reinstall 2.40.7", facts={"owner": "remi"})
    record_gate(remi, change, GateKind.USERS_TOLD, note="mail to all makers", facts={"told_at": now})
    record_gate(remi, change, GateKind.MIGRATION_REHEARSED, note="release notes", facts={"result": "none_needed"})


def test_adopting_makes_a_change_for_each_environment_with_the_gates_of_its_tier(house: House) -> None:
    plan = house.adopted()
    staging, production = house.change(house.staging), house.change(house.production)
    assert production.after_job == staging.job
    assert (production.status, production.severity, production.is_exploited) == ("planned", "critical", True)
    assert production.needs_forensics
    assert production.target_version == NEW
    assert production.advisories == ["CVE-2026-90001"]
    assert production.window_start_at is not None
    assert staging.window_end_at is not None
    # The urgent soak of the high tier is 12 hours.
    assert production.window_start_at - staging.window_end_at >= timedelta(hours=12)
    assert {gate.kind for gate in production.gates.all()} == {
        *("tested_in_staging", "soak_over", "backup_verified", "rollback_plan", "users_told"),
        *("migration_rehearsed", "forensic_triage", "approval"),
    }
    # Looking for traces comes before anything is changed, in staging too.
    assert {gate.kind for gate in staging.gates.all()} == {"forensic_triage"}
    assert production.disclosed_at is not None
    assert production.learned_at is not None
    assert AuditEvent.objects.filter(action="adopt_plan", subject_id=str(plan.pk)).count() == 1


def test_an_exploited_vulnerability_goes_from_plan_to_a_patch_verified_by_version(house: House) -> None:
    house.adopted()
    staging, production = house.change(house.staging), house.change(house.production)
    with pytest.raises(NotReady, match="look for traces of misuse"):
        record_deployment(house.at("remi", 1), staging)
    record_gate(house.at("remi", 2), staging, GateKind.FORENSIC_TRIAGE, note="logs read", facts={"result": "clean"})
    record_deployment(house.at("remi", 3), staging)
    _pass_the_rest(house, production, 4)
    assert _open(house, production, 4) == {"tested_in_staging", "soak_over", "approval"}
    verify_change(house.at("remi", 5), staging, by="behaviour_test", note="the ten flows of the smoke test ran")
    assert _open(house, production, 6) == {"soak_over", "approval"}
    assert _open(house, production, 14.9) == {"soak_over", "approval"}
    assert _open(house, production, 15) == {"approval"}
    request_approval(house.at("remi", 6), production)
    approve_change(house.at("anna", 7), production, note="seen")
    assert _status(production) == ChangeStatus.APPROVED
    with pytest.raises(NotReady, match="soak over: 12 hours since"):
        record_deployment(house.at("remi", 14), production)
    # Its window is that of the second night; the backup of the day before is too old by then.
    with pytest.raises(NotReady, match=r"^not deployed yet: window: [^;]*has not begun at 2026-06-16 00:00 UTC$"):
        record_deployment(house.at("remi", 16), production)
    _pass_the_rest(house, production, 35)
    record_deployment(house.at("remi", 36.5), production)
    assert _status(production) == ChangeStatus.DEPLOYED
    # The look from before proves nothing, one that still shows the old version does not either.
    check_changes(house.keeper(37))
    house.look(OLD, 38)
    check_changes(house.keeper(38))
    assert _status(production) == ChangeStatus.DEPLOYED
    assert OLD in production.outcome_note
    house.look(NEW, 40)
    check_changes(house.keeper(40))
    assert _status(production) == ChangeStatus.VERIFIED
    assert (production.verified_by, production.verified_at) == ("version", BEGIN + timedelta(hours=40))
    assert NEW in production.verified_note
    events = AuditEvent.objects.count()
    check_changes(house.keeper(41))
    assert AuditEvent.objects.count() == events


def _deployed_in_an_emergency(house: House) -> Change:
    """Production deployed by the emergency path; returns it."""
    house.adopted()
    production = house.change(house.production)
    record_gate(house.at("remi", 1), production, GateKind.FORENSIC_TRIAGE, note="logs", facts={"result": "clean"})
    use_emergency_path(house.at("olga", 1), production, why="attackers are in")
    record_deployment(house.at("remi", 2), production)
    return production


def test_a_look_that_hides_the_version_is_told_as_one_that_could_not_tell(house: House) -> None:
    production = _deployed_in_an_emergency(house)
    house.look(HIDDEN, 3)
    check_changes(house.keeper(3))
    assert _status(production) == ChangeStatus.DEPLOYED
    assert production.outcome_note == (
        "the look of 2026-06-15 11:00 UTC cannot tell whether it is patched: it does not tell the version of n8n"
    )
    events = AuditEvent.objects.count()
    house.look(HIDDEN, 4)
    check_changes(house.keeper(4))
    assert AuditEvent.objects.count() == events
    house.look(NEW, 5)
    check_changes(house.keeper(5))
    assert _status(production) == ChangeStatus.VERIFIED


def test_a_look_that_cannot_be_read_is_told_where_somebody_waits_for_it(house: House) -> None:
    production = _deployed_in_an_emergency(house)
    look = house.look(NEW, 3)
    (house.home / look.store_key / "manifest.json").unlink()
    check_changes(house.keeper(3))
    assert _status(production) == ChangeStatus.DEPLOYED
    assert production.outcome_note.startswith("the look of 2026-06-15 11:00 UTC could not be read: ")
    assert not Change.objects.exclude(pk=production.pk).exclude(outcome_note="").exists()


def test_what_was_verified_and_is_seen_again_has_regressed_and_is_planned_again(house: House) -> None:
    test_an_exploited_vulnerability_goes_from_plan_to_a_patch_verified_by_version(house)
    house.look(OLD, 60)
    check_changes(house.keeper(60))
    production = house.change(house.production)
    assert production.status == ChangeStatus.REGRESSED
    house.adopted(61)
    assert _status(production) == ChangeStatus.PLANNED
    assert (production.attempt, production.deployed_at, production.verified_by) == (2, None, "")
    # What was stated was of the other try; that staging has it still holds.
    assert "backup_verified" in _open(house, production, 31)
    assert "tested_in_staging" not in _open(house, production, 31)


def test_nobody_approves_what_they_asked_for_planned_or_carry_out(house: House) -> None:
    house.adopted()
    production = house.change(house.production)
    production.owner = house.people["anna"]
    production.save()
    with pytest.raises(NotAllowed, match="their own change"):
        approve_change(house.at("anna", 1), production)
    with pytest.raises(NotAllowed):
        approve_change(house.at("olga", 1), production)
    with pytest.raises(NotAllowed):
        approve_change(house.keeper(1), production)
    request_approval(house.at("remi", 1), production)
    with pytest.raises(NotAllowed, match="their own change"):
        record_external_approval(house.at("anna", 1), production, "CHG0012345")
    with pytest.raises(NotAllowed, match="ask an approver"):
        record_external_approval(house.at("rita", 1), production, "CHG0012345")
    with pytest.raises(UsageError, match="does not fit"):
        record_external_approval(house.at("vera", 1), production, "trust me")
    record_external_approval(house.at("vera", 1), production, "CHG0012345")
    gate = Gate.objects.get(change=production, kind="approval")
    assert (gate.status, gate.finding) == ("met", "approved elsewhere as CHG0012345")
    assert _status(production) == ChangeStatus.APPROVED


def test_a_refused_change_is_not_deployed(house: House) -> None:
    house.adopted()
    production = house.change(house.production)
    approve_change(house.at("vera", 1), production)
    refuse_change(house.at("anna", 2), production, why="the shop sells today")
    assert _status(production) == ChangeStatus.PLANNED
    assert Gate.objects.get(change=production, kind="approval").status == "failed"


def test_the_emergency_path_skips_gates_but_not_the_look_for_traces_and_must_be_justified(house: House) -> None:
    house.adopted()
    production = house.change(house.production)
    with pytest.raises(NotAllowed):
        use_emergency_path(house.at("remi", 1), production, why="it burns")
    with pytest.raises(UsageError, match="say why"):
        use_emergency_path(house.at("olga", 1), production, why=" ")
    use_emergency_path(house.at("olga", 1), production, why="attackers are in")
    with pytest.raises(NotReady, match=r"^not deployed yet: forensic triage: [^;]*$"):
        record_deployment(house.at("remi", 1), production)
    record_gate(house.at("remi", 2), production, GateKind.FORENSIC_TRIAGE, note="logs", facts={"result": "clean"})
    record_deployment(house.at("remi", 2), production)
    assert not [each for each in check_changes(house.keeper(48)) if each.kind == "unjustified_emergency"]
    # Not even where the platform is not looked at any more.
    Platform.objects.update(is_active=False)
    late = [each for each in check_changes(house.keeper(73)) if each.kind == "unjustified_emergency"]
    Platform.objects.update(is_active=True)
    assert {each.person_id for each in late} == {house.people["anna"].pk, house.people["vera"].pk}
    with pytest.raises(NotAllowed):
        justify_emergency(house.at("olga", 74), production, why="I say so")
    justify_emergency(house.at("anna", 74), production, why="the incident report shows it")
    assert not [each for each in check_changes(house.keeper(80)) if each.kind == "unjustified_emergency"]


def test_traces_of_misuse_stop_the_change(house: House) -> None:
    house.adopted()
    staging = house.change(house.staging)
    facts = {"result": "traces_found"}
    record_gate(house.at("remi", 1), staging, GateKind.FORENSIC_TRIAGE, note="odd sign-ins", facts=facts)
    with pytest.raises(NotReady, match="traces found"):
        record_deployment(house.at("remi", 1), staging)


def test_a_patch_that_fails_in_staging_stops_production_and_is_tried_again(house: House) -> None:
    house.adopted()
    staging, production = house.change(house.staging), house.change(house.production)
    record_gate(house.at("remi", 2), staging, GateKind.FORENSIC_TRIAGE, note="logs", facts={"result": "clean"})
    record_deployment(house.at("remi", 3), staging)
    record_failure(house.at("remi", 4), staging, why="flows with loops stop")
    verdicts = {each.gate.kind: each.verdict for each in look_at_gates(production, now=BEGIN + timedelta(hours=40))}
    assert (verdicts["tested_in_staging"].status, verdicts["soak_over"].status) == ("failed", "failed")
    record_rollback(house.at("remi", 5), staging, why="back to the old one")
    replan_change(house.at("remi", 6), staging, why="the vendor mended it")
    assert _status(staging) == ChangeStatus.PLANNED
    assert _open(house, staging, 6) == {"forensic_triage"}
    with pytest.raises(NotReady):
        verify_change(house.at("remi", 6), staging, by="behaviour_test", note="ran")


def test_a_patch_that_somebody_installed_without_a_word_is_found_and_must_be_justified(house: House) -> None:
    house.adopted()
    house.look(NEW, 5)
    check_changes(house.keeper(5))
    production = house.change(house.production)
    assert (production.status, production.is_emergency) == ("verified", True)
    assert "open gates" in production.emergency_reason
    # Of staging nobody knows: it is not what was looked at.
    assert house.change(house.staging).status == ChangeStatus.PLANNED


def test_a_plan_is_adopted_once_and_only_while_it_is_fresh(house: House) -> None:
    first = propose_plan(house.at("remi"), [house.platform])
    second = propose_plan(house.at("remi", 1), [house.platform])
    stale = propose_plan(house.at("remi", 2), [house.platform])
    with pytest.raises(NotAllowed):
        adopt_plan(house.at("remi", 2), second)
    adopt_plan(house.at("olga", 2.5), second)
    for plan, hours, words in ((second, 3, "adopted already"), (first, 3, "another plan"), (stale, 27, "day old")):
        with pytest.raises(UsageError, match=words):
            adopt_plan(house.at("olga", hours), plan)
    assert Plan.objects.filter(adopted_at__isnull=False).count() == 1


def test_a_new_plan_keeps_the_windows_and_cancels_what_nothing_asks_for(house: House) -> None:
    house.adopted()
    before = {change.job: change.window_start_at for change in Change.objects.all()}
    approve_change(house.at("anna", 1), house.change(house.production))
    house.adopted(2)
    assert {change.job: change.window_start_at for change in Change.objects.all()} == before
    assert house.change(house.production).status == ChangeStatus.APPROVED
    house.look(NEW, 3)
    house.adopted(4)
    assert {change.status for change in Change.objects.all()} == {"verified", "cancelled"}


def test_moving_an_approved_change_asks_for_approval_again(house: House) -> None:
    house.adopted()
    production = house.change(house.production)
    approve_change(house.at("anna", 1), production)
    weekly = {"id": "weekend", "rrule": "FREQ=WEEKLY;BYDAY=SA", "starts": "2026-06-20T22:00:00", "minutes": 120}
    house.production.windows = [weekly]
    house.production.save()
    house.adopted(2)
    assert _status(production) == ChangeStatus.PLANNED
    assert Gate.objects.get(change=production, kind="approval").status == "open"


def test_gates_say_names_where_the_record_keeps_addresses(house: House) -> None:
    house.adopted()
    production = house.change(house.production)
    _pass_the_rest(house, production, 1)
    approve_change(house.at("anna", 2), production)
    told = {each.gate.kind: each.verdict.words for each in look_at_gates(production, now=BEGIN + timedelta(hours=3))}
    assert told["approval"] == "approved by Anna"
    assert told["rollback_plan"] == "plan by Remi; Remi would carry it out"


def test_a_platform_nobody_can_look_at_keeps_its_changes(house: House) -> None:
    house.adopted()
    (house.home / house.platform.collections.get().store_key / "manifest.json").unlink()
    with pytest.raises(UsageError, match="nothing to plan"):
        propose_plan(house.at("remi", 1), [house.platform])
    assert {change.status for change in Change.objects.all()} == {"planned"}


@pytest.mark.parametrize(
    ("kind", "facts", "words"),
    [
        (GateKind.SOAK_OVER, {}, "not stated by hand"),
        (GateKind.APPROVAL, {}, "not stated by hand"),
        (GateKind.USERS_TOLD, {"told_at": "2026-06-20T00:00:00Z"}, "has not come yet"),
        (GateKind.USERS_TOLD, {"told_at": "yesterday"}, "is no time"),
        (GateKind.FORENSIC_TRIAGE, {"result": "fine"}, "none of clean, traces_found"),
        (GateKind.ROLLBACK_PLAN, {}, "owner: must be given"),
        (GateKind.CASE_OPEN, {"case": "1"}, "asks this change for no case open"),
    ],
)
def test_a_statement_that_cannot_be_is_refused(house: House, kind: GateKind, facts: dict[str, str], words: str) -> None:
    house.adopted()
    with pytest.raises(UsageError, match=words):
        record_gate(house.at("remi", 1), house.change(house.production), kind, note="so", facts=facts)
    assert not Gate.objects.filter(decided_at__isnull=False).exists()


def test_readers_and_others_change_nothing(house: House) -> None:
    house.adopted()
    production = house.change(house.production)
    for who in ("audi", "anna"):
        with pytest.raises(NotAllowed):
            record_gate(house.at(who), production, GateKind.FORENSIC_TRIAGE, note="x", facts={"result": "clean"})
        with pytest.raises(NotAllowed):
            record_deployment(house.at(who), production)
    with pytest.raises(NotAllowed):
        propose_plan(house.at("audi"), [house.platform])


def test_what_the_vendor_applies_is_a_fact_whatever_gates_are_open(house: House) -> None:
    change = house.vendors_change()
    assert change.by_vendor
    assert change.window_start_at == change.window_end_at == BEGIN.replace(day=20, hour=0)
    assert {gate.kind for gate in change.gates.all()} == {
        *("tested_in_preview", "apps_named", "configuration_exported", "deferral_known", "case_open"),
        "forensic_triage",
    }
    record_deployment(house.at("remi", 130), change)
    assert _status(change) == ChangeStatus.DEPLOYED
    with pytest.raises(UsageError, match="proof: choose the evidence"):
        verify_change(house.at("remi", 131), change, by="vendor_statement", note="MC-1: rolled out")
    verify_change(house.at("remi", 131), change, by="vendor_statement", note="rolled out", proof="MC-1")
    assert (_status(change), change.verified_by, change.verified_case) == ("verified", "vendor_statement", "MC-1")
    assert change.verified_person == house.people["remi"]


def test_what_the_vendor_applied_is_no_older_than_what_was_known_of_it(house: House) -> None:
    change = house.vendors_change()
    with pytest.raises(UsageError, match=r"at: is before 2026-06-1\d .* first known"):
        record_deployment(house.at("remi", 130), change, at=datetime.fromisoformat("1990-01-01T00:00:00+00:00"))
    assert _status(change) == ChangeStatus.PLANNED


def test_only_what_the_vendor_applied_is_verified_by_its_statement_and_only_a_look_tells_a_version(
    house: House,
) -> None:
    house.adopted()
    staging = house.change(house.staging)
    record_gate(house.at("remi", 2), staging, GateKind.FORENSIC_TRIAGE, note="logs", facts={"result": "clean"})
    record_deployment(house.at("remi", 3), staging)
    for by in ("vendor_statement", "version"):
        with pytest.raises(UsageError, match="by:"):
            verify_change(house.at("remi", 4), staging, by=by, note="so it is")


def test_a_test_of_what_comes_is_not_proved_by_a_version(house: House) -> None:
    house.adopted()
    Change.objects.filter(environment=house.production).update(action="test_before")
    house.look(NEW, 5)
    check_changes(house.keeper(5))
    assert house.change(house.production).status == ChangeStatus.PLANNED


def test_who_adopted_the_plan_does_not_approve_its_changes(house: House) -> None:
    anna = house.people["anna"]
    plan = propose_plan(house.at("remi"), [house.platform])
    adopt_plan(house.at("anna"), plan)
    production = house.change(house.production)
    production.requested_by = None
    production.save()
    assert production.owner_id != anna.pk
    with pytest.raises(NotAllowed, match="their own change"):
        approve_change(house.at("anna", 1), production)
    approve_change(house.at("vera", 1), production)
    assert _status(production) == ChangeStatus.APPROVED


def test_one_plan_may_hold_several_platforms_and_is_adopted_by_who_may_for_all_of_them(house: House) -> None:
    other = make_platform("Back office", tier="low", platform_id="n8n:demo")
    Environment.objects.create(platform=other, name="production", windows=house.production.windows)
    Collection.objects.create(
        platform=other, state="done", started_at=BEGIN, store_key=house.platform.collections.get().store_key
    )
    unseen = [make_platform(name) for name in ("Never seen", "Nor this")]
    plan = propose_plan(house.at("rita"), [house.platform, other, *unseen])
    assert plan.platforms == [house.platform.pk, other.pk]
    # What is so of several is said once.
    assert "Never seen, Nor this: nobody has looked at it yet; collect first" in plan.problems
    assert len({each.partition(": ")[2] for each in plan.problems}) == len(plan.problems)
    with pytest.raises(NotAllowed):
        adopt_plan(house.at("olga"), plan)
    assert not Change.objects.exists()
    adopt_plan(house.at("vera"), plan)
    assert Change.objects.count() == 3
    low = Change.objects.get(platform=other)
    # Where there is no earlier environment, a test has to be stated.
    assert low.after_job == ""
    assert {gate.kind for gate in low.gates.all()} == {
        *("tested_in_staging", "backup_verified", "users_told", "forensic_triage"),
    }
    assert AuditEvent.objects.filter(action="adopt_plan").count() == 2
    record_gate(house.at("rita", 1), low, GateKind.TESTED_IN_STAGING, note="ran it aside", facts={"result": "passed"})
    assert "tested_in_staging" not in _open(house, low, 1)
