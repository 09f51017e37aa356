"""The connector for Node-RED: what it reads out of flows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from passmuster.model.words import CollectionStatus
from tests.collect.node_red_recording import (
    EXAMPLE,
    TAB,
    Recording,
    by_id,
    collect,
    step,
)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording(tmp_path)


def test_a_tab_that_is_switched_off_answers_nothing_and_its_steps_do_not_run() -> None:
    result = collect(EXAMPLE)
    assert by_id(result, "apps")["t-archive"]["is_active"] is False
    assert by_id(result, "app_steps")["a-file"]["is_enabled"] is False
    assert by_id(result, "app_steps")["a-file"]["category"] == "filesystem"
    assert "a-in" not in by_id(result, "endpoints")


def test_a_node_that_is_switched_off_answers_nothing(recording: Recording) -> None:
    recording.flows(TAB, step("off", "http in", url="/off", d=True), step("on", "http in", url="/on"))
    result = recording.collect()
    assert set(by_id(result, "endpoints")) == {"on", "admin"}
    assert by_id(result, "app_steps")["off"]["is_enabled"] is False


def test_a_subflow_is_active_where_an_active_tab_uses_it(recording: Recording) -> None:
    subflow = {"id": "sub", "type": "subflow", "name": "Sub", "in": [{"wires": [{"id": "call"}]}]}
    inside = {**step("call", "http request", url="https://partner.example/x"), "z": "sub"}
    hook = step("hook", "http in", url="/h", wires=[["use"]])
    recording.flows(TAB, subflow, inside, hook, step("use", "subflow:sub"))
    result = recording.collect()
    assert by_id(result, "apps")["sub"]["is_active"] is True
    assert [(row["from_id"], row["to_host"]) for row in result.tables["data_flows"].rows] == [
        ("hook", "partner.example")
    ]
    recording.flows(TAB, subflow, inside, hook, step("use", "subflow:sub", d=True))
    assert by_id(recording.collect(), "apps")["sub"]["is_active"] is False


def test_data_flows_follow_links_between_tabs(recording: Recording) -> None:
    out = step("out", "link out", links=["in"])
    hook, other = step("hook", "http in", url="/h", wires=[["out"]]), {**TAB, "id": "tab2"}
    arrive, call = step("in", "link in", wires=[["call"]]), step("call", "http request", url="http://10.1.2.3/x")
    recording.flows(TAB, other, hook, out, {**arrive, "z": "tab2"}, {**call, "z": "tab2"})
    (row,) = recording.collect().tables["data_flows"].rows
    assert (row["from_kind"], row["from_id"], row["to_id"], row["boundary"]) == ("endpoint", "hook", "call", "internal")


@pytest.mark.parametrize(
    ("libs", "category"),
    [
        ([], "script"),
        ([{"var": "d", "module": "dayjs@1.11.10"}], "script"),
        ([{"var": "c", "module": "child_process"}], "command"),
        ([{"var": "c", "module": "node:child_process"}], "command"),
        ([{"var": "f", "module": "fs-extra@11"}], "filesystem"),
    ],
)
def test_a_script_is_what_its_modules_let_it_do(recording: Recording, libs: list[Any], category: str) -> None:
    recording.flows(TAB, step("f", "function", func="return msg;", libs=libs))
    assert by_id(recording.collect(), "app_steps")["f"]["category"] == category


def test_modules_of_functions_are_add_ons_and_those_of_node_js_are_not(recording: Recording) -> None:
    libs = [{"module": "@scope/thing@^2"}, {"module": "dayjs@1.11.10"}, {"module": "fs/promises"}, {"module": "os"}]
    recording.flows(TAB, step("f", "function", libs=libs))
    added = {row["name"]: row for row in recording.collect().tables["add_ons"].rows if row["kind"] == "package"}
    assert {name: row["version"] for name, row in added.items()} == {"@scope/thing": None, "dayjs": "1.11.10"}
    assert added["@scope/thing"]["purl"] == "pkg:npm/%40scope/thing"


@pytest.mark.parametrize(
    ("properties", "in_query", "is_bound"),
    [
        ({"type": "postgresql", "query": "select * from t where a = '{{msg.a}}'"}, True, False),
        ({"type": "postgresql", "query": "select * from t where a = $1"}, False, True),
        ({"type": "postgresql", "query": ""}, None, None),
        ({"type": "mysql"}, None, None),
        ({"type": "sqlite", "sqlquery": "prepared", "sql": "insert into t values ($a)"}, False, True),
        ({"type": "sqlite", "sqlquery": "msg.topic"}, None, None),
    ],
)
def test_what_is_pasted_into_a_query_is_told_where_it_can_be(
    recording: Recording, properties: dict[str, Any], in_query: bool | None, is_bound: bool | None
) -> None:
    recording.flows(TAB, step("q", properties.pop("type"), **properties))
    row = by_id(recording.collect(), "app_steps")["q"]
    assert (row["category"], row["has_expression_in_query"], row["uses_bound_parameters"]) == (
        "sql",
        in_query,
        is_bound,
    )


LAX, STRICT = ({"id": f"tls-{on}", "type": "tls-config", "verifyservercert": on} for on in (False, True))


@pytest.mark.parametrize(
    ("node", "host", "scheme", "verify"),
    [
        (step("n", "http request", url="https://a.example/x", tls=""), "a.example", "https", True),
        (step("n", "http request", url="https://a.example/x", tls="tls-False"), "a.example", "https", False),
        (step("n", "http request", url="https://u:p@a.example:8443/x?k=v", tls="tls-True"), "a.example", "https", True),
        (step("n", "http request", url="http://a.example/x"), "a.example", "http", None),
        (step("n", "http request", url="a.example/x"), "a.example", "http", None),
        (step("n", "http request", url=""), None, None, None),
        (step("n", "http request", url="", tls="tls-False"), None, None, False),
        (step("n", "http request", url="https://{{host}}/x"), None, "https", True),
        (step("n", "http request", url="http://["), None, "http", None),
        (step("n", "tcp request", server="a.example", port="22"), "a.example", "tcp", None),
        (step("n", "tcp out", host="a.example", beserver="client", tls="tls-False"), "a.example", "tls", False),
        (step("n", "e-mail", server="smtp.example", secure=True, tls=False), "smtp.example", "smtps", False),
        ({"id": "n", "type": "mqtt-broker", "broker": "m.example", "usetls": False}, "m.example", "mqtt", None),
        ({"id": "n", "type": "mqtt-broker", "broker": "m.example", "usetls": True}, "m.example", "mqtts", False),
        (
            {"id": "n", "type": "mqtt-broker", "broker": "m.example", "usetls": True, "tls": "tls-True"},
            "m.example",
            "mqtts",
            True,
        ),
        ({"id": "n", "type": "mqtt-broker", "broker": "wss://m.example/mq"}, "m.example", "wss", False),
        ({"id": "n", "type": "mqtt-broker", "broker": "${BROKER}", "usetls": "true"}, None, "mqtts", False),
        ({"id": "n", "type": "websocket-client", "path": "wss://w.example/"}, "w.example", "wss", True),
        ({"id": "n", "type": "some-database", "host": "db.example"}, "db.example", None, None),
    ],
)
def test_where_a_node_reaches_and_whether_it_checks_the_other_side(
    recording: Recording, node: dict[str, Any], host: str | None, scheme: str | None, verify: bool | None
) -> None:
    recording.flows(TAB, LAX, STRICT, node)
    row = by_id(recording.collect(), "connections")["n"]
    assert (row["target_host"], row["scheme"], row["tls_verify"]) == (host, scheme, verify)


@pytest.mark.parametrize(
    "node",
    [
        LAX,
        {"id": "n", "type": "websocket-listener", "path": "/ws"},
        {"id": "n", "type": "ui_base", "path": "ui"},
        {"id": "n", "type": "some-client", "server": "tls-False"},
        step("n", "tcp in", server="server", host="a.example", port="99"),
        step("n", "change", to="https://not.a.connection.example/"),
    ],
)
def test_what_reaches_nobody_is_no_connection(recording: Recording, node: dict[str, Any]) -> None:
    recording.flows(TAB, LAX, node)
    assert recording.collect().tables["connections"].status is CollectionStatus.EMPTY


def test_a_flow_that_can_switch_the_check_off_by_message_is_not_called_safe(recording: Recording) -> None:
    override = step("f", "function", func="msg.rejectUnauthorized = false; return msg;")
    recording.flows(TAB, override, step("n", "http request", url="https://a.example/"))
    assert by_id(recording.collect(), "connections")["n"]["tls_verify"] is None


def test_a_step_of_a_type_we_do_not_know_is_a_connector_where_it_uses_a_connection(recording: Recording) -> None:
    broker = {"id": "c", "type": "crm-server", "url": "https://crm.example"}
    recording.flows(TAB, broker, step("a", "crm-write", server="c"), step("b", "colour-mixer"))
    steps = by_id(recording.collect(), "app_steps")
    assert (steps["a"]["category"], steps["a"]["connection_id"]) == ("connector", "c")
    assert (steps["b"]["category"], steps["b"]["connection_id"]) == ("logic", None)


def test_endpoints_that_ask_for_a_password_say_so(recording: Recording) -> None:
    recording.bodies["diagnostics"]["body"]["runtime"]["settings"]["httpNodeAuth"] = "SET"
    result = recording.collect()
    assert by_id(result, "endpoints")["b-in"]["auth_mode"] == "basic"
    assert by_id(result, "app_steps")["b-in"]["auth_mode"] == "basic"


def test_sockets_that_listen_are_endpoints(recording: Recording) -> None:
    listener = {"id": "ws", "type": "websocket-listener", "path": "/live"}
    recording.flows(
        TAB, listener, step("s", "websocket in", server="ws"), step("t", "tcp in", server="server", port="99")
    )
    endpoints = by_id(recording.collect(), "endpoints")
    assert (endpoints["ws"]["url"], endpoints["ws"]["auth_mode"]) == ("/api/live", None)
    assert (endpoints["t"]["url"], endpoints["t"]["auth_mode"]) == ("tcp://:99", "none")


def test_a_server_without_sign_in_is_open(recording: Recording) -> None:
    recording.answer("auth_login", 200, {})
    result = recording.collect()
    assert by_id(result, "settings")["settings.adminAuth"]["value_bool"] is False
    assert by_id(result, "settings")["settings.anonymous_access"]["value_bool"] is True
    assert by_id(result, "endpoints")["admin"]["auth_mode"] == "none"


def test_a_server_that_refuses_visitors_is_closed(recording: Recording) -> None:
    recording.answer("settings_anonymous", 401)
    recording.answer("flows_anonymous", 401)
    result = recording.collect()
    assert by_id(result, "settings")["settings.anonymous_access"]["value_bool"] is False
    assert by_id(result, "endpoints")["admin"]["auth_mode"] == "platform"


def test_a_server_that_lets_visitors_read_flows_only_is_open(recording: Recording) -> None:
    recording.answer("settings_anonymous", 401)
    recording.answer("flows_anonymous", 200, [])
    assert by_id(recording.collect(), "settings")["settings.anonymous_access"]["value_bool"] is True


def test_whether_visitors_are_let_in_is_unknown_where_nobody_asked(recording: Recording) -> None:
    del recording.bodies["settings_anonymous"]
    assert "settings.anonymous_access" not in by_id(recording.collect(), "settings")


def test_a_sign_in_page_of_a_proxy_is_not_an_open_server(recording: Recording) -> None:
    recording.answer("settings_anonymous", 200, "<!DOCTYPE html><title>Sign in</title>")
    recording.answer("flows_anonymous", 200, "<!DOCTYPE html><title>Sign in</title>")
    assert "settings.anonymous_access" not in by_id(recording.collect(), "settings")


@pytest.mark.parametrize(
    ("kind", "is_default"), [("disabled", True), ("system", False), ("user", False), ("project", False)]
)
def test_the_key_of_stored_credentials(recording: Recording, kind: str, is_default: bool) -> None:
    recording.bodies["settings"]["body"]["flowEncryptionType"] = kind
    assert by_id(recording.collect(), "keys")["flow-credentials"]["is_default_value"] is is_default
