"""Which document is which, for Power Platform: settings, verdicts, both, neither, folders, and files of no JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.power_platform.connector import PowerPlatformConnector
from passmuster.collect.interface import Target
from passmuster.errors import UnreadableInput, UsageError
from passmuster.snapshot.gathered import CollectionResult
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.tables import TABLES
from passmuster.snapshot.write import write_snapshot
from tests.collect.conformance import assert_conforms
from tests.collect.exports import GOOD, TENANT, collect


def status(result: CollectionResult, table: str) -> str:
    return result.tables[table].status.value


def results_document(**more: Any) -> dict[str, Any]:
    def control(number: str, result: str, criticality: str = "Shall") -> dict[str, str]:
        return {
            "Control ID": f"MS.POWERPLATFORM.{number}",
            "Result": result,
            "Criticality": criticality,
            "Details": "d",
        }

    controls = [
        control("1.1v1", "Pass"),
        control("1.2v1", "Fail"),
        control("2.2v1", "Warning", "Should"),
        control("3.2v1", "N/A", "Should/Not-Implemented"),
        control("2.1v1", "Omitted"),
        control("3.1v1", "Error - Test results missing"),
    ]
    return {
        "MetaData": {"TenantId": TENANT, "DisplayName": "Invented Ltd", "TimestampZulu": "2026-05-04T17:15:48.307Z"},
        "Results": {
            "PowerPlatform": [{"GroupName": "g", "Controls": controls[:3]}, {"Controls": controls[3:]}],
            "AAD": [],
        },
        **more,
    }


def test_a_results_document_without_settings_gives_verdicts_alone(tmp_path: Path) -> None:
    result = collect(results_document(), tmp_path)
    assert_conforms(result)
    assert {row["policy_id"][17:]: row["result"] for row in result.tables["verdicts"].rows} == {
        "1.1v1": "pass", "1.2v1": "fail", "2.2v1": "warning", "3.2v1": "manual", "2.1v1": "omitted", "3.1v1": "error",
    }  # fmt: skip
    assert result.tables["verdicts"].rows[0]["judged_at"].year == 2026
    assert status(result, "settings") == status(result, "data_policies") == "unsupported"
    assert result.platform_id == f"power-platform:{TENANT}"


def test_a_results_document_with_settings_gives_both(tmp_path: Path) -> None:
    result = collect(results_document(Raw=GOOD), tmp_path)
    assert (status(result, "settings"), status(result, "verdicts")) == ("ok", "ok")


def test_test_results_give_verdicts(tmp_path: Path) -> None:
    tests = [
        {"PolicyId": "MS.POWERPLATFORM.1.1v1", "RequirementMet": True, "Criticality": "Shall"},
        {"PolicyId": "MS.POWERPLATFORM.2.2v1", "RequirementMet": False, "Criticality": "Should"},
        {"PolicyId": "MS.POWERPLATFORM.3.1v1", "RequirementMet": False, "ReportDetails": "PowerShell Error"},
        {"PolicyId": "MS.AAD.1.1v1", "RequirementMet": True},
    ]
    rows = collect(tests, tmp_path).tables["verdicts"].rows
    assert [row["result"] for row in rows] == ["pass", "warning", "error"]


@pytest.mark.parametrize("document", [{}, [], "x", 5, None, {"a": [1]}, [[[]]], {"Results": {"AAD": []}}, {"Raw": {}}])
def test_a_readable_document_without_any_expected_key_makes_every_table_an_error(document: Any, tmp_path: Path) -> None:
    result = collect(document, tmp_path)
    assert_conforms(result)
    assert {status(result, name) for name in TABLES} == {"error"}


def test_letters_that_no_file_can_hold_never_stop_a_snapshot(tmp_path: Path) -> None:
    bad = "\ud800\x00"
    document = GOOD | {
        "tenant_id": bad + "t",
        "tenant_details": [{"DisplayName": bad}],
        "environment_list": [{"EnvironmentName": bad}],
        "environment_creation": [{bad: bad, "list": [bad]}],
        "dlp_policies": [{"value": [{"name": bad, "displayName": bad, "environments": [{"name": bad}]}]}],
    }
    (tmp_path / "snapshot").mkdir()
    now = datetime(2026, 6, 1, tzinfo=UTC)
    write_snapshot(collect(document, tmp_path), tmp_path / "snapshot", started_at=now, taken_at=now)
    assert open_snapshot(tmp_path / "snapshot").manifest.tables["environments"].status == "partial"


def test_a_folder_of_one_run_is_read_by_its_settings_first(tmp_path: Path) -> None:
    (tmp_path / "ScubaResults_1.json").write_text(json.dumps(results_document()), encoding="utf-8")
    assert status(PowerPlatformConnector().collect(Target(path=tmp_path)), "settings") == "unsupported"
    (tmp_path / "ProviderSettingsExport.json").write_text(json.dumps(GOOD), encoding="utf-8")
    assert status(PowerPlatformConnector().collect(Target(path=tmp_path)), "settings") == "ok"


def test_a_folder_that_leaves_a_choice_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="holds no export"):
        PowerPlatformConnector().collect(Target(path=tmp_path))
    for name in ("ScubaResults_1.json", "ScubaResults_2.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises(UnreadableInput, match="several exports"):
        PowerPlatformConnector().collect(Target(path=tmp_path))


def test_an_address_without_a_token_says_which_variable_to_set() -> None:
    with pytest.raises(UsageError, match="set PASSMUSTER_POWER_PLATFORM_TOKEN"):
        PowerPlatformConnector().collect(Target(url="https://api.bap.microsoft.com"))


def test_nothing_to_read_from_says_what_can_be_read() -> None:
    with pytest.raises(UsageError, match="ScubaGear export"):
        PowerPlatformConnector().collect(Target())


@pytest.mark.parametrize("text", ["", "{", "[" * 5000, '{"a": NaN}', "\ufeff{"])
def test_a_file_that_is_no_json_is_refused_with_its_name(text: str, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableInput, match=r"broken\.json"):
        PowerPlatformConnector().collect(Target(path=tmp_path / "broken.json"))
