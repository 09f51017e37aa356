"""What people bring joins the registers: nothing that stands there is lost, and controls judge what came."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from passmuster.controls.catalogue import find_pack
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.results import ControlResult
from passmuster.model.words import Outcome
from passmuster.pipeline.collecting import Collecting, collect
from passmuster.pipeline.evaluating import Judging, evaluate_folder
from passmuster.pipeline.moving import Moved, Moving, move_in
from passmuster.snapshot.registers import read_registers
from tests.cli.running import EXAMPLES, run
from tests.collect import movers_samples as samples

TODAY = date(2026, 6, 15)
AS_OF = datetime(2026, 6, 16, tzinfo=UTC)
POLICY = "MS.POWERPLATFORM.1.1v1"


@pytest.fixture
def registers(tmp_path: Path) -> Path:
    return tmp_path / "registers"


def bring(text: str, registers: Path, *, today: date = TODAY, **more: Any) -> Moved:
    path = registers.parent / "brought"
    path.write_text(text, encoding="utf-8")
    return move_in(Moving(path, registers, today, **more))


def counts(moved: Moved) -> tuple[int, int, int]:
    return moved.added, moved.completed, moved.kept


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write(path: Path, lines: list[dict[str, str]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


def judged(folder: Path, registers: Path, pack: str, control: str) -> ControlResult:
    judging = Judging((find_pack(pack, only=(control,)),), read_registers(registers), as_of=AS_OF)
    (result,) = evaluate_folder(folder, judging).results
    return result


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tenant") / "snapshot"
    collect(Collecting("power-platform", path=EXAMPLES / "power-platform"), folder)
    return folder


@pytest.fixture(scope="module")
def failing(tenant: Path) -> str:
    """A policy that fails in the example, so that an exception has something to cover."""
    results = evaluate_folder(tenant, Judging((find_pack("scuba-power-platform"),), as_of=AS_OF)).results
    return next(result.control for result in results if result.outcome is Outcome.FAIL)


def test_an_approved_exception_marks_the_violation_until_the_end_of_its_last_day(
    tenant: Path, failing: str, registers: Path
) -> None:
    bring(samples.action_plan((failing, "Migration", "7/31/2026", " ")), registers, by="Ada")
    result = judged(tenant, registers, "scuba-power-platform", failing)
    assert result.outcome is Outcome.FAIL
    assert {each.excepted_by for each in result.violations} == {"Ada"}
    assert {each.excepted_until for each in result.violations} == {datetime(2026, 8, 1, tzinfo=UTC)}


def test_a_pending_exception_marks_nothing(tenant: Path, failing: str, registers: Path) -> None:
    plan = samples.action_plan((failing, "Migration", "2026-07-31", " "), ("MS.AAD.1.1v1", " ", " ", " "))
    moved = bring(plan, registers)
    result = judged(tenant, registers, "scuba-power-platform", failing)
    assert {each.excepted_until for each in result.violations} == {None}
    assert moved.remarks["is of no control in the pack scuba-power-platform: kept, and without effect there"] == [
        "MS.AAD.1.1v1"
    ]


def test_a_pending_exception_is_completed_by_the_plan_that_has_the_answers(registers: Path) -> None:
    assert counts(bring(samples.action_plan((POLICY, " ", " ", " ")), registers)) == (1, 0, 0)
    filled = samples.action_plan((POLICY, "Why", "2026-12-31", " "))
    assert counts(bring(filled, registers, by="Ada")) == (0, 1, 0)
    assert counts(bring(filled, registers, by="Ada")) == (0, 0, 1)
    (row,) = rows(registers / "attestations.csv")
    assert (row["statement"], row["valid_until"], row["made_by"]) == ("Why", "2026-12-31", "Ada")


def test_the_same_plan_on_a_later_day_says_nothing_new(registers: Path) -> None:
    plan = samples.action_plan((POLICY, "Why", "2026-12-31", " "))
    first = bring(plan, registers, by="Ada")
    later = bring(plan, registers, by="Ada", today=date(2026, 7, 1))
    assert (counts(later), later.remarks) == ((0, 0, 1), first.remarks)


WRITTEN_BY_PEOPLE = [
    pytest.param({"statement": "Only for the pilot"}, id="another reason"),
    pytest.param({"valid_until": "2026-06-30"}, id="another end"),
    pytest.param({"made_by": "Ben"}, id="somebody else"),
    pytest.param({"made_by": "Ada", "valid_until": ""}, id="an end taken out"),
]


@pytest.mark.parametrize("written", WRITTEN_BY_PEOPLE)
def test_a_plan_approves_nothing_of_which_the_register_says_something_else(
    registers: Path, written: dict[str, str]
) -> None:
    bring(samples.action_plan((POLICY, "Why", "2026-12-31", " ")), registers)
    (row,) = rows(registers / "attestations.csv")
    write(registers / "attestations.csv", [{**row, **written}])
    before = (registers / "attestations.csv").read_bytes()
    assert counts(bring(samples.action_plan((POLICY, "Why", "2026-12-31", " ")), registers, by="Ada")) == (0, 0, 1)
    assert (registers / "attestations.csv").read_bytes() == before


def test_findings_keep_what_people_wrote_and_other_columns_and_rows(registers: Path) -> None:
    held = {"finding_id": "prowler-a", "owner": "Ana", "status": "accepted", "severity": "", "due_on": "2026-09-01"}
    write(registers / "findings.csv", [held, {**held, "finding_id": "F-1"}])
    moved = bring(json.dumps([samples.prowler("prowler-a"), samples.prowler("prowler-b")]), registers)
    assert counts(moved) == (1, 1, 0)
    assert moved.remarks["status: the register says accepted, the file open: the register stays"] == ["prowler-a"]
    first, second, third = rows(registers / "findings.csv")
    assert {name: text for name, text in first.items() if held.get(name)} == {
        name: text for name, text in held.items() if text
    }
    assert (first["severity"], first["title"]) == ("low", "Check if IAM Access Analyzer is enabled")
    assert (second["finding_id"], second["title"], second["owner"]) == ("F-1", "", "Ana")
    assert (third["finding_id"], third["status"]) == ("prowler-b", "open")


def test_a_register_that_a_spreadsheet_saved_keeps_its_mark_and_names(registers: Path) -> None:
    registers.mkdir()
    path = registers / "findings.csv"
    path.write_text("finding_id,owner\r\nF-1,Žofie Müller\r\n", encoding="utf-8-sig")
    bring(json.dumps([samples.prowler("a")]), registers)
    assert path.read_bytes().startswith("\ufefffinding_id,owner".encode())
    assert read_registers(registers).tables["findings"].column("owner").to_pylist() == ["Žofie Müller", None]


def test_a_finding_that_people_decided_gets_no_acceptor_from_the_file(registers: Path) -> None:
    write(registers / "findings.csv", [{"finding_id": "prowler-a", "status": "open"}])
    bring(json.dumps([samples.prowler("prowler-a", status="Suppressed")]), registers, by="Ada")
    (row,) = rows(registers / "findings.csv")
    assert (row["status"], row["accepted_by"]) == ("open", "")


def test_findings_that_came_in_are_judged_by_the_control_of_owners_and_dates(tenant: Path, registers: Path) -> None:
    bring(samples.DEFECTDOJO_GENERIC, registers)
    result = judged(tenant, registers, "no-code-baseline", "GOV-02")
    assert result.outcome is Outcome.FAIL
    assert len(result.violations) == 2


FILES = [
    pytest.param(samples.action_plan((POLICY, "Why", "2026-12-31", "=1+1")), id="scubagear"),
    pytest.param((EXAMPLES / "n8n" / "audit.json").read_text(encoding="utf-8"), id="n8n"),
    pytest.param(json.dumps([samples.prowler("a"), samples.prowler("=b")]), id="prowler"),
    pytest.param(samples.DEFECTDOJO_GENERIC, id="defectdojo"),
]


@pytest.mark.parametrize("text", FILES)
def test_twice_the_same_file_changes_not_a_byte(text: str, registers: Path) -> None:
    first = bring(text, registers, by="Ada")
    before = first.register.read_bytes()
    again = bring(text, registers, by="Ada")
    assert counts(again) == (0, 0, first.added)
    assert first.register.read_bytes() == before
    read_registers(registers)


def test_a_dry_run_says_the_same_and_writes_nothing(registers: Path) -> None:
    dry = bring(samples.DEFECTDOJO_GENERIC, registers, is_dry=True)
    assert not registers.exists()
    assert dry == bring(samples.DEFECTDOJO_GENERIC, registers)


FORMULAS = ["=cmd|' /C calc'!A0", "+1", "@SUM(A1)", "-2", "a;=1+1", "\t=1", "＝1", "line\r\n=1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_that_came_in_starts_a_formula(formula: str, registers: Path) -> None:
    record = samples.prowler(formula, resource=formula)
    record["finding_info"]["title"] = formula
    bring(json.dumps([record]), registers, platform=formula)
    bring(samples.action_plan((POLICY, formula, "2026-12-31", " ")), registers, by=formula, platform=formula)
    for name in ("findings", "attestations"):
        for row in rows(registers / f"{name}.csv"):
            for cell in row.values():
                for part in cell.replace("\n", ";").replace("\t", ";").split(";"):
                    assert part.lstrip()[:1] not in {*"=+-@＝＋－＠"}
    read_registers(registers)


def test_no_secret_of_a_reason_or_title_is_kept(registers: Path) -> None:
    secret = "AKIAIOSFODNN7EXAMPLQ"
    record = samples.prowler("a")
    record["finding_info"]["title"] = f"Key {secret} in clear"
    bring(json.dumps([record]), registers)
    bring(samples.action_plan((POLICY, f"uses {secret}", "2026-12-31", " ")), registers)
    written = "".join(path.read_text(encoding="utf-8") for path in registers.glob("*.csv"))
    assert secret not in written
    assert "token=1" not in written


def test_a_register_with_a_mistake_stops_the_import_and_stays(registers: Path) -> None:
    write(registers / "findings.csv", [{"finding_id": "F-1", "status": "perhaps"}])
    before = (registers / "findings.csv").read_bytes()
    with pytest.raises(UnreadableInput, match="'perhaps' is none of open"):
        bring(samples.DEFECTDOJO_GENERIC, registers)
    assert (registers / "findings.csv").read_bytes() == before


def test_a_file_in_place_of_the_folder_is_told(registers: Path) -> None:
    registers.write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file"):
        bring(samples.DEFECTDOJO_GENERIC, registers)


def test_a_hundred_thousand_findings_come_in_and_stay_when_they_come_again(registers: Path) -> None:
    given = {"title": "SQL injection", "severity": "High", "active": "True"}
    text = samples.defectdojo_export(*({"id": str(number), **given} for number in range(100_000)))
    assert bring(text, registers).added == 100_000
    assert counts(bring(text, registers)) == (0, 0, 100_000)
    assert read_registers(registers).tables["findings"].num_rows == 100_000


def test_the_command_says_what_was_taken_and_left_and_writes_it(tmp_path: Path) -> None:
    plan = tmp_path / "ActionPlan.csv"
    day = f"{datetime.now(UTC).year + 1}-12-31"
    plan.write_text(
        samples.action_plan((POLICY, "Why", day, " "), ("MS.POWERPLATFORM.1.2v1", " ", " ", " ")), "utf-8-sig"
    )
    done = run("registers", "import", plan, "--registers", tmp_path / "kept", "--by", "Ada")
    assert (done.returncode, done.stderr) == (0, "")
    assert "ScubaGear's ActionPlan.csv, 2 entries" in done.stdout
    assert "2 added, 0 completed, 0 as they were" in done.stdout
    assert "pending: has no reason or justification and no completion date [1: line 3" in done.stdout
    approved = [row["made_by"] for row in rows(tmp_path / "kept" / "attestations.csv")]
    assert approved == ["Ada", ""]


def test_the_command_refuses_a_file_of_another_product_and_leaves_nothing(tmp_path: Path) -> None:
    strange = tmp_path / "strange.csv"
    strange.write_text("name,amount\nx,1\n", "utf-8")
    done = run("registers", "import", strange, "--registers", tmp_path / "kept")
    assert (done.returncode, done.stdout) == (2, "")
    assert "it begins with name, amount" in done.stderr
    assert not (tmp_path / "kept").exists()
