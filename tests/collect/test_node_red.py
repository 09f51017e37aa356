"""The connector for Node-RED: recorded answers of a real server, the example that ships, and answers made odd."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.node_red.connector import NodeRedConnector
from passmuster.collect.declared import apply_declared, read_declared
from passmuster.collect.interface import Target
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult
from passmuster.snapshot.tables import TABLES

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "node-red"
RECORDED = ROOT.parent / "shared" / "platforms" / "recorded" / "nodered"
FROM_FLOWS = ("apps", "app_steps", "connections", "data_flows", "endpoints", "connectors")

needs_recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded answers are not beside this checkout")


def collect(folder: Path) -> CollectionResult:
    return NodeRedConnector().collect(Target(path=folder))


def by_id(result: CollectionResult, table: str) -> dict[str, Mapping[str, Any]]:
    key = "key" if table == "settings" else next(k for k in reversed(TABLES[table].key) if k != "platform_id")
    return {row[key]: row for row in result.tables[table].rows}


def status(result: CollectionResult, table: str) -> str:
    return result.tables[table].status.value


class Recording:
    """A copy of the example's answers that a test makes odd."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bodies: dict[str, Any] = {}
        for path in EXAMPLE.glob("*.json"):
            self.bodies[path.stem] = json.loads(path.read_text(encoding="utf-8"))

    def answer(self, name: str, status: int, body: Any = "") -> None:
        self.bodies[name] = {"status": status, "body": body}

    def flows(self, *nodes: Mapping[str, Any]) -> None:
        self.answer("flows_v2", 200, {"rev": "1", "flows": list(nodes)})

    def collect(self) -> CollectionResult:
        for name, document in self.bodies.items():
            (self.folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        return collect(self.folder)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording(tmp_path)


TAB: dict[str, Any] = {"id": "tab", "type": "tab", "label": "Tab", "disabled": False}


def step(id_: str, type_: str, **properties: Any) -> dict[str, Any]:
    return {"id": id_, "type": type_, "z": "tab", "x": 1, "y": 1, "wires": [], **properties}


# --- what a real server answered


@needs_recorded
def test_a_real_server_is_read_in_full() -> None:
    result = collect(RECORDED)
    read = {name: of.status.value for name, of in result.tables.items()}
    for table in ("platforms", "environments", "settings", "keys", "add_ons", *FROM_FLOWS):
        assert read[table] == "ok", table
    assert result.tables["platforms"].rows[0]["version"] == "5.0.7"


@needs_recorded
def test_the_weaknesses_planted_on_a_real_server_are_all_there() -> None:
    result = collect(RECORDED)
    settings, steps, endpoints = (by_id(result, table) for table in ("settings", "app_steps", "endpoints"))
    assert settings["settings.anonymous_access"]["value_bool"] is True
    assert settings["settings.flowEncryptionType"]["value_text"] == "disabled"
    assert settings["settings.httpNodeAuth"]["value_bool"] is False
    assert by_id(result, "keys")["flow-credentials"]["is_default_value"] is True
    assert {id_: row["auth_mode"] for id_, row in endpoints.items()} == {
        "in-1": "none",
        "in-2": "none",
        "admin": "none",
    }
    assert steps["exec-1"]["category"] == "command"
    assert steps["in-1"]["next_step_ids"] == ["exec-1"]
    connections = by_id(result, "connections")
    assert connections["req-1"]["tls_verify"] is False
    assert connections["mqtt-1"]["scheme"] == "mqtt"
    add_ons = by_id(result, "add_ons")
    assert add_ons["node-red-dashboard"]["purl"] == "pkg:npm/node-red-dashboard@2.23.0"
    assert (add_ons["node-red-node-email"]["is_enabled"], add_ons["node-red-node-email"]["in_use"]) == (False, False)
    assert add_ons["node-red"]["is_builtin"] is True


# --- the example that ships


def test_every_row_fits_its_table() -> None:
    result = apply_declared(collect(EXAMPLE), read_declared(EXAMPLE / "declared.yaml"))
    for name, gathered in result.tables.items():
        for row in gathered.rows:
            assert set(row) <= set(TABLES[name].column_names), (name, row)
            for column in TABLES[name].columns:
                if column.values and row.get(column.name) is not None:
                    assert row[column.name] in column.values, (name, column.name, row)
            assert name == "platforms" or row.get(TABLES[name].key[0]) is not None, (name, row)
        keys = [tuple(row.get(part) for part in TABLES[name].key) for row in gathered.rows]
        assert len(keys) == len(set(keys)), name


def test_the_example_shows_a_secret_in_clear_without_repeating_it() -> None:
    result = collect(EXAMPLE)
    assert by_id(result, "app_steps")["t-key"]["secret_hits"] == 1
    assert "quaystone" not in repr(result)


def test_the_example_declares_who_may_sign_in() -> None:
    result = apply_declared(collect(EXAMPLE), read_declared(EXAMPLE / "declared.yaml"))
    assert result.warnings == ()
    assert status(result, "principals") == "ok"
    (token,) = result.tables["credentials"].rows
    assert (token["owner_principal_id"], token["has_expiry"]) == ("crane-sync", False)
    apps = by_id(result, "apps")
    assert apps["t-bookings"]["owner_principal_id"] == "mara.quint"
    assert "owner_principal_id" not in apps["t-archive"]


def test_the_same_answers_give_the_same_result() -> None:
    assert collect(EXAMPLE) == collect(EXAMPLE)


# --- flows


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


# --- connections

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


# --- endpoints


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


# --- the key of stored credentials


@pytest.mark.parametrize(
    ("kind", "is_default"), [("disabled", True), ("system", False), ("user", False), ("project", False)]
)
def test_the_key_of_stored_credentials(recording: Recording, kind: str, is_default: bool) -> None:
    recording.bodies["settings"]["body"]["flowEncryptionType"] = kind
    assert by_id(recording.collect(), "keys")["flow-credentials"]["is_default_value"] is is_default


# --- what could not be read


@pytest.mark.parametrize("refusal", [401, 403])
def test_flows_that_are_refused_are_denied_and_never_empty(recording: Recording, refusal: int) -> None:
    recording.answer("flows_v2", refusal)
    result = recording.collect()
    for table in FROM_FLOWS:
        assert (status(result, table), result.tables[table].rows) == ("denied", ())
        assert f"HTTP {refusal}" in result.tables[table].reason
        assert "flows.read" in result.tables[table].unlock
    assert status(result, "settings") == "ok"
    assert all(row["in_use"] is None for row in result.tables["add_ons"].rows)
    assert status(result, "add_ons") == "partial"


def test_everything_refused_leaves_nothing_readable(recording: Recording) -> None:
    for name in ("settings", "settings_anonymous", "flows_v2", "nodes", "diagnostics"):
        recording.answer(name, 401)
    result = recording.collect()
    assert not [name for name, of in result.tables.items() if of.status.is_readable]


def test_diagnostics_that_are_refused_leave_settings_partial(recording: Recording) -> None:
    recording.answer("diagnostics", 401)
    result = recording.collect()
    assert status(result, "settings") == "partial"
    assert "settings.httpNodeAuth" not in by_id(result, "settings")
    assert by_id(result, "endpoints")["b-in"]["auth_mode"] is None
    assert [gap.unlock for gap in result.tables["endpoints"].gaps if gap.column == "auth_mode"] != [""]


def test_diagnostics_that_are_switched_off_say_how_to_switch_them_on(recording: Recording) -> None:
    recording.answer("diagnostics", 403, {"code": "diagnostics.disabled", "message": "diagnostics are disabled"})
    settings = recording.collect().tables["settings"]
    assert (settings.status.value, "switched off" in settings.reason) == ("partial", True)
    assert "diagnostics: { enabled: true }" in settings.unlock


@pytest.mark.parametrize(
    ("answer", "body"), [(404, "Cannot GET /settings"), (200, "<html>Welcome</html>"), (200, {"other": 1}), (500, "")]
)
def test_a_server_that_is_no_node_red_gives_errors_and_no_rows_about_it(
    recording: Recording, answer: int, body: Any
) -> None:
    for name in list(recording.bodies):
        recording.answer(name, answer, body)
    result = recording.collect()
    for table in ("settings", "keys", "groups", *FROM_FLOWS):
        assert (status(result, table), list(result.tables[table].rows)) == ("error", []), table


def test_entries_that_are_no_nodes_make_the_flows_partial(recording: Recording) -> None:
    recording.flows(TAB, step("n", "inject"), {"type": "inject"}, {"id": 7, "type": "x"})
    result = recording.collect()
    assert status(result, "app_steps") == "partial"
    assert "2 entries are no nodes" in result.tables["app_steps"].reason


def test_flows_of_the_older_answer_are_read_too(recording: Recording) -> None:
    recording.answer("flows_v2", 200, recording.bodies["flows_v2"]["body"]["flows"])
    assert recording.collect().tables["apps"] == collect(EXAMPLE).tables["apps"]


@pytest.mark.parametrize(
    "odd",
    [
        {"wires": "x", "links": 3, "libs": {"a": 1}, "headers": "h"},
        {"wires": [None, ["a", 3]], "libs": [None, {"module": 5}], "headers": [None, {"keyValue": 4}]},
        {"url": 5, "method": None, "tls": ["x"], "authType": 3, "server": {}, "name": 9, "func": None},
        {"wires": [["n"]], "links": ["n"]},
    ],
)
@pytest.mark.parametrize("type_", ["http in", "http request", "function", "link out", "tcp in", "postgresql", "e-mail"])
def test_properties_of_an_unexpected_kind_are_survived(recording: Recording, type_: str, odd: dict[str, Any]) -> None:
    recording.flows(TAB, step("n", type_, **odd), {"id": "c", "type": type_, **odd})
    assert "n" in by_id(recording.collect(), "app_steps")


def test_what_no_interface_tells_is_unsupported_and_names_the_way_out() -> None:
    result = collect(EXAMPLE)
    for table in ("principals", "roles", "role_permissions", "grants", "credentials", "log_sources", "backups"):
        assert status(result, table) == "unsupported"
        assert "--declared" in result.tables[table].unlock
    for table in ("groups", "memberships", "role_inclusions", "data_policies"):
        assert status(result, table) == "empty"


def test_an_empty_folder_is_told_and_a_missing_one_refused(tmp_path: Path) -> None:
    result = collect(tmp_path)
    assert not [name for name, of in result.tables.items() if of.status.is_readable]
    with pytest.raises(UnreadableInput):
        collect(tmp_path / "absent")


def test_half_a_sign_in_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="PASSMUSTER_NODE_RED_PASSWORD"):
        NodeRedConnector().collect(Target(url="http://127.0.0.1:9", secrets={"PASSMUSTER_NODE_RED_USER": "a"}))


# --- secrets

SECRETS = {
    "assigned in a script": 'const apiKey = "k-55-quarry-lamp-9";',
    "bearer header": "Authorization: Bearer qX7-vLm29.tRw4_bZ81",
    "userinfo of an address": "https://svc:m4rsh-w1cket@host.example/x",
    "query of an address": "https://host.example/x?token=tk-99-fern-gate-3",
    "a token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJlLW9mLW5vYm9keQ",
    "a key by its look": "AKIA" + "QZ7M4T2LX9V3B8KD",
    "a private key": "-----BEGIN PRIVATE KEY-----\nMIIBVQIBADANBgkqhkiG9w0BAQ\n-----END PRIVATE KEY-----",
    "connection string": "Server=db.example;User=sa;Password=Br1ar-hollow-7;",
}
PARTS = (
    "k-55-quarry-lamp-9",
    "qX7-vLm29.tRw4_bZ81",
    "m4rsh-w1cket",
    "tk-99-fern-gate-3",
    "c2lnbmF0dXJl",
    "QZ7M4T2LX9V3B8KD",
    "MIIBVQIBADANBgkqhkiG9w0BAQ",
    "Br1ar-hollow-7",
)
PLACES = ("name", "url", "func", "info", "broker", "host", "command", "query", "topic", "label", "path", "password")


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_no_secret_of_a_flow_reaches_a_value_of_the_result(recording: Recording, secret: str) -> None:
    filled = dict.fromkeys(PLACES, secret)
    filled |= {"headers": [{"keyType": "X-Token", "valueValue": secret}], "env": [{"name": "pass", "value": secret}]}
    types = ("http in", "http request", "function", "exec", "mqtt in", "postgresql", "comment", "e-mail", "tcp request")
    steps = [step(f"s{number}", type_, **filled) for number, type_ in enumerate(types)]
    config = [
        {"id": f"c{n}", "type": t, **filled} for n, t in enumerate(("mqtt-broker", "global-config", "db", "ui-base"))
    ]
    recording.flows({**TAB, **filled}, {"id": "sub", "type": "subflow", **filled}, *steps, *config)
    result = recording.collect()
    shown = repr(result)
    assert not [part for part in PARTS if part in shown]
    hits = {row["step_id"]: row["secret_hits"] for row in result.tables["app_steps"].rows}
    assert all(count > 0 for count in hits.values()), hits
