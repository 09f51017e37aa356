"""Power Platform over HTTP: what is asked of whom, what becomes of trouble; shapes retyped from the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from passmuster.collect.connectors.power_platform.connector import PowerPlatformConnector
from passmuster.collect.interface import Target
from passmuster.errors import UnreadableInput, UsageError
from passmuster.snapshot.gathered import CollectionResult
from passmuster.snapshot.tables import TABLES
from tests.collect.answering import Asked, Reply
from tests.collect.conformance import assert_conforms
from tests.collect.power_platform_tenant import (
    CANARY,
    DEFAULT,
    LIVE,
    OF_HOST,
    PRODUCTION,
    SECRETS,
    TENANT,
    Tenant,
    live,
    token,
)

OTHER = "00000000-1111-4222-8333-444444444444"
V = "PASSMUSTER_POWER_PLATFORM_"


def status(result: CollectionResult, table: str) -> str:
    return result.tables[table].status.value


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in SECRETS.items() if name.removeprefix(V) not in names}


def test_live_and_recorded_answers_give_the_same_rows(tmp_path: Path) -> None:
    recorded = PowerPlatformConnector().collect(Target(path=LIVE))
    told, _ = live(Tenant(), tmp_path)
    assert_conforms(told, canaries=[CANARY, *SECRETS.values()])
    assert told.platform_id == recorded.platform_id == f"power-platform:{TENANT}"
    assert (told.source_kind, recorded.source_kind) == ("api", "export")
    for name in TABLES:
        key = TABLES[name].key
        assert sorted(map(repr, told.tables[name].rows)) == sorted(map(repr, recorded.tables[name].rows)), name
        assert told.tables[name].status == recorded.tables[name].status, (name, key)


def test_each_token_goes_to_its_own_host_and_nothing_is_written(tmp_path: Path) -> None:
    _, server = live(Tenant(), tmp_path)
    for asked in server.asked:
        host = asked.path.split("/")[1]
        assert asked.headers["authorization"] == f"Bearer {token(OF_HOST[host])}", asked.path
    written = {asked.path for asked in server.asked if asked.method != "GET"}
    assert written == {"/bap/providers/Microsoft.BusinessAppPlatform/listTenantSettings"}


def test_an_address_alone_asks_that_host_alone(tmp_path: Path) -> None:
    result, server = live(Tenant(), tmp_path, hosts=("bap",), databases=False)
    assert {asked.path.split("/")[1] for asked in server.asked} == {"bap"}
    assert status(result, "settings") == status(result, "data_policies") == status(result, "environments") == "ok"
    assert status(result, "apps") == status(result, "connections") == status(result, "app_steps") == "denied"
    assert "name the host `flow`" in result.tables["app_steps"].unlock
    assert "name the host `powerapps`" in result.tables["connections"].unlock


@pytest.mark.parametrize(
    ("lacking", "table", "expected"),
    [
        ("FLOW_TOKEN", "app_steps", "denied"),
        ("API_TOKEN", "endpoints", "partial"),
        ("GRAPH_TOKEN", "principals", "partial"),
        ("GRAPH_TOKEN", "memberships", "partial"),
        ("DATAVERSE_TOKEN", "add_ons", "denied"),
        ("DATAVERSE_TOKEN", "log_sources", "denied"),
        ("DATAVERSE_TOKEN", "grants", "partial"),
    ],
)
def test_a_missing_token_says_which_it_is(lacking: str, table: str, expected: str, tmp_path: Path) -> None:
    result, _ = live(Tenant(), tmp_path, without(lacking))
    assert_conforms(result)
    assert status(result, table) == expected
    assert f"{V}{lacking}" in result.tables[table].unlock


def test_a_token_of_another_tenant_is_not_used(tmp_path: Path) -> None:
    secrets = SECRETS | {f"{V}FLOW_TOKEN": token("flow", OTHER)}
    result, server = live(Tenant(), tmp_path, secrets)
    assert not [path for path in server.paths() if path.startswith("/flow/")]
    assert status(result, "app_steps") == "error"
    assert f"the token is for the tenant {OTHER}" in result.tables["app_steps"].reason


def test_answers_of_another_tenant_are_an_error_everywhere(tmp_path: Path) -> None:
    result, server = live(Tenant(), tmp_path, {f"{V}TOKEN": "opaque"}, tenant=OTHER)
    assert {status(result, name) for name in TABLES} == {"error"}
    assert f"another tenant ({TENANT})" in result.tables["apps"].reason
    assert len(server.asked) == 1


def test_a_graph_of_another_tenant_is_an_error_everywhere(tmp_path: Path) -> None:
    result, _ = live(Tenant(graph_organization=Reply(body={"value": [{"id": OTHER}]})), tmp_path)
    assert {status(result, name) for name in TABLES} == {"error"}


@pytest.mark.parametrize(
    "link", ["https://evil.example/x?$skiptoken=1", "http://[bad", "https://127.0.0.1.evil.example/"]
)
def test_a_next_page_on_another_host_is_refused(link: str, tmp_path: Path) -> None:
    result, _ = live(Tenant(graph_users=Reply(body={"value": [], "@odata.nextLink": link})), tmp_path)
    assert status(result, "principals") == "partial"
    assert "on another host" in result.tables["principals"].reason


def test_pages_without_end_are_cut_short_and_told(tmp_path: Path) -> None:
    def again(asked: Asked) -> Reply:
        link = f"http://127.0.0.1/x?$skiptoken={int(asked.params.get('$skiptoken', '0')) % 3 + 1}"
        return Reply(body={"value": [{"id": "x"}], "@odata.nextLink": link})

    result, _ = live(Tenant(graph_users=again, graph_users_page2=again), tmp_path)
    assert status(result, "principals") == "partial"
    assert "is the same as the one before" in result.tables["principals"].reason


def test_a_flow_service_that_names_its_regional_host_is_asked_where_the_user_said(tmp_path: Path) -> None:
    link = "https://emea.127.0.0.1:11777/y?api-version=2016-11-01&%24skiptoken=abc"
    first = Reply(body={"value": [{"name": "f8", "properties": {"displayName": "First page"}}], "nextLink": link})
    second = Reply(body={"value": [{"name": "f9", "properties": {"displayName": "Second page", "state": "Started"}}]})
    replies = {f"flows__{DEFAULT}": first, f"flows__{DEFAULT}_page2": second}
    result, server = live(Tenant(**replies), tmp_path)
    assert "Second page" in {row.get("name") for row in result.tables["apps"].rows}
    assert all(path.startswith("/flow/") for path in server.paths() if "ProcessSimple" in path)


def test_throttling_for_an_hour_ends_and_is_told(tmp_path: Path) -> None:
    slow = Reply(429, {"error": {"message": "too many"}}, {"retry-after": "3600"})
    result, server = live(Tenant(apps=slow), tmp_path)
    assert status(result, "apps") == "partial"
    assert "429" in result.tables["apps"].reason
    assert len([path for path in server.paths() if path.endswith("/apps")]) <= 6


def test_a_refused_token_is_not_tried_again_and_again(tmp_path: Path) -> None:
    result, server = live(Tenant(flows=Reply(401, {"error": {"message": "expired"}})), tmp_path)
    assert len([path for path in server.paths() if path.startswith("/flow/")]) == 1
    assert status(result, "app_steps") == "denied"
    assert "expired" in result.tables["app_steps"].reason


def test_an_environment_that_refuses_leaves_the_others_partial(tmp_path: Path) -> None:
    replies = {f"apps__{PRODUCTION}": Reply(403, {"error": {"message": "no"}})}
    result, _ = live(Tenant(**replies), tmp_path)
    assert status(result, "apps") == "partial"
    assert status(result, "app_steps") == "ok"


@pytest.mark.parametrize(
    "name",
    [
        "environments",
        "policies",
        "tenant_settings",
        "tenant_isolation",
        "apps",
        "flow",
        "flows",
        "connections",
        "connectors",
    ],
)
def test_a_web_page_instead_of_an_answer_is_an_error(name: str, tmp_path: Path) -> None:
    page = Reply(200, headers={"content-type": "text/html"}, raw=b"<html><title>Sign in</title></html>")
    result, _ = live(Tenant(**{name: page}), tmp_path)
    assert_conforms(result)
    table = {
        "environments": "environments", "policies": "data_policies", "tenant_settings": "settings",
        "tenant_isolation": "data_policies", "apps": "apps", "flow": "app_steps", "flows": "apps",
        "connections": "connections", "connectors": "connectors",
    }[name]  # fmt: skip
    assert status(result, table) in ("error", "partial")


def test_an_object_that_is_no_tenant_setting_is_an_error(tmp_path: Path) -> None:
    result, _ = live(Tenant(tenant_settings=Reply(body={"hello": "world"})), tmp_path)
    assert "none of the settings" in result.tables["settings"].reason
    assert not [row for row in result.tables["settings"].rows if row["key"] == "tenant.powerPlatform.governance"]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("apps", "apps"),
        ("flows", "apps"),
        ("flow", "app_steps"),
        ("connections", "connections"),
        ("websites", "endpoints"),
        ("connectors", "connectors"),
        ("app_shares", "grants"),
        ("graph_users", "principals"),
        ("environments", "environments"),
        ("dataverse_solutions", "add_ons"),
        ("dataverse_user_roles", "grants"),
        ("unblockable_connectors", "connectors"),
        ("tenant_isolation", "data_policies"),
        ("policies", "data_policies"),
    ],
)
def test_records_of_a_strange_shape_never_make_a_table_that_looks_whole(name: str, table: str, tmp_path: Path) -> None:
    body = {"value": [{"title": "x", "state": 1}], "hello": "world"}
    result, _ = live(Tenant(**{name: Reply(body=body)}), tmp_path)
    assert_conforms(result)
    assert status(result, table) in ("error", "partial")


def test_tenant_isolation_that_was_never_set_lets_everybody_through(tmp_path: Path) -> None:
    result, _ = live(Tenant(tenant_isolation=Reply(404, {"error": {"message": "not found"}})), tmp_path)
    row = next(row for row in result.tables["settings"].rows if row["key"] == "tenant_isolation.enabled")
    assert (row["value_bool"], row["is_set"]) == (False, False)


def test_a_token_that_stands_for_several_databases_goes_to_each_by_its_host(tmp_path: Path) -> None:
    secrets = SECRETS | {f"{V}DATAVERSE_TOKEN": f"127.0.0.1 {token('dataverse')}\nelse.example {token('no')}"}
    result, server = live(Tenant(), tmp_path, secrets)
    assert status(result, "add_ons") == "ok"
    assert {asked.headers["authorization"] for asked in server.asked if asked.path.startswith("/db/")} == {
        f"Bearer {token('dataverse')}"
    }


def test_database_tokens_that_do_not_pair_are_refused_without_showing_any(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a word is missing") as caught:
        live(Tenant(), tmp_path, SECRETS | {f"{V}DATAVERSE_TOKEN": "a.example secret-one b.example"})
    assert "secret-one" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hosts: {bap: https://api.bap.microsoft.com}", "must start with `schema:"),
        ("schema: passmuster/power-platform-hosts@1\nhosts: {}", "must name at least bap"),
        (
            "schema: passmuster/power-platform-hosts@1\nhosts: {bap: https://a.example, teams: https://b}",
            "'teams' is not",
        ),
        ("schema: passmuster/power-platform-hosts@1\nhosts: {bap: http://a.example}", "not sent over http"),
        (
            "schema: passmuster/power-platform-hosts@1\nhosts: {bap: https://u:p@a.example}",
            "leave out user and password",
        ),
        (
            "schema: passmuster/power-platform-hosts@1\nhosts: {bap: https://a.example}\ntokens: {}",
            "'tokens' is not known",
        ),
        (
            "schema: passmuster/power-platform-hosts@1\nhosts: {bap: https://a.example}\ndataverse: [{url: x}]",
            "entry 1",
        ),
    ],
)
def test_a_file_of_hosts_is_refused_with_its_mistake(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "hosts.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableInput, match=r"hosts\.yaml") as caught:
        PowerPlatformConnector().collect(Target(path=tmp_path / "hosts.yaml", secrets=SECRETS))
    assert told in str(caught.value)
    assert "u:p" not in str(caught.value)


def test_a_token_is_not_sent_in_clear() -> None:
    with pytest.raises(UsageError, match="not sent over http"):
        PowerPlatformConnector().collect(Target(url="http://api.bap.microsoft.com", secrets=SECRETS))
