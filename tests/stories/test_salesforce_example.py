"""A review of the example organisation finds what was planted, and accuses nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "salesforce"
# Planted weaknesses: the control, and exactly the resources that break it.
PLANTED = {
    "CON-10": {"remoteSite/Warehouse"},
    "DAT-05": {"Feedback__c"},
    "DAT-06": {"Loyalty_Card__c"},
    "ENV-03": {"permissionset/Shop_Builders"},
    "IAM-02": {"salesforce:harbour-lights"},
    "IAM-07": {"security.passwordPolicies.maxLoginAttempts"},
    "IAM-09": {"security.sessionSettings.lockSessionsToDomain", "security.sessionSettings.requireHttpOnly"},
    "KEY-02": {"certificate/Partner_Signing"},
    "LOG-03": {"event_log_file", "login_history", "setup_audit_trail"},
    "LOG-06": {"event_log_file"},
    "NHI-04": {"namedCredential/Mail_Archive"},
    "NHI-09": {"apex/class/StockClient/code"},
    "NHI-10": {"oauth_oidc.blockOAuthUnPwFlow"},
    "PRV-07": {"salesforce:harbour-lights"},
    "VND-06": {"security.canUsersGrantLoginAccess"},
}
PASSED = {"ADD-06", "CFG-04", "EXP-02", "EXP-04", "EXP-06", "EXP-08", "LOG-01", "LOG-05"}
HEALTH_CHECK = {
    *("SFHC.ACCESS.LOGIN_AS_ANY_USER", "SFHC.CERTIFICATES.EXPIRED", "SFHC.CERTIFICATES.KEY_SIZE"),
    *("SFHC.FILES.HYBRID_TYPES", "SFHC.GUESTS.SHARING_RULES", "SFHC.IDENTITY.MFA", "SFHC.NETWORK.REMOTE_SITES"),
    *("SFHC.PASSWORD.COMPLEXITY", "SFHC.PASSWORD.EXPIRATION", "SFHC.PASSWORD.LOCKOUT", "SFHC.PASSWORD.MAX_ATTEMPTS"),
    *("SFHC.PASSWORD.MINIMUM_LIFETIME", "SFHC.SESSION.CLICKJACK_VISUALFORCE_HEADERS", "SFHC.SESSION.HTTP_ONLY"),
    *("SFHC.SESSION.LOCK_TO_DOMAIN", "SFHC.SESSION.LOCK_TO_IP", "SFHC.SESSION.LOGIN_IP_EVERY_REQUEST"),
    *("SFHC.SESSION.TIMEOUT", "SFHC.SESSION.UNTRUSTED_REDIRECTS", "SFHC.SHARING.EXTERNAL_DEFAULTS"),
}


def passmuster(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "passmuster.cli.main", *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    out = tmp_path_factory.mktemp("review") / "out"
    packs = ("--pack", "no-code-baseline", "--pack", "salesforce-health-check", "--pack", "salesforce-permissions")
    # One of the example's certificates ends in 2028.
    at = ("--as-of", "2026-11-01")
    done = passmuster("review", "salesforce", "--from", str(EXAMPLE), *packs, *at, "--out", str(out))
    assert done.returncode == 3, done.stderr
    evaluation = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))
    return {result["control"]: result for result in evaluation["results"]}


def found(result: dict[str, Any]) -> set[str]:
    return {resource["id"] for resource in result["resources"]}


def test_exactly_what_was_planted_is_found(results: dict[str, dict[str, Any]]) -> None:
    failed = {
        control: found(result)
        for control, result in results.items()
        if result["status"] == "fail" and not control.startswith(("SFHC.", "SFP."))
    }
    assert failed == PLANTED


def test_what_is_in_order_passes(results: dict[str, dict[str, Any]]) -> None:
    assert {control for control in PASSED if results[control]["status"] != "pass"} == set()


def test_nothing_about_people_is_answered_from_a_folder(results: dict[str, dict[str, Any]]) -> None:
    about_people = ("IAM-01", "IAM-04", "IAM-05", "PRV-01", "PRV-02", "PRV-05", "PRV-08")
    assert {results[control]["status"] for control in about_people} == {"unknown"}


def test_health_check_finds_what_its_baseline_does_not_want(results: dict[str, dict[str, Any]]) -> None:
    own = {control: result for control, result in results.items() if control.startswith("SFHC.")}
    assert {control for control, result in own.items() if result["status"] == "fail"} == HEALTH_CHECK
    unknown = {control for control, result in own.items() if result["status"] in ("unknown", "error")}
    assert unknown == {"SFHC.ACCESS.ADMINISTRATORS"}, "who is an administrator is in no folder"
    # A profile's own policy is judged beside the organisation's.
    assert "role/profile/Data Loading/security.sessionSettings.sessionTimeout" in found(own["SFHC.SESSION.TIMEOUT"])


def test_roles_that_open_everything_are_named(results: dict[str, dict[str, Any]]) -> None:
    own = {control: found(result) for control, result in results.items() if control.startswith("SFP.")}
    assert own == {
        "SFP.MODIFY_ALL_DATA": {"profile/Data Loading"},
        "SFP.VIEW_ALL_DATA": {"profile/Data Loading"},
        "SFP.AUTHOR_APEX": {"profile/Data Loading", "permissionset/Deployers"},
        "SFP.EXPORT_ALL": {"permissionset/Report_Exports"},
        "SFP.SECRETS.IN_METADATA": {"externalCredential/Parcels"},
        "SFP.MANAGE_RIGHTS": set(),
        "SFP.WEAKENS_SIGN_IN": set(),
        "SFP.ANY_CLIENT": set(),
    }
    assert {results[control]["status"] for control, resources in own.items() if not resources} == {"pass"}


def test_the_same_folder_gives_the_same_digests(tmp_path: Path) -> None:
    manifests = []
    for name in ("one", "two"):
        done = passmuster("collect", "salesforce", "--from", str(EXAMPLE), "--out", str(tmp_path / name))
        assert done.returncode in (0, 3), done.stderr
        manifests.append(json.loads((tmp_path / name / "manifest.json").read_text(encoding="utf-8")))
    digests = [{name: table["sha256"] for name, table in manifest["tables"].items()} for manifest in manifests]
    assert digests[0] == digests[1]


def test_files_that_cannot_be_read_are_named_and_the_review_goes_on(tmp_path: Path) -> None:
    broken = tmp_path / "org" / "profiles"
    broken.mkdir(parents=True)
    (broken / "Cut.profile").write_text("<Profile><custom>")
    (broken / "Whole.profile").write_text("<Profile><custom>true</custom></Profile>")
    done = passmuster("collect", "salesforce", "--from", str(tmp_path / "org"), "--out", str(tmp_path / "out"))
    assert done.returncode == 3
    assert "profiles/Cut.profile" in done.stderr
    assert "1 of 2 files could not be read" in done.stderr
    assert "Traceback" not in done.stderr
