"""The connector for ServiceNow on exports: every form, the example organisation, and what nobody should hand over.

All exports here are made from ServiceNow's documentation; none was taken from an instance.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.servicenow.connector import ServiceNow
from passmuster.collect.interface import Target
from passmuster.errors import UnreadableInput, UsageError
from passmuster.snapshot.tables import TABLES
from tests.collect.conformance import (
    assert_conforms,
    assert_declarations_are_exact,
    assert_faults_are_told,
    assert_repeatable,
)
from tests.collect.servicenow_tables import CANARIES, EXAMPLE, collect, put, rows_by, status

ID = "62826bf03710200044e0bfc8bcbe5df1"
LINK = "https://house.service-now.com/api/now/table/"
PROPERTY = {"sys_id": "p1", "name": "glide.ui.session_timeout", "value": "30", "type": "integer", "suffix": "x"}
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


# -- the forms of an export

USER = {"sys_id": ID, "user_name": "abel.tuter", "name": "Abel Tuter", "active": "true", "manager": ""}
AS_VALUES = {"records": [{**USER, "manager": ID}]}
AS_LINKS = {"result": [{**USER, "manager": {"link": f"{LINK}sys_user/{ID}", "value": ID}}]}
_SHOWN = {name: {"display_value": value, "value": value} for name, value in USER.items()}
AS_ALL = {"result": [{**_SHOWN, "manager": {"display_value": "Abel Tuter", "value": ID}}]}
RECORDED = {
    "request": "GET /api/now/table/sys_user",
    "status": 200,
    "headers": {"X-Total-Count": "1"},
    "body": AS_LINKS,
}
AS_LIST_XML = (
    f'<?xml version="1.0" encoding="UTF-8"?><xml><sys_user><sys_id>{ID}</sys_id><user_name>abel.tuter</user_name>'
    f'<name>Abel Tuter</name><active>true</active><manager display_value="Abel Tuter">{ID}</manager></sys_user></xml>'
)
AS_UNLOAD_XML = AS_LIST_XML.replace("<xml>", '<unload unload_date="2026-06-01 05:00:00">').replace(
    "</xml>", "</unload>"
)
BY_FIELDS = (
    '"sys_id","user_name","name","active","manager"\n' + f'"{ID}","abel.tuter","Abel Tuter","true","Abel Tuter"\n'
)
BY_LABELS = '"Sys ID","User ID","Name","Active","Manager"\n' + f'"{ID}","abel.tuter","Abel Tuter","true","Abel Tuter"\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sys_user.json", AS_VALUES),
        ("sys_user.json", AS_LINKS),
        ("sys_user (2).json", AS_ALL),
        ("sys_user.json", RECORDED),
        ("users of the house.json", AS_VALUES),
        ("sys_user.xml", AS_LIST_XML),
        ("whatever.xml", AS_UNLOAD_XML),
        ("sys_user.csv", BY_FIELDS),
        ("sys_user-2026-06-01.csv", BY_LABELS),
        ("sys_user_page2.csv", "﻿" + BY_FIELDS),
    ],
)
def test_every_form_of_an_export_gives_the_same_person(tmp_path: Path, name: str, content: Any) -> None:
    result = collect(put(tmp_path, name, content))
    assert_conforms(result)
    (row,) = result.tables["principals"].rows
    assert (row["principal_id"], row["login"], row["is_enabled"]) == (ID, "abel.tuter", True)
    assert row["manager"] in ("Abel Tuter", ID)
    assert status(result, "principals") == "ok"


def test_lists_without_ids_are_tied_together_by_names(tmp_path: Path) -> None:
    put(tmp_path, "sys_user.csv", "user_name,name,active\nabel,Abel Tuter,true\nbeth,Beth Anglin,true\n")
    put(tmp_path, "sys_user_role.csv", "name,elevated_privilege,grantable\nadmin,false,true\n")
    put(tmp_path, "sys_user_has_role.csv", "user,role,state,inherited\nAbel Tuter,admin,Active,false\n")
    put(tmp_path, "sys_group_has_role.json", {"result": []})
    result = collect(tmp_path)
    assert_conforms(result)
    (grant,) = result.tables["grants"].rows
    assert (grant["subject_id"], grant["role_id"], status(result, "grants")) == ("abel", "admin", "ok")


def test_a_name_that_two_people_have_ties_nothing(tmp_path: Path) -> None:
    put(tmp_path, "sys_user.csv", "user_name,name,active\njs1,John Smith,true\njs2,John Smith,true\n")
    put(tmp_path, "sys_user_role.json", {"result": [{"name": "itil"}]})
    put(tmp_path, "sys_user_has_role.csv", "user,role,inherited\nJohn Smith,admin,false\njs2,itil,false\n")
    put(tmp_path, "sys_group_has_role.json", {"result": []})
    result = collect(tmp_path)
    assert [(row["subject_id"], row["role_id"]) for row in result.tables["grants"].rows] == [("js2", "itil")]
    assert status(result, "grants") == "partial"
    assert "1 records name nobody, or several alike" in result.tables["grants"].reason


def test_windows_letters_are_read_and_told(tmp_path: Path) -> None:
    (tmp_path / "sys_user.csv").write_bytes("user_name,name\nzoe,Zoë Ångström\n".encode("cp1252"))
    result = collect(tmp_path)
    assert result.tables["principals"].rows[0]["display_name"] == "Zoë Ångström"
    assert any("read as Windows-1252" in text for text in result.warnings)
    assert any("time zone of whoever exported them" in text for text in result.warnings)


def test_times_written_another_way_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, "sys_user.csv", "user_name,last_login_time\na,31/05/2026 17:04:05\nb,2026-05-31 17:04:05\n")
    people = rows_by(collect(tmp_path), "principals", "login")
    assert people["a"]["last_sign_in_at"] is None
    assert people["b"]["last_sign_in_at"] == datetime(2026, 5, 31, 17, 4, 5, tzinfo=UTC)


def test_parts_of_one_table_are_put_together_and_doubles_count_once(tmp_path: Path) -> None:
    put(tmp_path, "sys_properties_1.json", {"result": [PROPERTY]})
    put(tmp_path, "sys_properties_2.json", {"result": [PROPERTY, {**PROPERTY, "sys_id": "p2", "name": "glide.a"}]})
    assert len(collect(tmp_path).tables["settings"].rows) == 2


def test_a_deleted_record_in_an_unload_is_not_there(tmp_path: Path) -> None:
    gone = AS_UNLOAD_XML.replace(
        "</unload>", '<sys_user action="DELETE"><user_name>gone</user_name></sys_user></unload>'
    )
    assert [row["login"] for row in collect(put(tmp_path, "u.xml", gone)).tables["principals"].rows] == ["abel.tuter"]


def test_an_empty_list_is_empty_and_not_unread(tmp_path: Path) -> None:
    put(tmp_path, "sys_user.json", {"result": []})
    put(tmp_path, "sys_user_group.xml", "<xml></xml>")
    result = collect(tmp_path)
    assert (status(result, "principals"), status(result, "groups")) == ("empty", "empty")


def test_properties_alone_are_whole_settings(tmp_path: Path) -> None:
    result = collect(put(tmp_path, "sys_properties.json", {"result": [PROPERTY]}))
    assert (status(result, "settings"), status(result, "principals")) == ("ok", "unsupported")
    assert "export the table sys_user (users)" in result.tables["principals"].unlock


# -- exports cut short, mixed up, of something else


@pytest.mark.parametrize(("count", "expected"), [(999, "ok"), (1_000, "partial"), (1_001, "ok"), (10_000, "partial")])
def test_exactly_so_many_thousand_rows_are_a_row_limit(tmp_path: Path, count: int, expected: str) -> None:
    rows = [{**PROPERTY, "sys_id": str(n), "name": f"glide.p{n}"} for n in range(count)]
    result = collect(put(tmp_path, "sys_properties.json", {"records": rows}))
    assert status(result, "settings") == expected
    assert len(result.tables["settings"].rows) == count
    if expected == "partial":
        assert "cut at its row limit" in result.tables["settings"].reason


def test_a_recorded_answer_tells_by_its_count_what_is_missing(tmp_path: Path) -> None:
    answer = {"status": 200, "headers": {"x-total-count": "40"}, "body": {"result": [PROPERTY]}}
    result = collect(put(tmp_path, "sys_properties.json", answer))
    assert status(result, "settings") == "partial"
    assert "1 of 40 records were given" in result.tables["settings"].reason


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("sys_user.json", '{"result": [{"user_name": "a"', "sys_user.json: is not JSON: line 1"),
        ("sys_user.xml", "<xml><sys_user><user_name>a</user_name>", "sys_user.xml: is not XML: line 1"),
        ("sys_user.csv", 'user_name,name\n"a,b\n', "sys_user.csv: line 2"),
        ("sys_user.csv", "Benutzer-ID,Name,Aktiv\na,b,wahr\n", "columns in another language cannot be told"),
        ("sys_user.json", {"result": [{"number": "INC1", "short_description": "x"}]}, "is no list of sys_user"),
        ("sys_user.json", "<html>sign in</html>", "web page"),
        (
            "sys_user.json",
            {"error": {"message": "User Not Authenticated"}, "status": "failure"},
            "User Not Authenticated",
        ),
        ("sys_user.json", {"result": [{"user_name": ["a"]}]}, "entries are not records of ServiceNow"),
        ("sys_user.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><xml>&b;</xml>", "document type"),
    ],
)
def test_a_broken_file_is_an_error_of_its_table_and_the_others_stay(
    tmp_path: Path, name: str, content: Any, words: str
) -> None:
    put(tmp_path, name, content)
    put(tmp_path, "sys_properties.json", {"result": [PROPERTY]})
    result = collect(tmp_path)
    assert_conforms(result)
    assert (status(result, "principals"), status(result, "settings")) == ("error", "ok")
    assert words in result.tables["principals"].reason
    assert str(tmp_path) not in repr(result)


def test_a_broken_part_beside_a_good_one_makes_the_table_partial(tmp_path: Path) -> None:
    put(tmp_path, "sys_user_1.json", AS_LINKS)
    put(tmp_path, "sys_user_2.json", '{"result": [')
    result = collect(tmp_path)
    assert (status(result, "principals"), len(result.tables["principals"].rows)) == ("partial", 1)


def test_where_no_file_can_be_read_every_reason_is_told(tmp_path: Path) -> None:
    put(tmp_path, "sys_user.json", '{"result": [')
    put(tmp_path, "sys_properties.xml", "<xml><sys_properties>")
    with pytest.raises(UnreadableInput) as caught:
        collect(tmp_path)
    assert "sys_user.json: is not JSON" in str(caught.value)
    assert "sys_properties.xml: is not XML" in str(caught.value)


def test_an_export_of_another_product_is_an_error_of_every_table(tmp_path: Path) -> None:
    put(tmp_path, "export.json", {"dlp_policies": [], "environment_list": []})
    result = collect(tmp_path)
    assert {status(result, name) for name in TABLES} == {"error"}
    assert_conforms(result)


def test_exports_of_two_instances_are_not_mixed(tmp_path: Path) -> None:
    put(tmp_path, "sys_user.json", AS_LINKS)
    other = {"result": [{"user": {"link": "https://other.service-now.com/x", "value": ID}, "role": "admin"}]}
    put(tmp_path, "sys_user_has_role.json", other)
    result = collect(tmp_path)
    assert {status(result, name) for name in ("principals", "grants", "settings")} == {"error"}
    assert "several instances (house.service-now.com, other.service-now.com)" in result.tables["principals"].reason


def test_tables_that_are_not_read_are_named_and_do_no_harm(tmp_path: Path) -> None:
    put(tmp_path, "incident.json", {"result": [{"number": "INC1"}]})
    put(tmp_path, "sys_user.json", AS_LINKS)
    put(tmp_path, "notes.txt", "hello")
    result = collect(tmp_path)
    assert status(result, "principals") == "ok"
    assert any("incident.json" in text for text in result.warnings)


@pytest.mark.parametrize("make", ["missing", "empty", "text"])
def test_a_place_without_exports_is_refused_with_the_mend(tmp_path: Path, make: str) -> None:
    path = tmp_path / make
    if make == "empty":
        path.mkdir()
    if make == "text":
        path.write_text("x", encoding="utf-8")
    with pytest.raises(UnreadableInput, match="hand over a folder of exported tables"):
        collect(path)


def test_neither_an_address_nor_a_path_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="--from"):
        ServiceNow().collect(Target())


def test_fields_of_a_newer_release_and_odd_values_change_nothing(tmp_path: Path) -> None:
    odd = {**USER, "brand_new": "1", "active": "perhaps", "last_login_time": "never", "email": 7, "manager": None}
    result = collect(put(tmp_path, "sys_user.json", json.dumps({"result": [odd]})))
    assert_conforms(result)
    (row,) = result.tables["principals"].rows
    assert (row["is_enabled"], row["last_sign_in_at"], row["manager"]) == (None, None, None)


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
