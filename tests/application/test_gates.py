from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from passmuster.application.changes.gate_checks import Copy, Earlier, GateFacts, Stated, check_gate
from passmuster.application.changes.gate_policy import VENDOR_GATES, Asked, PatchFacts, gates_for, read_gate_policy
from passmuster.errors import UnreadableInput
from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus, Tier

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
POLICY = read_gate_policy(Path("/nowhere"))
SHIPPED = Path("src/passmuster/application/policies/gates.yaml")


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def stated(hours: float = 0, **facts: Any) -> Stated:
    return Stated(facts, ago(hours=hours), "Remi")


def verdict(kind: GateKind, requirement: dict[str, Any], **facts: Any) -> str:
    return check_gate(kind, requirement, GateFacts(now=NOW, **facts)).status.value


def earlier(status: ChangeStatus, hours: float | None = None) -> Earlier:
    return Earlier("staging", status, ago(hours=hours) if hours is not None else None, "behaviour_test")


def copy(taken: datetime, restored: float | None = None, ok: bool | None = None, *, export: bool = False) -> Copy:
    at = ago(days=restored) if restored is not None else None
    return Copy(taken, "seen", is_export=export, restored_at=at, is_restore_ok=ok)


def told(days: float) -> Stated:
    return stated(told_at=ago(days=days).isoformat())


BACKUP = {"backup_age_hours": 24, "restore_proof_days": 180}
FRESH = copy(ago(hours=23), 179, True)
EXPORT = {"backup_age_hours": 24}
PASSED, FAILED = stated(result="passed"), stated(result="failed")


@pytest.mark.parametrize(
    ("kind", "requirement", "facts", "expected"),
    [
        (GateKind.TESTED_IN_STAGING, {}, {"earlier": earlier(ChangeStatus.DEPLOYED, 2)}, "open"),
        (GateKind.TESTED_IN_STAGING, {}, {"earlier": earlier(ChangeStatus.VERIFIED, 2)}, "met"),
        (GateKind.TESTED_IN_STAGING, {}, {"earlier": earlier(ChangeStatus.ROLLED_BACK, 2)}, "failed"),
        # It runs there, and somebody saw it misbehave.
        (GateKind.TESTED_IN_STAGING, {}, {"earlier": earlier(ChangeStatus.VERIFIED, 2), "stated": FAILED}, "failed"),
        # Where there is a staging, no statement takes its place.
        (GateKind.TESTED_IN_STAGING, {}, {"earlier": earlier(ChangeStatus.PLANNED), "stated": PASSED}, "open"),
        (GateKind.TESTED_IN_STAGING, {}, {}, "open"),
        (GateKind.TESTED_IN_STAGING, {}, {"stated": stated(result="passed")}, "met"),
        (GateKind.TESTED_IN_STAGING, {}, {"stated": stated(result="failed")}, "failed"),
        (GateKind.SOAK_OVER, {"soak_hours": 12}, {"earlier": earlier(ChangeStatus.VERIFIED, 11.99)}, "open"),
        (GateKind.SOAK_OVER, {"soak_hours": 12}, {"earlier": earlier(ChangeStatus.VERIFIED, 12)}, "met"),
        (GateKind.SOAK_OVER, {"soak_hours": 12}, {"earlier": earlier(ChangeStatus.FAILED, 99)}, "failed"),
        (GateKind.SOAK_OVER, {"soak_hours": 12}, {"test": stated(11)}, "open"),
        (GateKind.SOAK_OVER, {"soak_hours": 12}, {"test": stated(13)}, "met"),
        (GateKind.SOAK_OVER, {"soak_hours": 12}, {}, "open"),
        (GateKind.BACKUP_VERIFIED, BACKUP, {}, "open"),
        (GateKind.BACKUP_VERIFIED, BACKUP, {"copies": (FRESH,)}, "met"),
        (GateKind.BACKUP_VERIFIED, BACKUP, {"copies": (copy(ago(hours=25), 1, True),)}, "open"),
        (GateKind.BACKUP_VERIFIED, BACKUP, {"copies": (copy(ago(hours=1)),)}, "open"),
        (GateKind.BACKUP_VERIFIED, BACKUP, {"copies": (copy(ago(hours=1), 181, True),)}, "open"),
        (GateKind.BACKUP_VERIFIED, BACKUP, {"copies": (copy(ago(hours=1), 1, False),)}, "failed"),
        # The last restore counts, not the last that worked.
        (GateKind.BACKUP_VERIFIED, BACKUP, {"copies": (FRESH, copy(ago(days=9), 8, False))}, "failed"),
        (GateKind.BACKUP_VERIFIED, BACKUP, {"copies": (copy(ago(hours=1), export=True),)}, "open"),
        (GateKind.CONFIGURATION_EXPORTED, EXPORT, {"copies": (FRESH,)}, "open"),
        (GateKind.CONFIGURATION_EXPORTED, EXPORT, {"copies": (copy(ago(hours=1), export=True),)}, "met"),
        (GateKind.USERS_TOLD, {"notice_days": 3}, {"stated": told(2.9)}, "open"),
        (GateKind.USERS_TOLD, {"notice_days": 3}, {"stated": told(3)}, "met"),
        # Three days before the window, not before today.
        (
            GateKind.USERS_TOLD,
            {"notice_days": 3},
            {"stated": told(1), "window_start_at": NOW + timedelta(days=2)},
            "met",
        ),
        (
            GateKind.USERS_TOLD,
            {"notice_days": 3},
            {"stated": told(1), "window_start_at": NOW + timedelta(days=1)},
            "open",
        ),
        (GateKind.USERS_TOLD, {"notice_days": 0}, {}, "open"),
        (GateKind.APPS_NAMED, {"notice_days": 0}, {"stated": stated(apps=[], told_at=NOW.isoformat())}, "open"),
        (GateKind.APPS_NAMED, {"notice_days": 0}, {"stated": stated(apps=["none"], told_at=NOW.isoformat())}, "met"),
        (GateKind.FORENSIC_TRIAGE, {}, {"stated": stated(result="traces_found")}, "failed"),
        (GateKind.APPROVAL, {"approvers": 2}, {"approvals": ("a@x",)}, "open"),
        (GateKind.APPROVAL, {"approvers": 2}, {"approvals": ("a@x", "a@x")}, "open"),
        (GateKind.APPROVAL, {"approvers": 2}, {"approvals": ("a@x", "b@x")}, "met"),
        (GateKind.APPROVAL, {"approvers": 2}, {"approved_elsewhere": "CHG1"}, "met"),
        (GateKind.DEFERRAL_KNOWN, {}, {}, "open"),
        (GateKind.CASE_OPEN, {}, {"stated": stated(case="42")}, "met"),
        (GateKind.TESTED_IN_PREVIEW, {}, {"earlier": earlier(ChangeStatus.VERIFIED, 1)}, "met"),
    ],
)
def test_a_gate_is_a_condition_over_times_and_statements(
    kind: GateKind, requirement: dict[str, Any], facts: dict[str, Any], expected: str
) -> None:
    assert verdict(kind, requirement, **facts) == expected


def test_each_kind_of_gate_can_be_judged_and_says_why() -> None:
    wanted = {**BACKUP, "soak_hours": 1, "notice_days": 1}
    for kind in GateKind:
        found = check_gate(kind, wanted, GateFacts(now=NOW))
        assert (found.status, bool(found.words)) == (GateStatus.OPEN, True)


def test_two_approvers_of_one_name_are_two() -> None:
    facts = GateFacts(now=NOW, approvals=("a@x", "b@x", "a@x", "c@x"), names={"a@x": "Twin", "b@x": "Twin"})
    found = check_gate(GateKind.APPROVAL, {"approvers": 4}, facts)
    assert (found.status, found.words) == (GateStatus.OPEN, "approved by Twin and Twin and c@x; 1 more must")


def test_a_gate_that_time_alone_meets_says_when() -> None:
    found = check_gate(
        GateKind.SOAK_OVER, {"soak_hours": 12}, GateFacts(now=NOW, earlier=earlier(ChangeStatus.VERIFIED, 2))
    )
    assert found.holds_from == NOW + timedelta(hours=10)


ROUTINE = PatchFacts(severity="medium", due_at=NOW + timedelta(days=60), learned_at=NOW)
EXPLOITED = PatchFacts(severity="medium", is_exploited=True, needs_forensics=True)


def test_the_tiers_that_ship_ask_more_the_more_depends_on_a_platform() -> None:
    for patch in (ROUTINE, EXPLOITED, PatchFacts(by_vendor=True)):
        low, middle, high = (set(gates_for(POLICY, tier, patch)) for tier in (Tier.LOW, Tier.MIDDLE, Tier.HIGH))
        assert low <= middle <= high
    assert set(gates_for(POLICY, Tier.LOW, ROUTINE)) == {GateKind.BACKUP_VERIFIED}
    assert GateKind.APPROVAL not in gates_for(POLICY, Tier.MIDDLE, ROUTINE)
    assert GateKind.APPROVAL in gates_for(POLICY, Tier.MIDDLE, EXPLOITED)


def test_what_the_vendor_applies_has_the_gates_a_customer_can_meet_and_no_others() -> None:
    found = set(gates_for(POLICY, Tier.HIGH, PatchFacts(by_vendor=True, severity="critical")))
    assert found == VENDOR_GATES
    assert not set(gates_for(POLICY, Tier.HIGH, EXPLOITED)) & VENDOR_GATES


def test_traces_are_looked_for_only_where_the_policy_asks_and_then_in_every_environment() -> None:
    assert GateKind.FORENSIC_TRIAGE not in gates_for(POLICY, Tier.HIGH, ROUTINE)
    rehearsal = PatchFacts(is_exploited=True, needs_forensics=True, is_rehearsal=True)
    assert set(gates_for(POLICY, Tier.HIGH, rehearsal)) == {GateKind.FORENSIC_TRIAGE}


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        (ROUTINE, False),
        (EXPLOITED, True),
        (PatchFacts(severity="critical"), True),
        (PatchFacts(severity="high", due_at=NOW + timedelta(days=14), learned_at=NOW), True),
        (PatchFacts(severity="high", due_at=NOW + timedelta(days=15), learned_at=NOW), False),
    ],
)
def test_critical_is_what_is_exploited_severe_or_due_soon(patch: PatchFacts, expected: bool) -> None:
    assert POLICY.is_critical(patch) is expected


def test_the_house_may_have_its_own_policy(tmp_path: Path) -> None:
    document = yaml.safe_load(SHIPPED.read_text())
    document["tiers"]["low"]["gates"]["approval"] = "all"
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "gates.yaml").write_text(yaml.safe_dump(document))
    assert read_gate_policy(tmp_path).tiers[Tier.LOW].asked[GateKind.APPROVAL] is Asked.ALL


def test_every_mistake_of_a_policy_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    document = yaml.safe_load(SHIPPED.read_text())
    document["tiers"]["low"]["gates"]["approval"] = "sometimes"
    document["tiers"]["middle"]["soak_hours"] = "long"
    del document["tiers"]["high"]["approvers"]
    document["tiers"]["huge"] = {}
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "gates.yaml").write_text(yaml.safe_dump(document))
    with pytest.raises(UnreadableInput) as told:
        read_gate_policy(tmp_path)
    for words in ("low.gates.approval", "middle.soak_hours", "'approvers' must be given", "'huge'"):
        assert words in str(told.value)


def test_a_pattern_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    text = SHIPPED.read_text().replace("'^[A-Z]{2,10}-?[0-9]{2,12}$'", "'['", 1)
    (tmp_path / "policies" / "gates.yaml").write_text(text)
    with pytest.raises(UnreadableInput, match=r"tiers\.high\.approved_elsewhere"):
        read_gate_policy(tmp_path)
