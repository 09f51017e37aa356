from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from passmuster.application.changes.change_facts import look_at_gates
from passmuster.application.changes.changes import record_deployment, record_gate, verify_by_version, verify_change
from passmuster.application.changes.gate_checks import Copy, Earlier, GateFacts, Stated, check_gate
from passmuster.application.changes.gate_policy import PatchFacts, gates_for, read_gate_policy
from passmuster.application.changes.gate_times import Begun, first_noted, span
from passmuster.application.changes.planning import propose_plan
from passmuster.application.evidence.evidence import add_evidence
from passmuster.errors import UnreadableInput
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.model.keeping import ChangeStatus, GateKind, Tier
from passmuster.records.models import AuditEvent, Change, Evidence, Gate
from tests.application.house import BEGIN, House, house

__all__ = ["house"]
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SHIPPED = Path("src/passmuster/application/policies/gates.yaml")


@pytest.mark.parametrize(
    ("begun", "rule", "days_ago", "words"),
    [
        (Begun(NOW - 10 * DAY, NOW), "record", 0, "written down 10 days afterwards; counted from then, 2026-06-15"),
        (Begun(NOW - 10 * DAY, NOW), "evidence", 0, "written down 10 days afterwards; counted from then"),
        (Begun(NOW - 10 * DAY, NOW, has_evidence=True), "record", 0, "counted from then"),
        (Begun(NOW - 10 * DAY, NOW, has_evidence=True), "evidence", 10, "(written down 10 days afterwards, with evid"),
        (Begun(NOW - 10 * DAY, NOW), "statement", 10, " (written down 10 days afterwards)"),
        # What a look shows needs nobody's word.
        (Begun(NOW - 10 * DAY, NOW, NOW - 3 * DAY), "record", 3, "counted from the look that shows it, 2026-06-12"),
        (Begun(NOW - 10 * DAY, NOW, NOW - 10 * DAY), "record", 10, " (written down 10 days afterwards)"),
        # A look after it was written down proves nothing sooner, and none proves what was not there yet.
        (Begun(NOW - 10 * DAY, NOW - 5 * DAY, NOW), "record", 5, "counted from then"),
        (Begun(NOW - 10 * DAY, NOW, NOW - 20 * DAY), "record", 10, "written down 10 days afterwards"),
        (Begun(NOW - DAY, NOW - DAY + timedelta(minutes=4)), "record", 1, ""),
        (Begun(NOW - DAY, NOW - 2 * DAY), "record", 1, ""),
        (Begun(NOW - DAY), "record", 1, ""),
    ],
)
def test_a_wait_counts_from_what_the_policy_takes_for_known_and_says_what_was_written_down_later(
    begun: Begun, rule: str, days_ago: int, words: str
) -> None:
    assert begun.counts_from(rule) == NOW - days_ago * DAY
    assert words in begun.told(rule)
    assert bool(begun.told(rule)) == bool(words)


@pytest.mark.parametrize(
    ("kind", "requirement", "facts"),
    [
        (
            GateKind.SOAK_OVER,
            {"soak_hours": 12},
            {"earlier": Earlier("staging", ChangeStatus.VERIFIED, NOW - 10 * DAY, "behaviour_test", NOW)},
        ),
        (
            GateKind.USERS_TOLD,
            {"notice_days": 3},
            {"stated": Stated({"told_at": (NOW - 10 * DAY).isoformat()}, NOW, "Remi")},
        ),
        (
            GateKind.APPS_NAMED,
            {"notice_days": 3},
            {"stated": Stated({"told_at": (NOW - 10 * DAY).isoformat(), "apps": ["a"]}, NOW, "Remi")},
        ),
    ],
)
def test_no_wait_is_over_by_a_statement_of_today_about_ten_days_ago(
    kind: GateKind, requirement: dict[str, object], facts: dict[str, object]
) -> None:
    found = {
        rule: check_gate(kind, {**requirement, "counts_from": rule}, GateFacts(now=NOW, **facts))  # type: ignore[arg-type]
        for rule in ("record", "evidence", "statement")
    }
    assert {rule: verdict.status.value for rule, verdict in found.items()} == {
        "record": "open",
        "evidence": "open",
        "statement": "met",
    }
    assert all("written down 10 days afterwards" in verdict.words for verdict in found.values())
    assert found["record"].holds_from == NOW + (timedelta(hours=12) if kind is GateKind.SOAK_OVER else 3 * DAY)
    # A change planned before there was a rule keeps what was asked of it.
    assert check_gate(kind, requirement, GateFacts(now=NOW, **facts)).status.value == "met"  # type: ignore[arg-type]


def test_backups_and_restores_that_were_written_down_later_say_so() -> None:
    asked = {"backup_age_hours": 24, "restore_proof_days": 180}
    taken, restored = (NOW - timedelta(hours=2)).isoformat(), (NOW - 30 * DAY).isoformat()
    stated = Stated({"taken_at": taken, "restore_tested_at": restored}, NOW, "Remi")
    found = check_gate(GateKind.BACKUP_VERIFIED, asked, GateFacts(now=NOW, stated=stated))
    assert found.words == (
        "backup of 2026-06-15 10:00 UTC (says Remi) (written down 2 hours afterwards); "
        "restored 2026-05-16 12:00 UTC (written down 30 days afterwards)"
    )
    exported = check_gate(GateKind.CONFIGURATION_EXPORTED, asked, GateFacts(now=NOW, stated=stated))
    assert exported.words.endswith("(says Remi) (written down 2 hours afterwards)")
    seen = GateFacts(now=NOW, copies=(Copy(NOW - timedelta(hours=2), "seen", is_export=True),))
    assert "written" not in check_gate(GateKind.CONFIGURATION_EXPORTED, asked, seen).words


def test_a_time_that_is_stated_again_keeps_when_it_was_first_held_unless_it_or_the_apps_are_others() -> None:
    before = {"told_at": "2026-06-10T09:00:00+00:00", "apps": ["a", "b"], "told_noted_at": "2026-06-11T09:00:00+00:00"}
    same = {"told_at": before["told_at"], "apps": ["a"]}
    assert first_noted(before, NOW - DAY, same, NOW) == before["told_noted_at"]
    for other in ({**same, "apps": ["a", "c"]}, {**same, "told_at": "2026-06-09T09:00:00+00:00"}):
        assert first_noted(before, NOW - DAY, other, NOW) == NOW.isoformat()
    old = {"told_at": before["told_at"], "apps": ["a"]}
    assert first_noted(old, NOW - DAY, same, NOW) == (NOW - DAY).isoformat()
    assert first_noted({}, None, same, NOW) == NOW.isoformat()


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(minutes=7), "7 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=38), "38 hours"),
        (10 * DAY, "10 days"),
        (timedelta(days=4, hours=12), "4.5 days"),
    ],
)
def test_spans_are_told_in_words(length: timedelta, words: str) -> None:
    assert span(length) == words


def test_the_policy_says_for_each_tier_what_a_wait_counts_from_and_the_record_where_it_says_nothing(
    tmp_path: Path,
) -> None:
    kinds = (GateKind.SOAK_OVER, GateKind.USERS_TOLD)
    shipped = read_gate_policy(tmp_path)
    asked = {tier: gates_for(shipped, tier, PatchFacts(severity="critical", is_exploited=True)) for tier in Tier}
    assert {asked[Tier.HIGH][kind]["counts_from"] for kind in kinds} == {"record"}
    assert {asked[Tier.MIDDLE][kind]["counts_from"] for kind in kinds} == {"evidence"}
    document = yaml.safe_load(SHIPPED.read_text())
    (tmp_path / "policies").mkdir()
    document["tiers"]["middle"]["counts_from"] = "a hunch"
    (tmp_path / "policies" / "gates.yaml").write_text(yaml.safe_dump(document))
    with pytest.raises(UnreadableInput, match=r"tiers\.middle\.counts_from"):
        read_gate_policy(tmp_path)
    del document["tiers"]["middle"]["counts_from"]
    (tmp_path / "policies" / "gates.yaml").write_text(yaml.safe_dump(document))
    assert read_gate_policy(tmp_path).tiers[Tier.MIDDLE].counts_from == "record"


def _words(change: Change, kind: GateKind, hours: float) -> tuple[str, str]:
    (found,) = (each for each in look_at_gates(change, now=BEGIN + timedelta(hours=hours)) if each.gate.kind == kind)
    return found.verdict.status.value, found.verdict.words


def _asks_of_notice(change: Change, rule: str) -> None:
    Gate.objects.filter(change=change, kind=GateKind.USERS_TOLD).update(
        requirement={"notice_days": 3, "counts_from": rule}
    )
    Change.objects.filter(pk=change.pk).update(window_start_at=BEGIN + 4 * DAY)
    change.refresh_from_db()


def _mail(house: House, change: Change) -> Evidence:
    facts = EvidenceFacts("The mail to all makers", EvidenceKind.OTHER, platform=change.platform_id)
    return add_evidence(house.at("remi", 30), [b"Dear makers"], name="mail.txt", facts=facts)


@pytest.mark.parametrize(("rule", "expected"), [("record", "open"), ("evidence", "met"), ("statement", "met")])
def test_a_notice_written_down_days_later_counts_as_the_policy_says_and_evidence_may_follow(
    house: House, rule: str, expected: str
) -> None:
    house.adopted()
    change = house.change(house.production)
    _asks_of_notice(change, rule)
    told = {"told_at": BEGIN.isoformat()}
    record_gate(house.at("remi", 36), change, GateKind.USERS_TOLD, note="mail", facts=told)
    assert _words(change, GateKind.USERS_TOLD, 36)[0] == ("met" if rule == "statement" else "open")
    record_gate(
        house.at("remi", 60), change, GateKind.USERS_TOLD, note="mail", facts=told, evidence=_mail(house, change)
    )
    status, words = _words(change, GateKind.USERS_TOLD, 60)
    # Saying it again neither ages it nor makes it younger.
    assert (status, "written down 36 hours afterwards" in words) == (expected, True)
    after = AuditEvent.objects.filter(action="record_gate").latest("number").after or {}
    assert after["stated"]["told_noted_at"] == (BEGIN + timedelta(hours=36)).isoformat()


def test_the_moment_the_record_holds_is_nobodys_to_state(house: House) -> None:
    house.adopted()
    change = house.change(house.production)
    _asks_of_notice(change, "record")
    facts = {"told_at": BEGIN.isoformat(), "told_noted_at": BEGIN.isoformat()}
    record_gate(house.at("remi", 36), change, GateKind.USERS_TOLD, note="mail", facts=facts)
    assert _words(change, GateKind.USERS_TOLD, 36)[0] == "open"


def test_a_look_that_shows_the_fixed_version_begins_the_soak_whatever_was_written_down_later(house: House) -> None:
    house.adopted()
    staging, production = house.change(house.staging), house.change(house.production)
    record_gate(house.at("remi", 1), staging, GateKind.FORENSIC_TRIAGE, note="read", facts={"result": "clean"})
    record_deployment(house.at("remi", 40), staging, at=BEGIN + timedelta(hours=2))
    verify_by_version(house.keeper(41), staging, seen="the look shows it", at=BEGIN + timedelta(hours=4))
    status, words = _words(production, GateKind.SOAK_OVER, 41)
    assert (status, "counted from the look that shows it, 2026-06-15 12:00 UTC" in words) == ("met", True)


def test_a_plan_lets_what_follows_begin_no_earlier_than_the_gate_will(house: House) -> None:
    house.adopted()
    staging = house.change(house.staging)
    record_gate(house.at("remi", 1), staging, GateKind.FORENSIC_TRIAGE, note="read", facts={"result": "clean"})
    record_deployment(house.at("remi", 40), staging, at=BEGIN + timedelta(hours=2))
    verify_change(house.at("remi", 41), staging, by="behaviour_test", note="ran")
    plan = propose_plan(house.at("remi", 42), [house.platform])
    (job,) = plan.problem["jobs"]
    assert job["available_at"] == "2026-06-17T12:00:00Z"
