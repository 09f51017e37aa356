"""The connector for ServiceNow: what its tables become, on the example organisation and on single rules.

All exports here are made from ServiceNow's documentation; none was taken from an instance.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.servicenow.connector import ServiceNow
from passmuster.collect.interface import Target
from passmuster.snapshot.tables import TABLES
from tests.collect.conformance import (
    assert_conforms,
    assert_declarations_are_exact,
    assert_faults_are_told,
    assert_repeatable,
)
from tests.collect.servicenow_tables import CANARIES, EXAMPLE, USER, collect, put, rows_by, status

READ = sorted(
    path.stem for path in EXAMPLE.glob("*.json") if path.stem not in ("discovery_credentials", "http_connection")
)


# -- the example organisation


def test_the_example_conforms_and_repeats_and_keeps_no_secret() -> None:
    result = collect(EXAMPLE)
    assert_conforms(result, canaries=CANARIES)
    assert_repeatable(ServiceNow(), Target(path=EXAMPLE))
    assert_declarations_are_exact(result)
    assert (result.platform_id, result.name, result.product) == ("servicenow:kessel", "kessel", "servicenow")
    unread = {"backups", "data_flows", "data_policies", "data_policy_rules"}
    assert {name for name in TABLES if status(result, name) != "ok"} == unread | {"verdicts"}


def test_no_fault_of_one_file_makes_the_instance_look_emptier(tmp_path: Path) -> None:
    assert_faults_are_told(ServiceNow, EXAMPLE, tmp_path, READ)


@pytest.mark.parametrize("name", READ)
def test_a_file_that_is_not_there_makes_no_table_look_whole_with_fewer_rows(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(EXAMPLE, folder)
    (folder / f"{name}.json").unlink()
    before, after = collect(EXAMPLE, platform_id="x"), collect(folder, platform_id="x")
    assert_conforms(after)
    for table in TABLES:
        keys = [
            {tuple(str(row.get(k)) for k in TABLES[table].key) for row in r.tables[table].rows} for r in (before, after)
        ]
        if after.tables[table].status.is_readable and table != "settings":
            assert keys[0] <= keys[1], (name, table)


def test_people_are_told_from_services_visitors_and_outsiders() -> None:
    people = rows_by(collect(EXAMPLE), "principals", "login")
    assert {name: row["kind"] for name, row in people.items() if row["kind"] != "human"} == {
        "svc.erp": "service", "svc.monitor": "service", "guest": "anonymous",
    }  # fmt: skip
    assert people["elena.park"]["is_enabled"] is False
    assert (people["partner.lim"]["is_external"], people["ada.kessel"]["is_external"]) == (True, False)
    assert (people["ada.kessel"]["auth_source"], people["ada.kessel"]["mfa"]) == ("sso", "delegated")
    assert (people["admin"]["auth_source"], people["admin"]["mfa"]) == (None, "otp")
    assert people["bruno.hale"]["last_sign_in_at"] == datetime(2026, 5, 29, 7, 41, tzinfo=UTC)


def test_roles_go_by_name_and_contain_each_other_and_groups_nest() -> None:
    result = collect(EXAMPLE)
    assert ("x_kessel_orders.admin", "import_scheduler") in {
        (row["role_id"], row["included_role_id"]) for row in result.tables["role_inclusions"].rows
    }
    roles = rows_by(result, "roles", "role_id")
    assert [name for name in roles if roles[name]["is_privileged"]] == ["admin", "security_admin", "import_scheduler"]
    assert (roles["admin"]["is_builtin"], roles["x_kessel_orders.user"]["is_builtin"]) == (True, False)
    names = {row["group_id"]: row["name"] for row in result.tables["groups"].rows}
    nested = [row for row in result.tables["memberships"].rows if row["member_kind"] == "group"]
    assert [(names[row["group_id"]], names[row["member_id"]]) for row in nested] == [("IT Operations", "Service Desk")]


def test_a_role_held_through_a_group_is_not_counted_as_held_directly() -> None:
    result = collect(EXAMPLE)
    farid = rows_by(result, "principals", "login")["farid.nour"]["principal_id"]
    assert [row["role_id"] for row in result.tables["grants"].rows if row["subject_id"] == farid] == ["snc_internal"]


def test_without_groups_inherited_roles_are_all_there_is(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(EXAMPLE, folder)
    (folder / "sys_group_has_role.json").unlink()
    result = collect(folder)
    farid = rows_by(result, "principals", "login")["farid.nour"]["principal_id"]
    held = {row["role_id"] for row in result.tables["grants"].rows if row["subject_id"] == farid}
    assert (held, status(result, "grants")) == ({"snc_internal", "itil"}, "partial")


def test_access_rules_become_permissions_and_what_visitors_reach() -> None:
    result = collect(EXAMPLE)
    found = {
        (row["role_id"], row["capability"], row.get("resource_id"), row["field_scope"])
        for row in result.tables["role_permissions"].rows
        if row.get("resource_id")
    }
    assert ("public", "read", "x_kessel_orders_order", "all") in found
    assert ("x_kessel_orders.admin", "read", "x_kessel_orders_order", "some") in found
    stores = rows_by(result, "data_stores", "name")
    assert {name: row["anonymous_access"] for name, row in stores.items()} == {
        "incident": "none", "sys_user": "none", "x_kessel_orders_order": "read",
    }  # fmt: skip
    assert (stores["incident"]["audit_enabled"], stores["x_kessel_orders_order"]["audit_enabled"]) == (True, False)


def test_settings_are_typed_with_units_and_secrets_stay_out() -> None:
    settings = rows_by(collect(EXAMPLE), "settings", "key")
    timeout = settings["sys_properties.glide.ui.session_timeout"]
    assert (timeout["value_int"], timeout["unit"], timeout["value_kind"]) == (120, "minutes", "duration")
    assert settings["sys_properties.glide.ui.rotate_sessions"]["value_bool"] is False
    assert settings["sys_properties.glide.sm.default_mode"]["value_text"] == "deny"
    empty = settings["sys_properties.glide.custom.ip.authenticate.allow"]
    assert (empty["value_text"], empty["is_set"]) == ("", False)
    secret = settings["sys_properties.x_kessel_orders.erp.password"]
    assert (secret.get("value_text"), secret["is_set"]) == (None, True)
    assert settings["sys_properties.password_reset.request.max_attempt"]["value_int"] == 3
    assert settings["plugins.com.snc.snc_access_control"]["value_bool"] is False
    assert settings["plugins.com.glide.security.audit"]["value_bool"] is False  # on no list of plugins
    assert settings["sysevent_script_action.user_lockout_check.active"]["value_bool"] is False
    assert settings["ip_access.active_count"]["value_int"] == 1


def test_the_release_is_told_as_people_call_it() -> None:
    (platform,) = collect(EXAMPLE).tables["platforms"].rows
    assert (platform["version"], platform["hosting"]) == ("Xanadu Patch 4", "vendor")
    assert collect(EXAMPLE).tables["environments"].rows[0]["kind"] == "production"


@pytest.mark.parametrize(
    ("war", "release"),
    [
        ("glide-yokohama-12-18-2024__patch7-hotfix1a-08-22-2025_09-01-2025_0907.zip", "Yokohama Patch 7 Hot Fix 1a"),
        ("glide-zurich-07-01-2025_07-09-2025_1200.zip", "Zurich"),
        ("something else", None),
    ],
)
def test_builds_become_releases(tmp_path: Path, war: str, release: str | None) -> None:
    put(tmp_path, "sys_properties.json", {"result": [{"name": "glide.war", "value": war, "suffix": "war"}]})
    assert collect(tmp_path).tables["platforms"].rows[0]["version"] == release


def test_scripts_that_ship_are_left_out_and_code_is_counted_not_kept() -> None:
    result = collect(EXAMPLE)
    scripts = {row["name"] for row in result.tables["apps"].rows if row["kind"] == "script"}
    assert scripts == {"Set margin", "OrderUtil"}
    assert rows_by(result, "app_steps", "name")["OrderUtil"]["secret_hits"] == 1
    assert rows_by(result, "app_steps", "name")["Set margin"]["secret_hits"] == 0


def test_keys_clients_tokens_and_stored_secrets_are_told_apart() -> None:
    found = rows_by(collect(EXAMPLE), "credentials", "name")
    assert {name: row["kind"] for name, row in found.items() if name != "Order portal"} == {
        "Mail provider": "stored_secret", "ERP account": "stored_secret",
        "Monitoring key": "api_key", "Shop key": "api_key",
    }  # fmt: skip
    kinds = sorted(row["kind"] for row in collect(EXAMPLE).tables["credentials"].rows if row["name"] == "Order portal")
    assert kinds == ["oauth_client", "oauth_grant"]
    assert (found["Monitoring key"]["has_expiry"], found["Shop key"]["has_expiry"]) == (False, True)
    assert found["Shop key"]["scopes"] == ["shop_read"]


def test_links_out_and_in_are_told_with_their_hosts_and_sign_in() -> None:
    result = collect(EXAMPLE)
    out = {row["target_host"]: (row["scheme"], row.get("identity_kind")) for row in result.tables["connections"].rows}
    assert out == {
        "erp.example.org": ("https", None), "rates.example.net": ("http", "none"),
        "mid1.example.org": ("https", "service"),
    }  # fmt: skip
    answers = {row["url"]: (row.get("auth_mode"), row.get("is_public")) for row in result.tables["endpoints"].rows}
    assert answers == {
        "/api/x_kessel/orders/list": ("platform", False), "/api/x_kessel/orders/inbox": ("none", True),
        "/sp": (None, None), "/login.do": ("none", True),
    }  # fmt: skip


# -- what is told only where it is known


@pytest.mark.parametrize(
    ("rules", "reached"),
    [
        ([("read", ["public"], {})], "read"),
        ([("read", [], {})], "read"),
        ([("read", ["itil"], {}), ("read", [], {})], "read"),
        ([("read", ["itil"], {})], "none"),
        ([("write", ["itil"], {})], None),
        ([("read", [], {"condition": "active=true"})], None),
        ([("read", ["public"], {"script": "answer = gs.isLoggedIn()"})], None),
        ([("read", ["public"], {}), ("read", [], {"decision_type": "deny"})], None),
        ([("read", ["public"], {"active": "false"}), ("read", ["itil"], {})], "none"),
        ([("read", ["itil"], {}), ("create", ["public"], {})], "write"),
    ],
)
def test_what_visitors_reach_is_told_by_the_rules_of_a_table(tmp_path: Path, rules: Any, reached: str | None) -> None:
    acls, held = [], []
    for number, (operation, roles, more) in enumerate(rules):
        acl = {"sys_id": f"a{number}", "name": "u_orders", "operation": operation, "admin_overrides": "true"}
        acls.append({**acl, "active": "true", "type": "record", **more})
        held += [
            {"sys_id": f"r{number}{role}", "sys_security_acl": f"a{number}", "sys_user_role": role} for role in roles
        ]
    put(tmp_path, "sys_security_acl.json", {"result": acls})
    put(tmp_path, "sys_security_acl_role.json", {"result": held})
    put(tmp_path, "sys_db_object.json", {"result": [{"name": "u_orders", "super_class": ""}]})
    (row,) = collect(tmp_path).tables["data_stores"].rows
    assert row["anonymous_access"] == reached


@pytest.mark.parametrize(
    ("properties", "user", "expected"),
    [
        (
            {"glide.authenticate.multisso.enabled": "false", "glide.authenticate.multifactor": "false"},
            {},
            ("local", "none"),
        ),
        (
            {"glide.authenticate.multisso.enabled": "false", "glide.authenticate.multifactor": "true"},
            {},
            ("local", None),
        ),
        ({"glide.authenticate.multisso.enabled": "true", "glide.authenticate.multifactor": "false"}, {}, (None, None)),
        ({}, {"source": "ldap:CN=a"}, ("sso", "delegated")),
        ({}, {"enable_multifactor_authn": "true"}, (None, "otp")),
    ],
)
def test_how_people_sign_in_is_told_only_where_it_is_known(
    tmp_path: Path, properties: dict[str, str], user: dict[str, str], expected: tuple[str | None, str | None]
) -> None:
    rows = [{"name": name, "value": value, "suffix": ""} for name, value in properties.items()]
    put(tmp_path, "sys_properties.json", {"result": rows})
    put(tmp_path, "sys_user.json", {"result": [{**USER, "enable_multifactor_authn": "false", **user}]})
    (row,) = collect(tmp_path).tables["principals"].rows
    assert (row["auth_source"], row["mfa"]) == expected


def test_a_local_password_beside_single_sign_on_is_a_way_past_it(tmp_path: Path) -> None:
    users = [
        {**USER, "sys_id": name, "user_name": name, "sso_source": "sso:1", "user_password": word}
        for name, word in (("a", "hash-canary"), ("b", ""))
    ]
    result = collect(put(tmp_path, "sys_user.json", {"result": users}))
    assert {row["login"]: row["sso_exempt"] for row in result.tables["principals"].rows} == {"a": True, "b": False}
    assert "hash-canary" not in repr(result)
