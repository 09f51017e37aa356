"""The pack scuba-power-platform on every export that holds only some of its parts.

What is there gets CISA's verdict, written down here once more from CISA's rules; what is not there is unknown.
"""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.collect.exports import API, DEFAULT, GOOD, environment, export, group, policy, settings
from tests.packs.test_scuba_verdicts import verdicts

PARTS = ("environment_creation", "dlp_policies", "environment_list", "tenant_isolation", "tenant_id")
SUBSETS = [subset for size in range(len(PARTS) + 1) for subset in combinations(PARTS, size)]
CANNOT_BE_BLOCKED = {f"{API}teams"}
OPEN = settings(
    disableEnvironmentCreationByNonAdminUsers=False,
    disableTrialEnvironmentCreationByNonAdminUsers=False,
    disablePortalsCreationByNonAdminUsers=None,
    powerPlatform={"powerApps": {"disableShareWithEveryone": "true"}},
)
NOT_AUTOMATIC = {"3.2": "manual", "4.1": "manual"}
LOOSE = [group("General", f"{API}twitter")]


def of_policies(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return export(dlp_policies=[{"value": list(entries)}], **more)


EXPORTS = {
    "all is well": GOOD,
    "nothing is well": of_policies(
        policy("OnlyEnvironments", "e9"),
        environment_creation=OPEN,
        tenant_isolation=[{"properties": {"isDisabled": True}}],
    ),
    "a loose policy for the default environment": of_policies(
        policy("OnlyEnvironments", DEFAULT, connectorGroups=LOOSE)
    ),
    "a loose policy for all": of_policies(policy("AllEnvironments", connectorGroups=LOOSE)),
    "a policy for all but the default environment": of_policies(policy("ExceptEnvironments", DEFAULT)),
    "a policy for all without exceptions": of_policies(policy("ExceptEnvironments")),
    "no data policy": of_policies(),
    "no default environment in the list": export(environment_list=[environment("e2"), environment("e3")]),
}


def word(is_met: bool | None) -> str:
    return "unknown" if is_met is None else "pass" if is_met else "fail"


def of_settings(document: dict[str, Any]) -> dict[str, bool | None]:
    if "environment_creation" not in document:
        return dict.fromkeys(("1.1", "1.2", "5.1", "6.1"))
    (tenant,) = document["environment_creation"]
    return {
        "1.1": tenant["disableEnvironmentCreationByNonAdminUsers"] is True,
        "1.2": tenant["disableTrialEnvironmentCreationByNonAdminUsers"] is True,
        "5.1": tenant["disablePortalsCreationByNonAdminUsers"] is True,
        "6.1": tenant["powerPlatform"]["powerApps"]["disableShareWithEveryone"] is True,
    }


def default_name(document: dict[str, Any]) -> str | None:
    if "tenant_id" in document:
        return f"Default-{document['tenant_id']}"
    return next((each["EnvironmentName"] for each in document.get("environment_list", ()) if each["IsDefault"]), None)


def covers(entry: dict[str, Any], place: str) -> bool:
    listed = place in {each["name"] for each in entry["environments"]}
    return {"AllEnvironments": True, "OnlyEnvironments": listed, "ExceptEnvironments": not listed}[
        entry["environmentType"]
    ]


def of_data_policies(document: dict[str, Any]) -> dict[str, bool | None]:
    if "dlp_policies" not in document:
        return {"2.1": None, "2.2": None, "2.3": None}
    entries = document["dlp_policies"][0]["value"]
    others = [each["EnvironmentName"] for each in document.get("environment_list", ()) if not each["IsDefault"]]
    is_known = "environment_list" in document
    covered = bool(entries) and all(any(covers(entry, place) for entry in entries) for place in others)
    return {
        "2.1": is_default_covered(entries, default_name(document)),
        "2.2": covered if is_known else None,
        "2.3": is_default_tight(entries, default_name(document)),
    }


def is_default_covered(entries: list[dict[str, Any]], place: str | None) -> bool | None:
    if place is not None:
        return any(covers(entry, place) for entry in entries)
    # Whatever its name: one policy without a list covers it, and where there is none nothing does.
    if any(not entry["environments"] and covers(entry, "anything") for entry in entries):
        return True
    return False if not entries else None


def is_default_tight(entries: list[dict[str, Any]], place: str | None) -> bool | None:
    loose = [
        entry
        for entry in entries
        if {each["id"] for some in entry["connectorGroups"] for each in some["connectors"]} - CANNOT_BE_BLOCKED
    ]
    naming = [entry for entry in loose if entry["environments"]]
    if place is None and naming:
        return None
    return bool(entries) and not any(place in {each["name"] for each in entry["environments"]} for entry in naming)


def of_isolation(document: dict[str, Any]) -> dict[str, bool | None]:
    if "tenant_isolation" not in document:
        return {"3.1": None}
    return {"3.1": document["tenant_isolation"][0]["properties"]["isDisabled"] is False}


def expected(document: dict[str, Any]) -> dict[str, str]:
    judged = of_settings(document) | of_data_policies(document) | of_isolation(document)
    return {number: word(is_met) for number, is_met in judged.items()} | NOT_AUTOMATIC


@pytest.mark.parametrize("name", EXPORTS)
def test_whatever_parts_an_export_holds_they_are_judged_and_the_others_are_unknown(name: str, tmp_path: Path) -> None:
    assert len(SUBSETS) == 32
    for number, subset in enumerate(SUBSETS):
        document = {key: EXPORTS[name][key] for key in subset}
        (tmp_path / str(number)).mkdir()
        assert verdicts(document, tmp_path / str(number)) == expected(document), subset


def test_the_rules_written_here_are_those_behind_the_published_verdicts(shared: Path, tmp_path: Path) -> None:
    sample = json.loads((shared / "data" / "scubagear_sample" / "ProviderSettingsExport.json").read_text("utf-8-sig"))
    published = json.loads((shared / "data" / "scubagear_sample" / "power_platform_verdicts.json").read_text("utf-8"))
    met = {entry["PolicyId"].split(".", 2)[2].removesuffix("v1"): entry["RequirementMet"] for entry in published}
    assert expected(sample) == {number: word(is_met) for number, is_met in met.items()} | NOT_AUTOMATIC
    for number, subset in enumerate(SUBSETS):
        document = {key: sample[key] for key in subset}
        (tmp_path / str(number)).mkdir()
        assert verdicts(document, tmp_path / str(number)) == expected(document), subset


def test_the_exports_above_bring_out_every_verdict_on_every_policy() -> None:
    found = [expected({key: whole[key] for key in subset}) for whole in EXPORTS.values() for subset in SUBSETS]
    for number in set(found[0]) - set(NOT_AUTOMATIC):
        assert {each[number] for each in found} == {"pass", "fail", "unknown"}, number
