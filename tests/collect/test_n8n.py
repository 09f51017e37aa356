"""The connector for n8n: recorded answers of a real one, and the shipped examples."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.n8n.connector import N8n
from passmuster.collect.interface import Target
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult
from passmuster.snapshot.tables import TABLES
from tests.collect.answering import page
from tests.collect.conformance import (
    assert_conforms,
    assert_declarations_are_exact,
    assert_faults_are_told,
    assert_repeatable,
)
from tests.collect.n8n_instance import Copy, copying

ROOT = Path(__file__).parents[2]
RECORDED = ROOT.parent / "shared" / "platforms" / "recorded" / "n8n"
EXAMPLES = ROOT / "examples" / "n8n"
BEFORE = ROOT / "examples" / "n8n-before"
SOURCES = (
    *("discover", "users", "workflows", "credentials", "projects", "data_tables", "community_packages", "roles"),
    *("log_streaming", "node_policies", "audit", "no_key", "rest_settings_anonymous", "rest_settings"),
    *("rest_api_keys_all", "rest_users", "rest_projects"),
)
needs_recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers lie beside this checkout only")


def collect(folder: Path) -> CollectionResult:
    return N8n().collect(Target(path=folder))


def rows_by(result: CollectionResult, table: str, column: str) -> dict[Any, Mapping[str, Any]]:
    return {row.get(column): row for row in result.tables[table].rows}


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return copying(tmp_path / "copy")


# -- recorded answers of a real instance


@needs_recorded
def test_recorded_answers_conform_and_repeat() -> None:
    assert_conforms(collect(RECORDED), canaries=["insert into o", "return items;", "MUOw", "phc_", "******"])
    assert_repeatable(N8n(), Target(path=RECORDED))


@needs_recorded
def test_no_fault_of_one_recorded_answer_makes_the_instance_look_emptier(tmp_path: Path) -> None:
    assert_faults_are_told(N8n, RECORDED, tmp_path, SOURCES)


@needs_recorded
def test_recorded_weaknesses_are_in_the_tables() -> None:
    result = collect(RECORDED)
    people = rows_by(result, "principals", "login")
    keys = rows_by(result, "credentials", "name")
    steps = rows_by(result, "app_steps", "name")

    assert people["maker@example.com"]["mfa"] == "otp"
    assert people["owner@example.com"]["mfa"] == "none"
    assert people["never.joined@example.com"]["is_pending"] is True
    assert people["stale.admin@example.com"]["last_sign_in_at"] == "2026-05-07"
    assert keys["ci-deploy (full, no expiry)"]["has_expiry"] is False
    assert keys["expires-tomorrow"]["has_expiry"] is True
    assert keys["leaver personal key"]["owner_principal_id"] == people["leaver@example.com"]["principal_id"]
    assert keys["CRM service login"]["owner_principal_id"] == people["leaver@example.com"]["principal_id"]
    assert steps["Save"]["has_expression_in_query"] is True
    assert rows_by(result, "connections", "target_host")["127.0.0.1"]["tls_verify"] is False
    assert rows_by(result, "add_ons", "name")["n8n-nodes-datastore"]["publisher_verified"] is False
    assert (
        rows_by(result, "apps", "name")["Leaver: nightly CRM export"]["owner_principal_id"]
        == (people["leaver@example.com"]["principal_id"])
    )
    assert rows_by(result, "platforms", "product")["n8n"]["version"] == "2.40.7"
    assert {row["url"].rpartition("/")[2]: row["auth_mode"] for row in result.tables["endpoints"].rows} == {
        "partner": "header",
        "44444444-4444-4444-8444-444444444444": "none",
        "crm-export": "none",
        "orders": "none",
    }


@needs_recorded
def test_refusals_by_licence_are_told_from_refusals_of_the_key() -> None:
    tables = collect(RECORDED).tables

    assert tables["groups"].status is CollectionStatus.NOT_LICENSED
    assert "Your license does not allow" in tables["groups"].reason
    assert tables["log_sources"].status is CollectionStatus.NOT_LICENSED
    assert tables["grants"].status is CollectionStatus.OK


# -- the shipped examples


@pytest.mark.parametrize("folder", [EXAMPLES, BEFORE])
def test_examples_conform_and_repeat(folder: Path) -> None:
    assert_conforms(collect(folder), canaries=["EXAMPLE-not-a-real-key", "insert into", "******"])
    assert_repeatable(N8n(), Target(path=folder))


@pytest.mark.parametrize("without", [(), ("rest_settings", "rest_users", "users"), ("roles", "workflows")])
def test_what_to_declare_is_named_by_table_and_column(copy: Copy, without: tuple[str, ...]) -> None:
    assert_declarations_are_exact(collect(copy(*without)))


def test_no_fault_of_one_example_makes_the_instance_look_emptier(tmp_path: Path) -> None:
    assert_faults_are_told(N8n, EXAMPLES, tmp_path, ["users_page2", "rest_community_node_types", *SOURCES])


def test_progress_names_every_file_that_is_read() -> None:
    told: list[str] = []
    N8n().collect(Target(path=EXAMPLES, progress=told.append))

    assert {"reading users.json", "reading users_page2.json", "reading rest_settings.json"} <= set(told)


def test_examples_of_two_moments_differ() -> None:
    before, after = collect(BEFORE), collect(EXAMPLES)

    assert len(before.tables["add_ons"].rows) < len(after.tables["add_ons"].rows)
    assert len(before.tables["endpoints"].rows) < len(after.tables["endpoints"].rows)


def test_a_literal_key_in_a_request_step_is_counted_and_not_kept() -> None:
    result = collect(EXAMPLES)

    assert rows_by(result, "app_steps", "name")["Ask rates"]["secret_hits"] == 1
    assert "EXAMPLE-not-a-real-key" not in repr(result)


def test_bound_parameters_are_told_from_pasted_values() -> None:
    steps = rows_by(collect(EXAMPLES), "app_steps", "name")

    assert (steps["Store booking"]["has_expression_in_query"], steps["Store booking"]["uses_bound_parameters"]) == (
        True,
        False,
    )
    assert (steps["Store status"]["has_expression_in_query"], steps["Store status"]["uses_bound_parameters"]) == (
        False,
        True,
    )
    assert steps["Remember"]["has_expression_in_query"] is False


def test_the_list_of_vetted_packages_outranks_the_audit(copy: Copy) -> None:
    told = {name: row["publisher_verified"] for name, row in rows_by(collect(EXAMPLES), "add_ons", "name").items()}
    assert told == {"n8n-nodes-tide-tables": True, "n8n-nodes-geo-tools": False}

    without = collect(copy("rest_community_node_types", "audit"))
    assert {row["publisher_verified"] for row in without.tables["add_ons"].rows} == {None}
    assert [gap for gap in without.tables["add_ons"].gaps if gap.column == "publisher_verified"]


def test_an_app_runs_as_published_and_not_as_drafted(copy: Copy) -> None:
    hook = {"id": "a", "name": "Hook", "type": "n8n-nodes-base.webhook", "parameters": {"path": "x"}}
    guarded = {**hook, "parameters": {"path": "x", "authentication": "basicAuth"}}
    workflow = {"id": "w1", "name": "W", "active": True, "nodes": [guarded], "activeVersion": {"nodes": [hook]}}
    endpoints = collect(copy(workflows=page([workflow]))).tables["endpoints"].rows

    assert [row["auth_mode"] for row in endpoints] == ["none"]


@pytest.mark.parametrize(
    ("node", "kind", "auth", "url"),
    [
        ({"type": "n8n-nodes-base.webhook", "parameters": {"path": "a/b"}}, "webhook", "none", "webhook/a/b"),
        (
            {"type": "n8n-nodes-base.webhook", "parameters": {"authentication": "jwtAuth"}, "webhookId": "w-1"},
            *("webhook", "jwt", "webhook/w-1"),
        ),
        (
            {"type": "n8n-nodes-base.formTrigger", "typeVersion": 2.6, "webhookId": "w-1"}
            | {"parameters": {"authentication": "n8nUserAuth", "options": {"path": "survey"}}},
            *("form", "platform", "form/survey"),
        ),
        (
            {"type": "@n8n/n8n-nodes-langchain.chatTrigger", "webhookId": "w-1", "parameters": {"public": True}},
            *("form", "none", "webhook/w-1/chat"),
        ),
        (
            {"type": "@n8n/n8n-nodes-langchain.mcpTrigger", "webhookId": "w-1"}
            | {"parameters": {"path": "tools", "authentication": "bearerAuth"}},
            *("webhook", "header", "mcp/tools"),
        ),
        ({"type": "n8n-nodes-base.webhook", "parameters": {"path": "={{ $env.P }}"}}, "webhook", "none", None),
        (
            {"type": "n8n-nodes-base.webhook", "parameters": {"path": "p", "authentication": "={{ 1 }}"}},
            *("webhook", None, "webhook/p"),
        ),
    ],
)
def test_every_kind_of_door_is_seen(
    copy: Copy, node: dict[str, Any], kind: str, auth: str | None, url: str | None
) -> None:
    workflow = {"id": "w1", "name": "W", "active": True, "nodes": [{"id": "a", "name": "A", **node}]}
    (row,) = collect(copy(workflows=page([workflow]))).tables["endpoints"].rows

    assert (row["kind"], row["auth_mode"]) == (kind, auth)
    assert row["url"] == (url and f"https://flows.harbourfreight.example/{url}")


@pytest.mark.parametrize(
    "change",
    [
        {"active": False},
        {"isArchived": True},
        {"nodes": [{"id": "a", "name": "A", "type": "n8n-nodes-base.webhook", "disabled": True, "parameters": {}}]},
        {"nodes": [{"id": "a", "name": "A", "type": "@n8n/n8n-nodes-langchain.chatTrigger", "parameters": {}}]},
    ],
)
def test_doors_that_are_shut_are_no_endpoints(copy: Copy, change: dict[str, Any]) -> None:
    hook = {"id": "a", "name": "A", "type": "n8n-nodes-base.webhook", "parameters": {"path": "p"}}
    workflow = {"id": "w1", "name": "W", "active": True, "nodes": [hook], **change}

    assert collect(copy(workflows=page([workflow]))).tables["endpoints"].status is CollectionStatus.EMPTY


def test_a_second_credential_of_a_step_counts_as_used(copy: Copy) -> None:
    both = {"httpSslAuth": {"id": "crdCustomsApi0001"}, "httpBasicAuth": {"id": "crdOldChat0000001"}}
    node = {"id": "a", "name": "A", "type": "n8n-nodes-base.httpRequest", "parameters": {}, "credentials": both}
    result = collect(copy(workflows=page([{"id": "w1", "name": "W", "active": True, "nodes": [node]}])))
    used = {
        rows_by(result, "connections", "connection_id")[step["connection_id"]]["credential_id"]
        for step in result.tables["app_steps"].rows
    }

    assert used == {"crdCustomsApi0001", "crdOldChat0000001"}


def test_tools_follow_the_agent_that_calls_them(copy: Copy) -> None:
    agent = {"id": "agent", "name": "Agent", "type": "@n8n/n8n-nodes-langchain.agent", "parameters": {}}
    tool = {"id": "tool", "name": "Tool", "type": "n8n-nodes-base.postgresTool", "parameters": {}}
    links = {"Tool": {"ai_tool": [[{"node": "Agent", "type": "ai_tool", "index": 0}]]}}
    workflow = {"id": "w1", "name": "W", "active": True, "nodes": [agent, tool], "connections": links}
    steps = rows_by(collect(copy(workflows=page([workflow]))), "app_steps", "step_id")

    assert (steps["agent"]["next_step_ids"], steps["agent"]["category"]) == ('["tool"]', "ai")
    assert steps["tool"]["category"] == "sql"


# -- what is not told


def test_without_an_owners_session_nothing_is_made_up(copy: Copy) -> None:
    owner_only = ("rest_settings", "rest_api_keys_all", "rest_users", "rest_projects", "rest_community_node_types")
    result = collect(copy(*owner_only))
    tables = result.tables

    assert_conforms(result)
    assert tables["credentials"].status is CollectionStatus.PARTIAL
    assert "PASSMUSTER_N8N_USER" in tables["credentials"].unlock
    assert {row["kind"] for row in tables["credentials"].rows} == {"stored_secret"}
    assert tables["settings"].status is CollectionStatus.PARTIAL
    assert all(row["last_sign_in_at"] is None for row in tables["principals"].rows)
    assert {row["auth_source"] for row in tables["principals"].rows} == {"local"}, "the open settings tell it"
    assert {"is_enabled", "last_sign_in_at"} <= {gap.column for gap in tables["principals"].gaps}
    assert rows_by(result, "apps", "name")["Customs declarations"]["owner_principal_id"], "told by the credentials"
    assert tables["platforms"].rows[0]["hosting"] is None
    assert [gap.column for gap in tables["platforms"].gaps] == ["version"]


def test_a_user_is_never_said_to_be_enabled_or_disabled() -> None:
    assert all(row.get("is_enabled") is None for row in collect(EXAMPLES).tables["principals"].rows)


def test_an_instance_that_waits_for_its_owner_is_open_to_anyone(copy: Copy) -> None:
    waiting = {"data": {"userManagement": {"showSetupOnFirstLoad": True}}}
    settings = rows_by(collect(copy(rest_settings_anonymous=waiting)), "settings", "key")
    usual = rows_by(collect(EXAMPLES), "settings", "key")

    assert settings["n8n.anonymous_access"]["value_bool"] is True
    assert usual["n8n.anonymous_access"]["value_bool"] is False


def test_the_version_is_read_from_open_metrics_too(copy: Copy) -> None:
    folder = copy("rest_settings")
    text = '# HELP x\nn8n_version_info{version="v2.31.0",major="2"} 1\n'
    (folder / "metrics_version.json").write_text(json.dumps({"status": 200, "body": text}), encoding="utf-8")

    assert collect(folder).tables["platforms"].rows[0]["version"] == "2.31.0"


def test_team_projects_become_groups_with_members_and_grants(copy: Copy) -> None:
    user = json.loads((EXAMPLES / "users.json").read_text())["body"]["data"][0]["id"]
    members = page([{"id": user, "email": "rhea@x.example", "role": "project:viewer"}])
    projects = page(
        [{"id": "p1", "name": "Finance", "type": "team"}, {"id": "p2", "name": "X <x@x>", "type": "personal"}]
    )
    result = collect(copy(projects=projects, project_users_1=members))

    assert [row["name"] for row in result.tables["groups"].rows] == ["Finance"]
    assert [(row["group_id"], row["member_id"]) for row in result.tables["memberships"].rows] == [("p1", user)]
    assert rows_by(result, "grants", "object_id")["project:p1"]["role_id"] == "project:viewer"

    without = collect(copy("project_users_1", projects=projects)).tables
    assert not without["memberships"].status.is_readable
    assert not without["grants"].status.is_readable


def test_log_streaming_and_node_policies_are_read_where_they_are_licensed(copy: Copy) -> None:
    target = {"id": "l1", "type": "webhook", "url": "https://siem.example/in?token=canary", "enabled": True}
    policy = {"defaultAction": "deny", "rules": [{"action": "allow", "selector": {"kind": "name", "value": "a.b"}}]}
    folder = copy(
        log_streaming=[{**target, "subscribedEvents": ["n8n.audit", "n8n.workflow.failed"]}], node_policies=policy
    )
    tables = collect(folder).tables

    (source,) = tables["log_sources"].rows
    assert (source["kind"], source["delivered_to"], source["is_enabled"]) == ("admin_audit", "siem.example", True)
    assert json.loads(source["event_classes"]) == ["admin_change", "execution", "permission_change", "sign_in"]
    assert tables["data_policies"].rows[0]["default_classification"] == "block"
    assert tables["data_policy_rules"].rows[0]["classification"] == "allow"
    assert "canary" not in repr(tables)


def test_a_folder_without_any_answer_is_an_error_in_every_table(tmp_path: Path) -> None:
    result = collect(tmp_path)

    assert {gathered.status for gathered in result.tables.values()} == {CollectionStatus.ERROR}
    assert_conforms(result)


def test_wrong_calls_are_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="is not a folder"):
        collect(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="--url"):
        N8n().collect(Target())
    with pytest.raises(UsageError, match="https://"):
        N8n().collect(Target(url="n8n.example.com"))
    with pytest.raises(UsageError, match="PASSMUSTER_N8N_API_KEY"):
        N8n().collect(Target(url="https://n8n.example.com"))


def _mutated(value: Any, chance: random.Random) -> Any:
    """The value with parts replaced by something of another kind, or left out."""
    odd: list[Any] = [None, 7, -1.5, True, "", "text", [], {}, [None], {"id": 1}, "\ud800", "x" * 300]
    if chance.random() < 0.04:
        return chance.choice(odd)
    if isinstance(value, dict):
        return {key: _mutated(item, chance) for key, item in value.items() if chance.random() > 0.03}
    if isinstance(value, list):
        return [_mutated(item, chance) for item in value if chance.random() > 0.03]
    return value


@pytest.mark.parametrize("seed", range(60))
def test_no_odd_answer_makes_the_connector_fail(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for path in EXAMPLES.glob("*.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        (tmp_path / path.name).write_text(json.dumps({**document, "body": _mutated(document["body"], chance)}))
    result = collect(tmp_path)

    assert set(result.tables) == set(TABLES)
