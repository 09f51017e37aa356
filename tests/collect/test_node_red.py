"""The connector for Node-RED: recorded answers of a real server, the example that ships, and answers made odd."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.node_red.connector import NodeRedConnector
from passmuster.collect.declared import apply_declared, read_declared
from passmuster.collect.interface import Target
from passmuster.errors import UnreadableInput, UsageError
from passmuster.snapshot.tables import TABLES
from tests.collect.conformance import (
    assert_conforms,
    assert_declarations_are_exact,
    assert_faults_are_told,
    assert_repeatable,
)
from tests.collect.node_red_recording import (
    EXAMPLE,
    FROM_FLOWS,
    RECORDED,
    TAB,
    Recording,
    by_id,
    collect,
    needs_recorded,
    status,
    step,
)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording(tmp_path)


def test_progress_names_every_file_that_is_read() -> None:
    told: list[str] = []
    NodeRedConnector().collect(Target(path=EXAMPLE, progress=told.append))

    assert {"reading settings.json", "reading flows_v2.json", "reading nodes.json"} <= set(told)


def test_what_to_declare_is_named_by_table_and_column(recording: Recording) -> None:
    assert_declarations_are_exact(recording.collect())
    recording.answer("settings", 500)
    assert_declarations_are_exact(recording.collect())


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


@pytest.mark.parametrize("folder", [EXAMPLE, pytest.param(RECORDED, marks=needs_recorded)], ids=["example", "recorded"])
def test_the_connector_conforms(folder: Path) -> None:
    assert_conforms(collect(folder))
    assert_repeatable(NodeRedConnector(), Target(path=folder))


def test_no_fault_of_an_answer_makes_rows_quietly_disappear(tmp_path: Path) -> None:
    names = ("settings", "flows_v2", "nodes", "diagnostics", "auth_login", "settings_anonymous")
    assert_faults_are_told(NodeRedConnector, EXAMPLE, tmp_path, names)


def test_a_server_whose_editor_is_off_does_not_look_as_if_it_had_no_key(recording: Recording) -> None:
    recording.answer("settings", 200, {"httpNodeRoot": "/", "version": "5.0.7"})
    result = recording.collect()
    assert (status(result, "keys"), status(result, "settings")) == ("partial", "partial")


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
