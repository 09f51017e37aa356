"""Power Platform exports of which a part failed: what becomes of the tables, the exit code, drift and CFG-04."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from passmuster.cli.command_line import command
from passmuster.controls.load import load_pack
from passmuster.evaluate.engine import evaluate
from passmuster.model.results import ControlResult
from passmuster.snapshot.drift import compare_snapshots
from passmuster.snapshot.gathered import CollectionResult
from passmuster.snapshot.load import Beside
from passmuster.snapshot.read import Snapshot, open_snapshot
from passmuster.snapshot.registers import Registers
from passmuster.snapshot.write import write_snapshot
from tests.collect.conformance import assert_conforms
from tests.collect.exports import GOOD, collect, export, policy, settings

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PACKS = Path(__file__).parents[2] / "packs"
TABLES_OF = {
    "environment_creation": ("settings",),
    "tenant_isolation": ("settings", "data_policies", "data_policy_rules"),
    "dlp_policies": ("data_policies", "data_policy_rules"),
    "environment_list": ("environments",),
}
COMMANDS = {
    "environment_creation": ("Get-TenantSettings", "Get-PowerPlatformTenantSettingsRest"),
    "tenant_isolation": ("Get-PowerAppTenantIsolationPolicy", "Get-PowerPlatformTenantIsolationRest"),
    "dlp_policies": ("Get-DlpPolicy", "get-powerplatformdlppoliciesrest"),
    "environment_list": ("Get-AdminPowerAppEnvironment", "Get-PowerPlatformEnvironmentsRest"),
}


def status(result: CollectionResult, table: str) -> str:
    return result.tables[table].status.value


def sources(result: CollectionResult, table: str) -> dict[str, str]:
    return {source.name: source.status.value for source in result.tables[table].sources}


def snapshot_of(document: Any, folder: Path) -> Snapshot:
    folder.mkdir()
    (folder / "snapshot").mkdir()
    write_snapshot(collect(document, folder), folder / "snapshot", started_at=NOW, taken_at=NOW)
    return open_snapshot(folder / "snapshot")


def assert_failed(result: CollectionResult, part: str) -> None:
    """The tables of that part tell it, alone or beside a part that was read; no other table does."""
    assert_conforms(result)
    for tables in TABLES_OF.values():
        for table in tables:
            alone = [name for name, made in TABLES_OF.items() if table in made] == [part]
            expected = ("error" if alone else "partial") if table in TABLES_OF[part] else "ok"
            assert status(result, table) == expected
    for table in TABLES_OF[part]:
        assert {name for name, word in sources(result, table).items() if word == "error"} == {part}
        assert part in result.tables[table].reason
        assert result.tables[table].unlock


@pytest.mark.parametrize("part", TABLES_OF)
@pytest.mark.parametrize("empty", [[], None, "null", {}, [None], "gone"])
def test_a_part_that_was_not_read_is_told_by_every_table_made_from_it(part: str, empty: Any, tmp_path: Path) -> None:
    document = export(**{part: empty})
    assert_failed(collect({key: value for key, value in document.items() if value != "gone"}, tmp_path), part)


@pytest.mark.parametrize(("part", "command"), [(part, name) for part, names in COMMANDS.items() for name in names])
@pytest.mark.parametrize("as_list", [True, False])
def test_a_part_whose_command_failed_was_not_read(part: str, command: str, as_list: bool, tmp_path: Path) -> None:
    result = collect(export(powerplatform_unsuccessful_commands=[command] if as_list else command), tmp_path)
    assert_failed(result, part)
    assert command.split("-")[1].lower() in result.tables[TABLES_OF[part][0]].reason.lower()


def test_a_refused_command_that_left_its_message_is_no_list_of_policies(tmp_path: Path) -> None:
    result = collect(export(dlp_policies=[{"StatusCode": 403, "Message": "Forbidden"}]), tmp_path)
    assert_failed(result, "dlp_policies")
    assert "no list of policies" in result.tables["data_policies"].reason


def test_tables_all_of_whose_parts_failed_are_errors(tmp_path: Path) -> None:
    result = collect(export(environment_creation=[], dlp_policies=[], tenant_isolation=[]), tmp_path)
    assert [status(result, table) for table in TABLES_OF["tenant_isolation"]] == ["error"] * 3
    assert not any(result.tables[table].rows for table in TABLES_OF["tenant_isolation"])


def test_what_was_not_read_leaves_no_rows_behind(tmp_path: Path) -> None:
    without = collect(export(tenant_isolation=[]), tmp_path)
    assert {row["key"].split(".")[0] for row in without.tables["settings"].rows} == {"tenant"}
    assert {row["kind"] for row in without.tables["data_policies"].rows} == {"dlp"}
    without = collect(export(environment_creation=[], dlp_policies=[]), tmp_path)
    assert [row["key"] for row in without.tables["settings"].rows] == ["tenant_isolation.enabled"]
    assert {row["kind"] for row in without.tables["data_policies"].rows} == {"tenant_isolation"}


@pytest.mark.parametrize(
    ("change", "table", "source"),
    [({"dlp_policies": [{"value": [policy(), "x"]}]}, "data_policies", "dlp_policies"),
     ({"dlp_policies": [{"value": [policy(connectorGroups=["x"])]}]}, "data_policy_rules", "dlp_policies"),
     ({"environment_creation": [*settings(), "x"]}, "settings", "environment_creation"),
     ({"environment_list": [{"DisplayName": "x"}]}, "environments", "environment_list"),
     ({"tenant_isolation": [{"properties": {"tenantId": "x"}}]}, "settings", "tenant_isolation"),
     ({"tenant_isolation": [{"properties": {"allowedTenants": [{}]}}]}, "data_policy_rules", "tenant_isolation")],
)  # fmt: skip
def test_an_odd_part_makes_its_own_source_partial_and_no_other(
    change: dict[str, Any], table: str, source: str, tmp_path: Path
) -> None:
    result = collect(export(**change), tmp_path)
    assert status(result, table) == "partial"
    assert {name for name, word in sources(result, table).items() if word != "ok"} == {source}
    assert sources(result, table)[source] == "partial"


def test_an_odd_exception_leaves_the_switch_of_tenant_isolation_known(tmp_path: Path) -> None:
    odd = [{"properties": {"isDisabled": False, "allowedTenants": [{}]}}]
    result = collect(export(tenant_isolation=odd), tmp_path)
    assert (status(result, "settings"), status(result, "data_policies")) == ("ok", "partial")


def judged(snapshot: Snapshot) -> dict[str, ControlResult]:
    pack = load_pack(PACKS / "no-code-baseline", is_trusted=True)
    nothing_listed = Beside(Registers(None, {}))
    evaluation = evaluate(snapshot, [pack], as_of=NOW, beside=nothing_listed)
    return {result.control: result for result in evaluation.results}


def test_a_failed_part_is_not_drift_is_a_finding_of_cfg_04_and_leaves_the_rest_answered(tmp_path: Path) -> None:
    whole = snapshot_of(GOOD, tmp_path / "whole")
    part = snapshot_of(export(tenant_isolation=[]), tmp_path / "part")
    drifts = {drift.table: drift for drift in compare_snapshots(whole, part)}
    assert not any(drift.removed or drift.changed for drift in drifts.values())
    for table in TABLES_OF["tenant_isolation"]:
        assert "head: partial (tenant_isolation: tenant_isolation is empty" in drifts[table].not_comparable
    results = judged(part)
    incomplete = results["CFG-04"]
    assert incomplete.outcome == "fail"
    assert [violation.id for violation in incomplete.violations] == sorted(TABLES_OF["tenant_isolation"])
    assert (results["CON-07"].outcome, results["CON-08"].outcome) == ("unknown", "unknown")
    assert [results[control].outcome for control in ("ENV-01", "CON-01", "CON-02")] == ["pass"] * 3
    assert judged(whole)["CFG-04"].outcome == "pass"


def test_failed_data_policies_leave_tenant_isolation_answered(tmp_path: Path) -> None:
    results = judged(snapshot_of(export(dlp_policies=[], environment_creation=[]), tmp_path / "x"))
    assert results["CON-07"].outcome == "pass"
    assert {results[f"CON-0{number}"].outcome for number in range(1, 5)} == {"unknown"}
    assert {results[f"ENV-0{number}"].outcome for number in range(1, 4)} == {"unknown"}


@pytest.mark.parametrize("part", TABLES_OF)
def test_collecting_the_folder_of_a_run_with_a_failed_part_is_done_but_incomplete(part: str, tmp_path: Path) -> None:
    run = tmp_path / "M365BaselineConformance_2026_06_01"
    run.mkdir()
    (run / "BaselineReports.html").write_text("<html>", encoding="utf-8")
    for name, document, code in (("whole", GOOD, 0), ("part", export(**{part: []}), 3)):
        (run / "ProviderSettingsExport.json").write_text(json.dumps(document), encoding="utf-8")
        out = tmp_path / name
        arguments = ["collect", "power-platform", "--from", str(run), "--out", str(out)]
        told = CliRunner().invoke(command, arguments, standalone_mode=False)
        assert (told.exit_code, told.return_value or 0) == (0, code), told.output
        assert (part in told.output) is (code == 3)
        entries = open_snapshot(out).manifest.tables
        assert all((entries[table].status == "ok") is (code == 0) for table in TABLES_OF[part])


def test_every_table_that_no_export_holds_says_what_to_declare(tmp_path: Path) -> None:
    result = collect(GOOD, tmp_path)
    others = {"verdicts", "audit_events"}
    missing = [n for n, table in result.tables.items() if table.status == "unsupported" and n not in others]
    assert len(missing) > 15
    for name in missing:
        assert f"declare {name} rows with --declared" in result.tables[name].unlock
    # Nobody declares a log.
    assert "search Purview's audit log" in result.tables["audit_events"].unlock
