"""Power Platform from recorded answers: made from Microsoft's documentation, not recorded from a live tenant."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.power_platform.connector import PowerPlatformConnector
from passmuster.collect.connectors.power_platform.live.reading import read_estate
from passmuster.collect.connectors.power_platform.live.sources import recorded_sources
from passmuster.collect.connectors.power_platform.live.tables import tables_of
from passmuster.collect.interface import Target
from passmuster.snapshot.gathered import CollectionResult
from passmuster.snapshot.tables import TABLES
from tests.collect.conformance import (
    assert_conforms,
    assert_declarations_are_exact,
    assert_faults_are_told,
    assert_repeatable,
)
from tests.collect.power_platform_tenant import CANARY, DEFAULT, LIVE, PRODUCTION, TENANT, TEST

FLOW, APP, CONNECTION = (
    "f0000000-0000-4000-8000-000000000001",
    "c0000000-0000-4000-8000-000000000001",
    "shared-sql-0002",
)
GROUP = "33333333-cccc-4333-8333-000000000001"
Change = Callable[[Any], Any]


def rows(result: CollectionResult, table: str, **wanted: Any) -> list[Mapping[str, Any]]:
    found = result.tables[table].rows
    return [row for row in found if all(row.get(name) == value for name, value in wanted.items())]


def changed(folder: Path, name: str, change: Change) -> CollectionResult:
    """What comes of the example when the body of one answer is changed."""
    shutil.copytree(LIVE, folder / "copy")
    file = folder / "copy" / f"{name}.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    document["body"] = change(document["body"])
    file.write_text(json.dumps(document), encoding="utf-8")
    return PowerPlatformConnector().collect(Target(path=folder / "copy"))


def test_the_example_conforms_repeats_and_keeps_no_secret() -> None:
    result = PowerPlatformConnector().collect(Target(path=LIVE))
    assert_conforms(result, canaries=[CANARY])
    assert_repeatable(PowerPlatformConnector(), Target(path=LIVE))
    assert_declarations_are_exact(result)
    assert result.platform_id == f"power-platform:{TENANT}"
    assert result.name == "Harbour & Finch"
    unread = {name for name in TABLES if result.tables[name].status.value not in ("ok", "empty")}
    assert unread == {"credentials", "data_stores", "backups", "log_sources", "audit_events"}


@pytest.mark.parametrize(
    "names",
    [
        ("environments", "tenant_settings", "policies", "tenant_isolation"),
        (f"apps.{DEFAULT}", f"flows.{PRODUCTION}", f"connections.{PRODUCTION}", f"connectors.{PRODUCTION}"),
        (f"app_shares.{APP}", f"flow.{FLOW}", f"flow_owners.{FLOW}", f"connection_shares.{CONNECTION}"),
        (f"environment_roles.{DEFAULT}", f"websites.{PRODUCTION}", "unblockable_connectors"),
        ("graph_users", "graph_users_page2", "graph_roles", f"graph_group_members.{GROUP}"),
        (f"dataverse_users.{TEST}", f"dataverse_roles.{TEST}", f"dataverse_user_roles.{TEST}"),
        (f"dataverse_solutions.{TEST}", f"dataverse_organization.{TEST}", f"dataverse_teams.{TEST}"),
    ],
)
def test_whatever_goes_wrong_with_an_answer_no_table_quietly_has_fewer_rows(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    assert_faults_are_told(PowerPlatformConnector, LIVE, tmp_path, names)


def test_an_answer_that_was_not_recorded_is_an_error_and_never_empty(tmp_path: Path) -> None:
    shutil.copytree(LIVE, tmp_path / "copy")
    (tmp_path / "copy" / f"apps.{DEFAULT}.json").unlink()
    result = PowerPlatformConnector().collect(Target(path=tmp_path / "copy"))
    assert result.tables["apps"].status.value == "partial"
    assert "is not there" in result.tables["apps"].reason


def test_a_part_nobody_recorded_is_denied_and_says_what_opens_it(tmp_path: Path) -> None:
    shutil.copytree(LIVE, tmp_path / "copy")
    for file in (tmp_path / "copy").glob("flow*.json"):
        file.unlink()
    result = PowerPlatformConnector().collect(Target(path=tmp_path / "copy"))
    assert result.tables["app_steps"].status.value == "denied"
    assert "FLOW_TOKEN" in result.tables["app_steps"].unlock


def test_environments_tell_what_they_are() -> None:
    result = PowerPlatformConnector().collect(Target(path=LIVE))
    told = {row["environment_id"]: (row["kind"], row["governed"], row["has_database"], row["is_default"])
            for row in rows(result, "environments")}  # fmt: skip
    assert told == {
        DEFAULT: ("default", False, False, True),
        PRODUCTION: ("production", True, True, False),
        TEST: ("sandbox", True, True, False),
    }
    assert {row["key_id"]: row["custody"] for row in rows(result, "keys")} == {
        DEFAULT: "vendor", PRODUCTION: "customer", TEST: "vendor",
    }  # fmt: skip


def test_steps_inside_conditions_are_read_and_follow_one_another() -> None:
    result = PowerPlatformConnector().collect(Target(path=LIVE))
    told = {row["step_id"]: row for row in rows(result, "app_steps", app_id=FLOW)}
    assert {name: row["category"] for name, row in told.items()} == {
        "manual": "webhook", "Look_up_supplier": "http", "Is_known": "logic", "Create_item": "connector",
        "Reply_unknown": "logic",
    }  # fmt: skip
    assert told["Look_up_supplier"]["next_step_ids"] == ["Is_known"]
    assert told["Look_up_supplier"]["secret_hits"] == 1
    assert told["manual"]["auth_mode"] == "none"
    assert told["Create_item"]["connection_id"] == "shared-sharepointonl-0001"


@pytest.mark.parametrize(
    ("word", "expected"), [("All", "none"), ("Tenant", "oauth"), ("Users", "oauth"), ("Somebody", None), (None, None)]
)
def test_who_may_trigger_a_flow(word: str | None, expected: str | None, tmp_path: Path) -> None:
    def change(body: Any) -> Any:
        inputs = body["properties"]["definition"]["triggers"]["manual"]["inputs"]
        inputs.pop("triggerAuthenticationType")
        inputs |= {"triggerAuthenticationType": word} if word else {}
        return body

    result = changed(tmp_path, f"flow.{FLOW}", change)
    assert rows(result, "endpoints", app_id=FLOW)[0]["auth_mode"] == expected


@pytest.mark.parametrize(
    ("query", "is_pasted"),
    [
        ("select * from t where id = @id", False),
        ("select * from t where id = '@{triggerBody()?['id']}'", True),
        ("@triggerBody()?['query']", True),
    ],
)
def test_a_query_is_pasted_together_or_bound(query: str, is_pasted: bool, tmp_path: Path) -> None:
    def change(body: Any) -> Any:
        body["properties"]["definition"]["actions"]["Run_query"]["inputs"]["parameters"]["query/query"] = query
        return body

    result = changed(tmp_path, "flow.f0000000-0000-4000-8000-000000000002", change)
    (row,) = rows(result, "app_steps", step_id="Run_query")
    assert (row["category"], row["has_expression_in_query"], row["uses_bound_parameters"]) == ("sql", is_pasted, True)


@pytest.mark.parametrize(
    ("account", "maker_type", "expected"),
    [
        ("priya.sand@harbourfinch.example", "User", "personal"),
        ("PRIYA.SAND@harbourfinch.example", "User", "personal"),
        ("svc_claims", "User", None),
        (None, "User", None),
        (None, "ServicePrincipal", "service"),
    ],
)
def test_whose_account_a_connection_uses(
    account: str | None, maker_type: str, expected: str | None, tmp_path: Path
) -> None:
    def change(body: Any) -> Any:
        about = body["value"][0]["properties"]
        about["createdBy"]["type"] = maker_type
        return body if account is None else about.update(accountName=account) or body

    result = changed(tmp_path, f"connections.{PRODUCTION}", change)
    assert rows(result, "connections", connection_id=CONNECTION)[0]["identity_kind"] == expected


def test_shares_with_the_tenant_reach_everyone_and_groups_hold_their_members() -> None:
    result = PowerPlatformConnector().collect(Target(path=LIVE))
    (everyone,) = rows(result, "groups", kind="everyone")
    assert {row["object_id"] for row in rows(result, "grants", subject_id=everyone["group_id"])} == {
        APP, DEFAULT, CONNECTION,
    }  # fmt: skip
    assert len(rows(result, "memberships", group_id=GROUP)) == 2


def test_only_administrator_roles_that_reach_power_platform_are_taken() -> None:
    result = PowerPlatformConnector().collect(Target(path=LIVE))
    names = {row["name"] for row in rows(result, "roles") if row["role_id"].startswith("entra:")}
    assert names == {"Power Platform Administrator", "Global Administrator"}


def test_fields_and_roles_of_a_newer_release_do_no_harm_and_stay_unknown(tmp_path: Path) -> None:
    def change(body: Any) -> Any:
        body["novelty"] = [1, 2, {"a": None}]
        body["value"][1]["properties"]["roleName"] = "CanDream"
        return body

    result = changed(tmp_path, f"app_shares.{APP}", change)
    assert_conforms(result)
    assert rows(result, "roles", role_id="app:CanDream")[0]["is_privileged"] is None
    assert result.tables["role_permissions"].status.value == "partial"


def test_rules_of_endpoints_are_read_in_their_order() -> None:
    result = PowerPlatformConnector().collect(Target(path=LIVE))
    told = [(row["ref_id"].rpartition(" ")[2], row["classification"], row["ordinal"])
            for row in rows(result, "data_policy_rules", rule_kind="endpoint")]  # fmt: skip
    assert told == [("sql.harbourfinch.example", "allow", 1), ("*", "deny", 2)]


def test_the_answer_about_another_policy_is_not_taken_for_this_one(tmp_path: Path) -> None:
    def change(body: Any) -> Any:
        body["policyDefinition"]["name"] = "another"
        return body

    name = next(file.stem for file in sorted(LIVE.glob("policy.*.json")))
    result = changed(tmp_path, name, change)
    assert result.tables["data_policies"].status.value == "partial"
    assert "about another policy" in result.tables["data_policies"].reason


def test_environments_of_two_tenants_in_one_folder_are_an_error_that_names_both(tmp_path: Path) -> None:
    def change(body: Any) -> Any:
        body["value"][1]["properties"]["tenantId"] = "00000000-aaaa-4bbb-8ccc-dddddddddddd"
        return body

    result = changed(tmp_path, "environments", change)
    assert {gathered.status.value for gathered in result.tables.values()} == {"error"}
    assert "00000000-aaaa" in result.tables["apps"].reason
    assert TENANT in result.tables["apps"].reason


ODD: tuple[Any, ...] = (
    None,
    5,
    -1,
    2**70,
    1.5,
    True,
    "",
    "\x00a",
    "\ud800",
    [],
    [1],
    [None],
    {},
    {"a": 1},
    "https://[",
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from places(inner, (*path, key))


@pytest.mark.parametrize("seed", range(4))
def test_a_value_of_any_kind_anywhere_is_survived_and_fits_no_column_it_should_not(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    shutil.copytree(LIVE, tmp_path / "copy")
    for file in chance.sample(sorted((tmp_path / "copy").glob("*.json")), 12):
        whole = file.read_text(encoding="utf-8")
        document = json.loads(whole)
        *path, last = chance.choice(list(places(document["body"])))
        holder = document["body"]
        for key in path:
            holder = holder[key]
        holder[last] = chance.choice(ODD)
        file.write_text(json.dumps(document), encoding="utf-8")
        assert_conforms(PowerPlatformConnector().collect(Target(path=tmp_path / "copy")))
        file.write_text(whole, encoding="utf-8")


def test_past_the_bound_of_single_questions_the_rest_counts_as_not_read() -> None:
    sources = recorded_sources(LIVE, lambda _text: None)
    result = tables_of(read_estate(sources, TENANT, most_details=3))
    assert result["app_steps"].status.value == result["grants"].status.value == "partial"
    assert "more single things than one collection asks about" in result["grants"].reason
