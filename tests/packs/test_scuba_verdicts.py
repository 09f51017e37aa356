"""The pack scuba-power-platform beside CISA's rules: odd exports with the verdicts CISA's rules give on them.

Where an export did not hold what a policy asks for, CISA's rules say "not met" and this pack says unknown; those are
the only deliberate differences.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passmuster.controls.load import load_pack
from passmuster.evaluate.engine import evaluate
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.write import write_snapshot
from tests.collect.exports import API, DEFAULT, TENANT, collect, environment, export, group, policy, settings

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PACK = load_pack(Path(__file__).parents[2] / "packs" / "scuba-power-platform", is_trusted=True)
MET = {"1.1": "pass", "1.2": "pass", "2.1": "pass", "2.2": "pass", "2.3": "pass", "3.1": "pass", "3.2": "manual",
       "4.1": "manual", "5.1": "pass", "6.1": "pass"}  # fmt: skip
ALL_DLP = {"2.1", "2.2", "2.3"}
ALL_SETTINGS = {"1.1", "1.2", "5.1", "6.1"}


def verdicts(document: Any, folder: Path) -> dict[str, str]:
    """The verdicts by the number of the policy."""
    snapshot = folder / "snapshot"
    snapshot.mkdir()
    write_snapshot(collect(document, folder), snapshot, started_at=NOW, taken_at=NOW)
    evaluation = evaluate(open_snapshot(snapshot), [PACK], as_of=NOW)
    return {
        result.control.removeprefix("MS.POWERPLATFORM.").removesuffix("v1"): str(result.outcome)
        for result in evaluation.results
    }


def dlp(*policies: Any) -> dict[str, Any]:
    return {"dlp_policies": [{"value": list(policies)}]}


def isolation(**properties: Any) -> dict[str, Any]:
    return {"tenant_isolation": [{"properties": properties}]}


def all_of(numbers: set[str], verdict: str) -> dict[str, str]:
    return dict.fromkeys(numbers, verdict)


def creation(value: Any) -> dict[str, Any]:
    return {"environment_creation": settings(disableEnvironmentCreationByNonAdminUsers=value)}


NAMELESS: dict[str, Any] = {"tenant_id": "", "tenant_details": []}
LISTED = policy("OnlyEnvironments", DEFAULT, "e2")
TWITTER = f"{API}twitter"

CASES: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("everything is as it should be", {}, {}),
    # settings
    ("a setting is false", creation(False), {"1.1": "fail"}),
    ("a setting is null", creation(None), {"1.1": "fail"}),
    ("a setting is the word null", creation("null"), {"1.1": "fail"}),
    ("a setting is the word true", creation("true"), {"1.1": "fail"}),
    ("a setting is a number", creation(1), {"1.1": "fail"}),
    ("a setting is a list", creation([True]), {"1.1": "fail"}),
    ("a setting is an empty object", creation({}), {"1.1": "fail"}),
    ("a setting is an object that holds true", creation({"value": True}), {"1.1": "fail"}),
    ("a setting is missing", {"environment_creation": [{"walkMeOptOut": False}]}, all_of(ALL_SETTINGS, "unknown")),
    ("a setting is spelled in another case",
     {"environment_creation": [{"disableenvironmentcreationbynonadminusers": True}]}, all_of(ALL_SETTINGS, "unknown")),
    ("a nested setting is missing", {"environment_creation": settings(powerPlatform={})}, {"6.1": "unknown"}),
    ("a nested setting is false",
     {"environment_creation": settings(powerPlatform={"powerApps": {"disableShareWithEveryone": False}})},
     {"6.1": "fail"}),
    ("one of two sets of settings says no",
     {"environment_creation": settings() + settings(disablePortalsCreationByNonAdminUsers=False)}, {"5.1": "fail"}),
    ("the settings were not read", {"environment_creation": []}, all_of(ALL_SETTINGS, "unknown")),
    ("the command for the settings failed",
     {"powerplatform_unsuccessful_commands": ["Get-TenantSettings"]}, all_of(ALL_SETTINGS, "unknown")),
    # data policies and the default environment
    ("there is no data policy", dlp(), all_of(ALL_DLP, "fail")),
    ("the data policies are null", {"dlp_policies": None}, all_of(ALL_DLP, "unknown")),
    ("the data policies were not read", {"dlp_policies": []}, all_of(ALL_DLP, "unknown")),
    ("the command for data policies was refused", {"dlp_policies": [{"StatusCode": 403}]}, all_of(ALL_DLP, "unknown")),
    ("a policy applies to all environments", dlp(policy("AllEnvironments")), {}),
    ("a policy applies to all environments and another lists the default one",
     dlp(policy("AllEnvironments"), LISTED), {}),
    ("the scope is spelled in another case", dlp(policy("allEnvironments")), {"2.1": "fail", "2.2": "fail"}),
    ("the default environment is spelled in another case",
     dlp(policy("OnlyEnvironments", DEFAULT.lower(), "e2")), {"2.1": "fail"}),
    ("the policy lists the other environment alone", dlp(policy("OnlyEnvironments", "e2")), {"2.1": "fail"}),
    ("the policy lists the default environment alone", dlp(policy("OnlyEnvironments", DEFAULT)), {"2.2": "fail"}),
    ("the policy excepts the other environment", dlp(policy("ExceptEnvironments", "e2")), {"2.2": "fail"}),
    ("the policy excepts the default environment", dlp(policy("ExceptEnvironments", DEFAULT)), {"2.1": "fail"}),
    ("the policy excepts nothing", dlp(policy("ExceptEnvironments")), {}),
    ("two policies except one environment each",
     dlp(policy("ExceptEnvironments", "e2"), policy("ExceptEnvironments", DEFAULT, name="p2")), {}),
    ("a policy has no display name", dlp(policy("OnlyEnvironments", DEFAULT, "e2", displayName=None)), {"2.1": "fail"}),
    ("a policy for all has no id", dlp(policy("AllEnvironments", name=None)), {"2.1": "fail", "2.2": "fail"}),
    ("a policy does not say its scope", dlp(policy(None, DEFAULT, "e2")), {"2.2": "fail"}),
    ("a policy has no list of environments",
     dlp(policy("OnlyEnvironments", environments=None)), {"2.1": "fail", "2.2": "fail"}),
    ("a policy lists nameless environments",
     dlp(policy("OnlyEnvironments", environments=[{"id": "x"}, "e2"])), {"2.1": "fail", "2.2": "fail"}),
    ("two policies have the same id", dlp(policy("OnlyEnvironments", DEFAULT), policy("OnlyEnvironments", "e2")), {}),
    # environments
    ("the environments were not read", {"environment_list": []}, {"2.2": "unknown"}),
    ("the environments are gone from the export", {"environment_list": None}, {"2.2": "unknown"}),
    ("the default environment is listed twice",
     {"environment_list": [environment(DEFAULT, is_default=True)] * 2 + [environment("e2")]}, {}),
    ("there are two default environments",
     {"environment_list": [environment(DEFAULT, is_default=True), environment("Default-x", is_default=True)]}, {}),
    ("an environment does not say whether it is the default",
     {"environment_list": [environment(DEFAULT, is_default=True), {"EnvironmentName": "e9"}]}, {}),
    ("an environment nobody covers", {"environment_list": [environment(DEFAULT, is_default=True), environment("e9")]},
     {"2.2": "fail"}),
    # connectors
    ("connectors that cannot be blocked",
     dlp(LISTED | {"connectorGroups": [group("General", f"{API}teams"), group("Confidential", f"{API}teams")]}), {}),
    ("a consumer connector", dlp(LISTED | {"connectorGroups": [group("General", TWITTER)]}), {"2.3": "fail"}),
    ("a consumer connector among the business ones",
     dlp(LISTED | {"connectorGroups": [group("Confidential", "HttpWebhook")]}), {"2.3": "fail"}),
    ("a consumer connector that is blocked", dlp(LISTED | {"connectorGroups": [group("Blocked", TWITTER)]}), {}),
    ("a group in another case", dlp(LISTED | {"connectorGroups": [group("general", TWITTER)]}), {}),
    ("a connector in another case",
     dlp(LISTED | {"connectorGroups": [group("General", f"{API}Teams")]}), {"2.3": "fail"}),
    ("a consumer connector in a policy for all",
     dlp(policy("AllEnvironments", connectorGroups=[group("General", TWITTER)])), {}),
    ("no connector groups", dlp(LISTED | {"connectorGroups": None}), {}),
    # tenant isolation
    ("tenant isolation is disabled", isolation(isDisabled=True), {"3.1": "fail"}),
    ("tenant isolation was never configured", isolation(isDisabled="null"), {"3.1": "fail"}),
    ("tenant isolation is null", isolation(isDisabled=None), {"3.1": "fail"}),
    ("tenant isolation is the word false", isolation(isDisabled="false"), {"3.1": "fail"}),
    ("tenant isolation does not say", isolation(tenantId=TENANT), {"3.1": "unknown"}),
    ("tenant isolation was not read", {"tenant_isolation": []}, {"3.1": "unknown"}),
    # the tenant
    ("without the tenant id the default environment tells it",
     {**NAMELESS, **dlp(LISTED | {"connectorGroups": [group("General", TWITTER)]})}, {"2.3": "fail"}),
    ("without the tenant id and a default environment nobody knows its name",
     {**NAMELESS, "environment_list": [environment("e2")],
      **dlp(LISTED | {"connectorGroups": [group("General", TWITTER)]})}, {"2.1": "unknown", "2.3": "unknown"}),
    ("without the tenant id two default environments tell nothing",
     {**NAMELESS, **dlp(LISTED),
      "environment_list": [environment(DEFAULT, is_default=True), environment("Default-x", is_default=True)]},
     {"2.1": "unknown"}),
    ("without the tenant id a policy for all still covers it",
     {**NAMELESS, "environment_list": [environment("e2")], **dlp(policy("AllEnvironments"))}, {}),
    ("without the tenant id no policy is still none",
     {**NAMELESS, "environment_list": [environment("e2")], **dlp()}, all_of(ALL_DLP, "fail")),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "different"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_odd_export_gets_the_verdicts_of_cisas_rules(
    changes: dict[str, Any], different: dict[str, str], tmp_path: Path
) -> None:
    assert verdicts(export(**changes), tmp_path) == MET | different


def test_an_export_of_nothing_but_data_policies_answers_what_it_can(tmp_path: Path) -> None:
    found = verdicts({"tenant_id": TENANT, **dlp(LISTED)}, tmp_path)
    assert {number for number, verdict in found.items() if verdict == "pass"} == {"2.1", "2.3"}
    assert set(found.values()) == {"pass", "unknown", "manual"}


def test_verdicts_alone_are_shown_as_they_are(tmp_path: Path) -> None:
    words = {"1.1": "Pass", "1.2": "Fail", "2.1": "Pass", "2.2": "Warning", "2.3": "Omitted", "3.1": "Error"}
    controls = [{"Control ID": f"MS.POWERPLATFORM.{number}v1", "Result": word} for number, word in words.items()]
    found = verdicts({"Results": {"PowerPlatform": [{"Controls": controls}]}}, tmp_path)
    assert found == all_of(set(MET), "unknown") | {
        "1.1": "pass", "1.2": "fail", "2.1": "pass", "2.2": "fail", "3.2": "manual", "4.1": "manual",
    }  # fmt: skip


def test_settings_that_were_kept_go_before_the_verdict_that_was_kept(tmp_path: Path) -> None:
    control = {"Control ID": "MS.POWERPLATFORM.1.1v1", "Result": "Fail"}
    document = {"Raw": export(), "Results": {"PowerPlatform": [{"Controls": [control]}]}}
    assert verdicts(document, tmp_path) == MET


def test_verdicts_answer_where_the_raw_part_holds_nothing_of_power_platform(tmp_path: Path) -> None:
    control = {"Control ID": "MS.POWERPLATFORM.1.1v1", "Result": "Fail"}
    document = {"Raw": {"tenant_id": TENANT, "conditional_access_policies": []},
                "Results": {"PowerPlatform": [{"Controls": [control]}]}}  # fmt: skip
    assert verdicts(document, tmp_path)["1.1"] == "fail"


def test_a_kept_verdict_does_not_stand_in_for_settings_that_were_not_read(tmp_path: Path) -> None:
    control = {"Control ID": "MS.POWERPLATFORM.3.1v1", "Result": "Fail", "Details": "PowerShell Error"}
    document = {"Raw": export(tenant_isolation=[]), "Results": {"PowerPlatform": [{"Controls": [control]}]}}
    assert verdicts(document, tmp_path) == MET | {"3.1": "unknown"}


def test_the_published_sample_gets_the_published_verdicts(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "scubagear_sample"
    sample = json.loads((folder / "ProviderSettingsExport.json").read_text(encoding="utf-8-sig"))
    published = json.loads((folder / "power_platform_verdicts.json").read_text(encoding="utf-8"))
    expected = {
        entry["PolicyId"].removeprefix("MS.POWERPLATFORM.").removesuffix("v1"): (
            "manual" if "Not-Implemented" in entry["Criticality"] else "pass" if entry["RequirementMet"] else "fail"
        )
        for entry in published
    }
    assert len(expected) == 10
    assert verdicts(sample, tmp_path) == expected
