"""The connector for NocoDB: the shipped example, and the same served."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.nocodb.connector import NocoDb
from passmuster.collect.interface import Target
from passmuster.errors import UnreadableInput, UsageError
from passmuster.snapshot.gathered import CollectionResult
from passmuster.snapshot.tables import TABLES
from tests.collect.answering import Asked, Reply
from tests.collect.conformance import (
    assert_conforms,
    assert_declarations_are_exact,
    assert_faults_are_told,
    assert_repeatable,
)
from tests.collect.nocodb_instance import EXAMPLES, GUEST, Instance, live, statuses

PARTS = tuple(f"{name}_{number}" for name in ("base_users", "base_tables") for number in (1, 2, 3))
OF_TABLES = tuple(f"{name}_{number}" for name in ("table_views", "table_hooks") for number in (1, 2, 3, 4))
SOURCES = ("me", "info", "app_settings", "users", "tokens", "bases", "integrations", "plugins", *PARTS, *OF_TABLES)
CANARIES = ("EXAMPLE-token", "EXAMPLE-uuid", "EXAMPLE-invite", "EXAMPLE-password", "EXAMPLE-not-a-real-key", "canary")


def collect(folder: Path) -> CollectionResult:
    return NocoDb().collect(Target(path=folder))


def rows_by(result: CollectionResult, table: str, column: str) -> dict[Any, Mapping[str, Any]]:
    return {row.get(column): row for row in result.tables[table].rows}


@pytest.fixture
def copy(tmp_path: Path) -> Any:
    def make(**bodies: Any) -> Path:
        folder = tmp_path / "copy"
        shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
        for name, body in bodies.items():
            (folder / f"{name}.json").write_text(json.dumps({"status": 200, "body": body}), encoding="utf-8")
        return folder

    return make


def body(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))["body"]


def listing(*records: Mapping[str, Any]) -> dict[str, Any]:
    return {"list": list(records), "pageInfo": {"totalRows": len(records)}}


# -- the shipped example


def test_the_example_conforms_and_repeats() -> None:
    assert_conforms(collect(EXAMPLES), canaries=CANARIES)
    assert_repeatable(NocoDb(), Target(path=EXAMPLES))
    assert_declarations_are_exact(collect(EXAMPLES))


def test_no_fault_of_one_answer_makes_the_instance_look_emptier(tmp_path: Path) -> None:
    assert_faults_are_told(NocoDb, EXAMPLES, tmp_path, SOURCES)


def test_public_links_are_told_with_what_they_ask_for_and_without_themselves() -> None:
    result = collect(EXAMPLES)
    doors = sorted((row["kind"], row["password_protected"]) for row in result.tables["endpoints"].rows)
    reach = {row["name"]: row["anonymous_access"] for row in result.tables["data_stores"].rows}

    assert doors == [("form", False), ("public_link", False), ("public_link", False), ("public_link", True)]
    assert reach == {
        "Sales: Customers": "read",
        "Sales: Enquiries": "none",
        "Finance: Ledger": "none",
        "Events: Dates": "read",
    }


def test_a_link_to_a_base_that_lets_visitors_write_is_told_as_such(copy: Any) -> None:
    """0.301 offers viewers only; releases before it also let editors."""
    bases = body("bases")
    for base in bases["list"]:
        base["roles"] = "editor" if base["uuid"] else None
    result = collect(copy(bases=bases))

    assert rows_by(result, "data_stores", "name")["Events: Dates"]["anonymous_access"] == "write"


def test_tokens_are_told_without_their_values() -> None:
    [token] = [row for row in collect(EXAMPLES).tables["credentials"].rows if row["kind"] == "api_key"]

    assert (token["name"], token["has_expiry"], token["storage"]) == ("loader, for ever", False, "plaintext")
    assert token["owner_principal_id"]


@pytest.mark.parametrize(
    ("is_licensed", "more", "expected"),
    [(False, {}, False), (True, {}, None), (True, {"expiry": "2027-01-01"}, True), (True, {"expiry": None}, False)],
)
def test_whether_a_token_ends_is_known_only_where_the_edition_or_the_token_tells(
    copy: Any, is_licensed: bool, more: dict[str, Any], expected: bool | None
) -> None:
    token = {"id": 1, "description": "t", "fk_user_id": "u", "created_at": "2026-01-01 00:00:00+00:00", **more}
    result = collect(copy(tokens=listing(token), info={**body("info"), "ee": is_licensed}))

    assert rows_by(result, "credentials", "credential_id")["api:1"]["has_expiry"] is expected


def test_a_database_that_a_base_uses_is_in_use(copy: Any) -> None:
    bases, integration = body("bases"), body("integrations")["list"][0]["id"]
    source = {"id": "s1", "type": "pg", "is_meta": 0, "is_local": 0, "fk_integration_id": integration}
    bases["list"][0]["sources"].append(source)
    rows = rows_by(collect(copy(bases=bases)), "connections", "connection_id")

    assert rows["source:s1"]["credential_id"] == f"integration:{integration}"
    assert rows["source:s1"]["app_id"] == bases["list"][0]["id"]


def test_single_sign_on_leaves_open_who_uses_it(copy: Any) -> None:
    people = collect(copy(info={**body("info"), "oidcAuthEnabled": True})).tables["principals"].rows

    assert {(row.get("auth_source"), row.get("mfa")) for row in people if row["kind"] == "human"} == {(None, None)}


def test_a_role_that_is_not_known_is_told_and_never_guessed(copy: Any) -> None:
    users = body("users")
    users["list"][1]["roles"] = "org-level-viewer,galaxy-admin"
    result = collect(copy(users=users))

    assert statuses(result, "roles", "role_permissions", "grants") == ["partial"] * 3
    assert "galaxy-admin" in result.tables["grants"].reason


def test_records_of_another_base_are_an_error(copy: Any) -> None:
    tables = body("base_tables_1")
    for table in tables["list"]:
        table["base_id"] = "another"
    result = collect(copy(base_tables_1=tables))

    assert statuses(result, "data_stores", "endpoints", "apps") == ["error", "error", "ok"]
    assert "another base" in result.tables["data_stores"].reason


def test_odd_webhooks_are_no_trouble(copy: Any) -> None:
    odd = [
        {"id": "h1", "title": "no json", "notification": "{", "active": 1},
        {"id": "h2", "title": "message", "notification": {"type": "Slack", "payload": {}}, "active": 0},
        {"id": "h3", "title": "deep", "notification": "[" * 9_000, "active": 1},
        {"id": "h4", "title": "computed", "notification": {"type": "URL", "payload": {"path": "https://{{ x }}/"}}},
    ]
    result = collect(copy(table_hooks_1=listing(*odd)))
    steps = rows_by(result, "app_steps", "step_id")

    assert_conforms(result)
    assert {name: steps[name]["category"] for name in ("h1", "h2", "h4")} == {
        "h1": "connector",
        "h2": "connector",
        "h4": "http",
    }
    assert rows_by(result, "connections", "connection_id")["hook:h4"]["target_host"] is None


@pytest.mark.parametrize("target", [Target(), Target(path=Path("nowhere"))])
def test_wrong_usage_is_told(target: Target) -> None:
    with pytest.raises((UsageError, UnreadableInput)):
        NocoDb().collect(target)


# -- the same, served


def test_a_live_instance_is_read_and_only_read() -> None:
    result, server = live(Instance())

    assert_conforms(result, canaries=CANARIES)
    assert statuses(result, "principals", "credentials", "data_stores", "settings") == ["ok"] * 4
    assert [asked.path.rpartition("/")[2] for asked in server.asked if asked.method != "GET"] == ["signin", "signout"]
    assert server.asked[-1].path == "/api/v1/auth/user/signout"


def test_live_and_recorded_answers_give_the_same_rows() -> None:
    recorded = NocoDb().collect(Target(path=EXAMPLES, platform_id="nocodb:same"))
    told, _ = live(Instance(), platform_id="nocodb:same")

    for name in sorted(set(TABLES) - {"platforms", "environments", "endpoints"}):
        assert told.tables[name].rows == recorded.tables[name].rows, name


@pytest.mark.parametrize("path", ["/", "/dashboard", "/api/v2"])
def test_the_address_may_be_that_of_the_app(path: str) -> None:
    result, _ = live(Instance(), path=path)

    assert statuses(result, "principals") == ["ok"]


def test_without_a_credential_nothing_is_asked() -> None:
    with pytest.raises(UsageError, match="PASSMUSTER_NOCODB_USER"):
        live(Instance(), {})


@pytest.mark.parametrize(
    "wrong",
    [
        {"PASSMUSTER_NOCODB_TOKEN": "wrong"},
        {"PASSMUSTER_NOCODB_USER": "admin@example.org", "PASSMUSTER_NOCODB_PASSWORD": "wrong"},
    ],
)
def test_wrong_credentials_deny_every_table_though_the_answer_is_200(wrong: Mapping[str, str]) -> None:
    result, _ = live(Instance(), wrong)

    assert set(statuses(result, *TABLES)) == {"denied"}
    assert "visitor without sign-in" in result.tables["principals"].reason
    assert_conforms(result)


def test_half_a_sign_in_is_not_tried_and_told() -> None:
    half = {"PASSMUSTER_NOCODB_TOKEN": "session-canary", "PASSMUSTER_NOCODB_USER": "a@x.example"}
    result, server = live(Instance(), half)

    assert "/api/v1/auth/user/signin" not in server.paths()
    assert "PASSMUSTER_NOCODB_PASSWORD is not set" in result.warnings[0]


def test_an_api_token_that_may_not_list_users_leaves_them_denied() -> None:
    """NocoDB keeps its users, tokens and settings from API tokens, even a super admin's."""
    refused = Reply(401, {"message": "Authentication required - Invalid token"})
    token = {"PASSMUSTER_NOCODB_TOKEN": "session-canary"}
    result, _ = live(Instance(users=refused, tokens=refused, app_settings=refused), token)

    assert statuses(result, "principals", "settings", "credentials", "data_stores") == [
        *("denied", "denied", "partial", "ok"),
    ]
    assert "PASSMUSTER_NOCODB_USER" in result.tables["principals"].unlock


def test_who_is_no_super_admin_is_shown_a_part_that_looks_whole() -> None:
    me = {**body("me"), "roles": {"org-level-viewer": True}}
    result, _ = live(Instance(me=Reply(body=me)))

    assert statuses(result, "apps", "data_stores", "endpoints") == ["partial"] * 3
    assert "super admin" in result.tables["apps"].unlock


def test_a_visitor_who_sees_bases_is_anonymous_access() -> None:
    def bases(asked: Asked) -> Reply:
        return Reply(body=body("bases"))

    closed, _ = live(Instance())
    open_to_all, _ = live(Instance(bases=bases))
    told = [
        rows_by(result, "settings", "key")["instance.anonymous_access"]["value_bool"]
        for result in (closed, open_to_all)
    ]

    assert told == [False, True]


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(drop=True), "error"),
        (Reply(500, {"msg": "boom"}), "error"),
        (Reply(raw=b"<html>sign in</html>", headers={"content-type": "text/html"}), "error"),
        (Reply(body={"list": "nothing"}), "error"),
        (Reply(302, headers={"location": "http://localhost:9/elsewhere"}), "error"),
        (Reply(body={"list": [7, {"id": "u1"}], "pageInfo": {"totalRows": 2}}), "partial"),
        (Reply(body={"list": [{"id": "u1"}], "pageInfo": {"totalRows": 10**9}}), "partial"),
    ],
)
def test_trouble_with_one_list_is_told_in_its_tables_alone(reply: Reply, status: str) -> None:
    result, _ = live(Instance(users=reply))

    assert statuses(result, "principals", "apps", "settings") == [status, "ok", "ok"]
    assert_conforms(result)


def test_something_else_at_the_address_is_an_error_and_not_an_empty_instance() -> None:
    class Other(Instance):
        def __call__(self, asked: Asked) -> Reply:
            return Reply(body={"token": "x"} if asked.method == "POST" else {"hello": "world"})

    result, _ = live(Other())

    assert set(statuses(result, *TABLES)) == {"error"}


def test_a_guest_is_known_by_its_role() -> None:
    result, _ = live(Instance(me=Reply(body=GUEST)))

    assert set(statuses(result, *TABLES)) == {"denied"}
