"""An organisation by its answers: what they become, and what refusals, odd pages and strangers become."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.salesforce.api_questions import QUESTIONS, permission_sets
from passmuster.collect.connectors.salesforce.connector import SalesforceConnector
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Target
from passmuster.errors import UsageError
from passmuster.snapshot.gathered import CollectionResult
from tests.collect.answering import Asked, Reply, answering
from tests.collect.conformance import assert_conforms, assert_faults_are_told, assert_repeatable
from tests.collect.salesforce.folders import holders, roles, rows, setting, status
from tests.collect.salesforce.organization import ANSWERS, ORG, page, record, refusal, user, write

PACKS = Path(__file__).parents[3] / "packs"
TOKEN = "PASSMUSTER_SALESFORCE_ACCESS_TOKEN"


def collect(folder: Path, **changed: Any) -> CollectionResult:
    return SalesforceConnector().collect(Target(path=write(folder, **changed)))


def test_recorded_answers_conform_and_repeat(tmp_path: Path) -> None:
    result = collect(tmp_path)
    assert_conforms(result)
    assert_repeatable(SalesforceConnector(), Target(path=tmp_path))
    assert (result.platform_id, result.name, result.source_kind) == (
        f"salesforce:{ORG[:15]}",
        "Harbour Lights",
        "export",
    )
    assert {name for name in result.tables if status(result, name) not in ("ok", "empty", "unsupported")} == set()


def test_people_are_told_apart(tmp_path: Path) -> None:
    people = {row["principal_id"]: row for row in rows(collect(tmp_path), "principals")}
    assert {id_: row["kind"] for id_, row in people.items()} == {
        "0051": "human",
        "0052": "human",
        "0053": "anonymous",
        "0054": "service",
        "0055": "guest",
        "0056": "human",
        "0057": "human",
    }
    assert {id_: row["is_enabled"] for id_, row in people.items() if not row["is_enabled"]} == {
        "0056": False,  # frozen
        "0057": False,  # not active
    }
    assert people["0051"]["mfa"] == "phishing_resistant"
    assert people["0052"]["mfa"] is None, "who has a federation id may be asked elsewhere"
    assert people["0057"]["mfa"] == "none"
    assert people["0054"]["never_signed_in"] is True


def test_roles_hold_what_their_permission_sets_give(tmp_path: Path) -> None:
    result = collect(tmp_path)
    assert roles(result, "profile") == {"00e1", "00e2", "00e3", "00e4"}
    assert roles(result, "permission_set") == {"0PS5", "0PS7"}
    assert roles(result, "permission_set_group") == {"0PG1"}
    assert holders(result, "ModifyAllData") == holders(result, "AuthorApex") == {"00e1"}
    assert holders(result, "ExportReport") == {"0PS5", "0PG1"}
    assert holders(result, "allowCreate") == {"00e3"}
    grants = {(row["subject_id"], row["role_id"]): row for row in rows(result, "grants")}
    assert ("0051", "00e1") in grants
    assert ("0051", "0PS1") not in grants, "a profile's own set is the profile"
    assert ("0056", "0PG1") in grants
    assert grants["0052", "0PS5"]["has_expiry"] is True
    assert grants["0052", "0PS7"]["is_eligible_only"] is True


def test_every_permission_a_pack_looks_for_is_asked_for() -> None:
    looked_for = {
        name
        for path in (PACKS / "salesforce-permissions").glob("*/control.sql")
        for name in re.findall(r"'([A-Z][A-Za-z]+)'", path.read_text(encoding="utf-8"))
    }
    asked = permission_sets(f"Permissions{name}" for name in looked_for).soql
    assert len(looked_for) >= 10
    assert {name for name in looked_for if f"Permissions{name}," not in f"{asked},".replace(" FROM", ",")} == set()


def test_settings_are_those_of_a_folder(tmp_path: Path) -> None:
    result = collect(tmp_path)
    assert setting(result, "security.passwordPolicies.maxLoginAttempts")["value_text"] == "NoLimit"
    timeout = setting(result, "security.sessionSettings.sessionTimeout")
    assert (timeout["value_int"], timeout["unit"]) == (120, "minutes")
    assert setting(result, "security.networkAccess.ipRangeCount")["value_int"] == 1
    assert setting(result, "oauth_oidc.blockOAuthUnPwFlow")["value_bool"] is True
    assert setting(result, "sharing.objectsOpenToExternals")["value_int"] == 1
    assert setting(result, "admin_users.activeSystemAdministrators")["value_int"] == 1
    assert setting(result, "remote_sites.withoutProtocolSecurity")["value_int"] == 1


def test_packages_tell_publisher_and_review(tmp_path: Path) -> None:
    (package,) = rows(collect(tmp_path), "add_ons")
    assert (package["add_on_id"], package["version"], package["publisher_verified"]) == ("lbl", "4.2.0", True)


REFUSALS: dict[str, tuple[int, Any, str, str]] = {
    "no access": (403, refusal("INSUFFICIENT_ACCESS"), "denied", "may not read"),
    "a token that ended": (401, refusal("INVALID_SESSION_ID"), "denied", "access token is not valid"),
    "no API": (403, refusal("API_DISABLED_FOR_ORG"), "denied", "not enabled for this organisation"),
    "no such object": (
        400,
        refusal("INVALID_TYPE", "sObject type 'User' is not supported"),
        "denied",
        "may not see it",
    ),
    "a field that is hidden": (400, refusal("INVALID_FIELD", "No such column 'X'"), "error", "hidden from the user"),
    "the day's requests used up": (403, refusal("REQUEST_LIMIT_EXCEEDED"), "error", "used up"),
    "a query too slow": (400, refusal("QUERY_TIMEOUT"), "error", "too long"),
    "a refusal of another make": (403, {"message": "no"}, "denied", "HTTP 403"),
    "a fault": (500, "oops", "error", "HTTP 500"),
    "a sign-in page": (200, "<!DOCTYPE html><html>sign in</html>", "error", "a web page"),
    "nothing": (200, None, "error", "no records"),
    "a list": (200, [1], "error", "no records"),
    "records that are none": (200, {"records": [3], "done": True}, "error", "no record"),
    "records of another kind": (200, page(record("Account", Id="001")), "error", "another kind (Account)"),
}


@pytest.mark.parametrize(("code", "body", "expected", "words"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_a_tables_status_and_never_an_empty_platform(
    code: int, body: Any, expected: str, words: str, tmp_path: Path
) -> None:
    result = collect(tmp_path, users=(code, body))
    assert_conforms(result)
    for table in ("principals", "grants"):
        assert status(result, table) == expected
        assert words in result.tables[table].reason
        assert rows(result, table) == []
    assert status(result, "groups") == "ok"


@pytest.mark.parametrize("name", ["sites", "networks"])
def test_a_feature_the_organisation_lacks_is_none(name: str, tmp_path: Path) -> None:
    result = collect(tmp_path, **{name: (400, refusal("INVALID_TYPE"))})
    assert status(result, "endpoints") == "ok"
    assert len(rows(result, "endpoints")) == 1


def test_no_fault_of_one_answer_makes_a_table_quietly_smaller(tmp_path: Path) -> None:
    beside = {"user_logins", "second_factors", "event_log_files", "sites", "networks"}
    names = [question.name for question in QUESTIONS if question.name not in beside]
    assert_faults_are_told(SalesforceConnector, write(tmp_path / "whole"), tmp_path / "broken", names)


def pages(*chunks: int, next_of: Any = None) -> dict[str, Any]:
    """Users on several pages, each naming the next."""
    total, found, number = sum(chunks), {}, 10
    for index, size in enumerate(chunks, start=1):
        people = [user(number + n, "00e2") for n in range(size)]
        number += size
        is_last = index == len(chunks)
        body: dict[str, Any] = {"totalSize": total, "done": is_last, "records": people}
        if not is_last:
            body["nextRecordsUrl"] = next_of or f"/services/data/v66.0/query/01gQ-{index}"
        found["users" if index == 1 else f"users_page{index}"] = body
    return found


def test_pages_are_read_to_the_end(tmp_path: Path) -> None:
    result = collect(tmp_path, **pages(2, 2, 1))
    assert status(result, "principals") == "ok"
    assert len(rows(result, "principals")) == 5


ODD_PAGES: dict[str, tuple[dict[str, Any], str]] = {
    "a page that is not there": ({**pages(2, 1), "users_page2": None}, "page 2 could not be read"),
    "a page of another host": (
        pages(2, 1, next_of="https://evil.example/services/data/v66.0/query/x"),
        "lies elsewhere",
    ),
    "a page by two slashes": (pages(2, 1, next_of="//evil.example/services/data/x"), "lies elsewhere"),
    "a page by dots": (pages(2, 1, next_of="/services/data/../../evil"), "lies elsewhere"),
    "a page that is a number": (pages(2, 1, next_of=7), "lies elsewhere"),
    "a page that points back": (pages(1, 1, 1, next_of="/services/data/v66.0/query/01g"), "points back"),
    "an empty page with a next one": (pages(1, 0, 1), "empty but names a next one"),
    "fewer records than promised": ({"users": {**pages(2)["users"], "totalSize": 9}}, "2 of 9 records"),
    "a page of another kind": (
        {**pages(2, 1), "users_page2": page(record("Account", Id="001"))},
        "records of another kind",
    ),
}


@pytest.mark.parametrize(("changed", "words"), ODD_PAGES.values(), ids=ODD_PAGES)
def test_a_list_that_is_not_whole_is_partial(changed: dict[str, Any], words: str, tmp_path: Path) -> None:
    result = collect(tmp_path, **changed)
    assert status(result, "principals") == "partial"
    assert words in result.tables["principals"].reason


OTHER = "00D9X000000ZzZzUAK"


@pytest.mark.parametrize(
    "changed",
    [{"organization_again": page(record("Organization", Id=OTHER))}, {"userinfo": {"organization_id": OTHER}}],
    ids=["at the end", "by the token"],
)
def test_answers_of_two_organisations_are_no_snapshot(changed: dict[str, Any], tmp_path: Path) -> None:
    result = collect(tmp_path, **changed)
    assert_conforms(result)
    assert {status(result, table) for table in result.tables} == {"error"}
    assert "two organisations" in " ".join(result.warnings)


def test_where_all_is_refused_nothing_looks_as_if_it_had_been_looked_at(tmp_path: Path) -> None:
    refused = (401, refusal("INVALID_SESSION_ID", "Session expired or invalid"))
    result = collect(tmp_path, **dict.fromkeys(ANSWERS, refused))
    assert_conforms(result)
    assert {status(result, table) for table in result.tables} == {"denied"}
    assert all(TOKEN in gathered.unlock for gathered in result.tables.values())


def serve(asked: Asked) -> Reply:
    """The same answers over HTTP: by the query that was sent."""
    if asked.headers.get("authorization") != "Bearer token-canary":
        return Reply(401, refusal("INVALID_SESSION_ID"))
    if asked.path == "/services/data/":
        return Reply(200, ANSWERS["versions"])
    if asked.path == "/services/oauth2/userinfo":
        return Reply(200, ANSWERS["userinfo"])
    if asked.path.endswith("/describe"):
        return Reply(200, ANSWERS["permission_fields"])
    soql = asked.params.get("q", "")
    name = next((question.name for question in QUESTIONS if question.soql == soql), None)
    if soql.endswith("FROM PermissionSet"):
        assert "PermissionsModifyAllData" in soql
        assert "PermissionsManageUsers" not in soql, "only what this organisation knows is asked for"
        name = "permission_sets"
    if "Display" in soql:
        name = "setup_changes"
    return Reply(200, ANSWERS[name or "organization"])


def test_a_live_organisation_gives_what_its_recording_gives(tmp_path: Path) -> None:
    recorded = collect(tmp_path)
    with answering(serve) as server:
        live = SalesforceConnector().collect(Target(url=server.url, secrets={TOKEN: "token-canary"}))
    assert {asked.method for asked in server.asked} == {"GET"}
    assert_conforms(live, canaries=["token-canary"])
    for table, gathered in recorded.tables.items():
        if table != "platforms":
            told = live.tables[table]
            # Only who is asked knows since when.
            assert replace(told, since=None) == replace(gathered, since=None), table


def test_a_query_that_is_throttled_for_an_hour_is_given_up(tmp_path: Path) -> None:
    def throttled(asked: Asked) -> Reply:
        is_users = "FROM User" in asked.params.get("q", "") and "UserLogin" not in asked.params["q"]
        return Reply(503, refusal("SERVER_UNAVAILABLE"), {"retry-after": "3600"}) if is_users else serve(asked)

    slept: list[float] = []
    patience = Patience(attempts=9, longest_wait_s=2.0, budget_s=5.0)
    with answering(throttled) as server:
        connector = SalesforceConnector(patience=patience, clock=Clock(sleep=slept.append))
        result = connector.collect(Target(url=server.url, secrets={TOKEN: "token-canary"}))
    assert sum(slept) <= 5.0
    assert status(result, "principals") == "error"
    assert status(result, "groups") == "ok"


def test_without_a_token_nothing_is_asked() -> None:
    with answering(serve) as server, pytest.raises(UsageError, match=TOKEN):
        SalesforceConnector().collect(Target(url=server.url))
    assert server.asked == []


def test_a_token_is_not_sent_in_clear() -> None:
    with pytest.raises(UsageError, match="https"):
        SalesforceConnector().collect(Target(url="http://harbour.my.example.org", secrets={TOKEN: "x" * 20}))
