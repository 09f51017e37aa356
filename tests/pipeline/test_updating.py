"""The register of updates: what triage tells comes in, what people wrote stays, and the controls judge it."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passmuster.controls.catalogue import find_pack
from passmuster.errors import UnreadableInput
from passmuster.model.words import Outcome
from passmuster.pipeline.collecting import Collecting, collect
from passmuster.pipeline.evaluating import Judging, evaluate_folder
from passmuster.pipeline.updating import Updated, update_register
from passmuster.snapshot.registers import read_registers
from tests.cli.running import EXAMPLES

AS_OF = datetime(2026, 6, 15, tzinfo=UTC)
DECISION = {
    "advisory": "CVE-2021-3223",
    "component": "node-red-dashboard",
    "component_id": "node-red-dashboard",
    "environment": "instance",
    "points": {"in_kev": "no"},
    "severity": "critical",
    "due_at": "2026-06-01T00:00:00Z",
    "who_patches": "customer",
    "verdict": "affected",
    "fixed_versions": ["2.26.2"],
    "times": {"disclosed_at": "2021-01-26T00:00:00Z", "learned_at": "2026-05-18T00:00:00Z", "verified_at": None},
}


def triage(folder: Path, *decisions: dict[str, Any]) -> Path:
    path = folder / "triage.json"
    path.write_text(json.dumps({"schema": "passmuster/triage@1", "decisions": list(decisions)}), encoding="utf-8")
    return path


def rows(registers: Path) -> list[dict[str, str]]:
    with (registers / "updates.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def registers(tmp_path: Path) -> Path:
    folder = tmp_path / "registers"
    folder.mkdir()
    return folder


def test_a_late_decision_becomes_a_row_that_the_control_of_overdue_patches_reports(
    tmp_path: Path, registers: Path
) -> None:
    assert update_register(registers, triage(tmp_path, DECISION)) == Updated(1, 0, 0)
    collect(Collecting("node-red", path=EXAMPLES / "node-red"), tmp_path / "snapshot")
    judging = Judging((find_pack("no-code-baseline", only=("PAT-02",)),), read_registers(registers), as_of=AS_OF)
    (result,) = evaluate_folder(tmp_path / "snapshot", judging).results
    assert result.outcome is Outcome.FAIL
    assert [violation.id for violation in result.violations] == ["CVE-2021-3223/node-red-dashboard/instance"]


def judged(tmp_path: Path, registers: Path) -> dict[str, list[str]]:
    """By control the updates it reports."""
    collect(Collecting("node-red", path=EXAMPLES / "node-red"), tmp_path / "snapshot")
    packs = (find_pack("no-code-baseline", only=("PAT-02", "PAT-06")),)
    found = evaluate_folder(tmp_path / "snapshot", Judging(packs, read_registers(registers), as_of=AS_OF)).results
    return {result.control: [violation.id for violation in result.violations] for result in found}


@pytest.mark.parametrize(
    ("clock_started_at", "told_by"),
    [("2026-05-18T00:00:00Z", "PAT-02"), ("2026-04-02T00:00:00Z", "PAT-06"), (None, "PAT-06")],
)
def test_what_the_policy_hurries_is_told_like_a_critical_one_and_told_once(
    tmp_path: Path, registers: Path, clock_started_at: str | None, told_by: str
) -> None:
    hurried = {**DECISION, "severity": "high", "clock_started_at": clock_started_at}
    update_register(registers, triage(tmp_path, hurried))
    (registers / "attestations.csv").write_text("attestation_id,control_id,kind\n", encoding="utf-8")
    told = {"PAT-02": [], "PAT-06": [], told_by: ["CVE-2021-3223/node-red-dashboard/instance"]}
    assert judged(tmp_path, registers) == told


def test_what_people_wrote_stays_and_what_triage_tells_is_refreshed(tmp_path: Path, registers: Path) -> None:
    update_register(registers, triage(tmp_path, DECISION))
    (row,) = rows(registers)
    row |= {"owner": "Ana", "decision": "exception", "rollback_plan_ref": "RB-7"}
    with (registers / "updates.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(row))
        writer.writeheader()
        writer.writerow(row)
    later = {**DECISION, "points": {"in_kev": "yes"}, "due_at": "2026-05-21T00:00:00Z"}
    assert update_register(registers, triage(tmp_path, later)) == Updated(0, 1, 0)
    (after,) = rows(registers)
    assert (after["owner"], after["decision"], after["rollback_plan_ref"]) == ("Ana", "exception", "RB-7")
    assert (after["kev"], after["due_at"]) == ("true", "2026-05-21T00:00:00Z")


def test_a_row_is_kept_when_triage_no_longer_names_it(tmp_path: Path, registers: Path) -> None:
    update_register(registers, triage(tmp_path, DECISION))
    other = {**DECISION, "advisory": "CVE-2026-1"}
    assert update_register(registers, triage(tmp_path, other)) == Updated(1, 0, 1)
    assert [row["update_id"] for row in rows(registers)] == ["CVE-2021-3223", "CVE-2026-1"]


def test_the_same_triage_twice_changes_nothing(tmp_path: Path, registers: Path) -> None:
    update_register(registers, triage(tmp_path, DECISION))
    before = (registers / "updates.csv").read_bytes()
    assert update_register(registers, triage(tmp_path, DECISION)) == Updated(0, 0, 1)
    assert (registers / "updates.csv").read_bytes() == before


HOSTILE = ["@acme/steps", "=cmd|'/c calc'!A0", "+1", "-1+1", "\t=1", "a;=1", "a; @b", "＝1", " =1"]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_spreadsheet_would_take_for_a_formula_goes_in_and_out_as_it_is(
    tmp_path: Path, registers: Path, name: str
) -> None:
    path = triage(tmp_path, {**DECISION, "component_id": name, "environment": name})
    assert update_register(registers, path) == Updated(1, 0, 0)
    (cells,) = rows(registers)
    assert not re.search(r"(^|[;\t\n])[ \t]*[=+\-@＝]", cells["component_id"])
    before = (registers / "updates.csv").read_bytes()
    assert update_register(registers, path) == Updated(0, 0, 1)
    assert (registers / "updates.csv").read_bytes() == before
    table = read_registers(registers).tables["updates"]
    assert table["component_id"].to_pylist() == [name.strip()]


def test_what_does_not_concern_us_is_no_update(tmp_path: Path, registers: Path) -> None:
    spared = {**DECISION, "verdict": "not_affected"}
    assert update_register(registers, triage(tmp_path, spared)) == Updated(0, 0, 0)


def test_a_plan_gives_the_window_of_the_last_stage(tmp_path: Path, registers: Path) -> None:
    patch = "node-red-dashboard@2.26.2"
    problem = {
        "schema": "passmuster/plan-problem@1",
        "jobs": [
            {"id": f"{patch}/test", "patch": patch, "environment": "test"},
            {"id": f"{patch}/prod", "patch": patch, "environment": "prod"},
        ],
        "patches": [{"id": patch, "environment": "prod", "advisories": ["CVE-2021-3223"]}],
    }
    plan = {
        "schema": "passmuster/plan@1",
        "placements": [
            {"job": f"{patch}/test", "window": "tue@2026-06-16T16:00:00Z", "completed_at": "2026-06-16T18:00:00Z"},
            {"job": f"{patch}/prod", "window": "sun@2026-06-21T00:00:00Z", "completed_at": "2026-06-21T03:00:00Z"},
        ],
    }
    for name, document in (("problem", problem), ("plan", plan)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    update_register(registers, triage(tmp_path, DECISION), plan=(tmp_path / "plan.json", tmp_path / "problem.json"))
    (row,) = rows(registers)
    assert row["decision"] == "scheduled"
    assert (row["window_start_at"], row["window_end_at"]) == ("2026-06-21T00:00:00Z", "2026-06-21T03:00:00Z")


@pytest.mark.parametrize("text", ["{}", '{"schema": "passmuster/plan@1"}', "[]", '{"schema": "passmuster/triage@1"}'])
def test_what_is_no_triage_is_refused_and_the_register_is_as_it_was(tmp_path: Path, registers: Path, text: str) -> None:
    update_register(registers, triage(tmp_path, DECISION))
    before = (registers / "updates.csv").read_bytes()
    (tmp_path / "triage.json").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableInput, match=r"triage\.json"):
        update_register(registers, tmp_path / "triage.json")
    assert (registers / "updates.csv").read_bytes() == before
