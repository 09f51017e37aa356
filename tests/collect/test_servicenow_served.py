"""The connector for ServiceNow against a server that answers as the documentation of the Table API describes.

Built from documentation: no instance of ServiceNow can run here.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from passmuster.collect.base_url import BaseUrl
from passmuster.collect.connectors.servicenow.connector import ServiceNow
from passmuster.collect.connectors.servicenow.estate import Read
from passmuster.collect.connectors.servicenow.records import Record
from passmuster.collect.connectors.servicenow.table_api import _without_strangers
from passmuster.collect.connectors.servicenow.wanted import WANTED
from passmuster.collect.interface import Target
from passmuster.collect.statuses import OK
from passmuster.errors import UsageError
from passmuster.snapshot.gathered import CollectionResult
from passmuster.snapshot.tables import TABLES
from tests.collect.answering import Asked, Reply, answering
from tests.collect.conformance import assert_conforms
from tests.collect.servicenow_tables import CANARIES, EXAMPLE, SECRETS, Instance, collect, live, status


def test_a_live_instance_is_read_and_only_read() -> None:
    result, server = live(Instance())
    assert_conforms(result, canaries=(*CANARIES, "word-canary"))
    assert {asked.method for asked in server.asked} == {"GET"}
    assert all(asked.path.startswith("/api/now/table/") for asked in server.asked)
    sent = base64.b64encode(b"reader:word-canary").decode()
    assert {asked.headers["authorization"] for asked in server.asked} == {f"Basic {sent}"}
    assert result.platform_id == f"servicenow:{server.url.removeprefix('http://')}"
    assert result.warnings == ()


def test_secrets_and_code_are_never_asked_for() -> None:
    _, server = live(Instance())
    asked = {field for each in server.asked for field in each.params["sysparm_fields"].split(",")}
    assert not asked & {
        "user_password",
        "script",
        "operation_script",
        "client_secret",
        "token",
        "password",
        "condition_script",
    }
    orders = {each.params["sysparm_query"].rpartition("^")[2] for each in server.asked if "sys_audit" not in each.path}
    assert orders == {"ORDERBYsys_id"}


def test_live_tables_and_exported_ones_give_the_same_people_and_rights() -> None:
    exported = collect(EXAMPLE, platform_id="servicenow:same")
    told, _ = live(Instance(), platform_id="servicenow:same")
    for name in ("groups", "memberships", "roles", "role_inclusions", "grants", "connectors", "keys", "connections"):
        assert told.tables[name].rows == exported.tables[name].rows, name
    assert [row["login"] for row in told.tables["principals"].rows] == [
        row["login"] for row in exported.tables["principals"].rows
    ]


def test_a_token_goes_before_user_and_password() -> None:
    _, server = live(Instance(), {**SECRETS, "PASSMUSTER_SERVICENOW_TOKEN": "token-canary"})
    assert {asked.headers["authorization"] for asked in server.asked} == {"Bearer token-canary"}


@pytest.mark.parametrize("secrets", [{}, {"PASSMUSTER_SERVICENOW_USER": "reader"}])
def test_without_a_credential_nothing_is_asked(secrets: dict[str, str]) -> None:
    with answering(lambda _: Reply()) as server:
        with pytest.raises(UsageError, match="PASSMUSTER_SERVICENOW_USER"):
            ServiceNow().collect(Target(url=server.url, secrets=secrets))
        assert server.asked == []


def properties(count: int) -> list[dict[str, Any]]:
    return [{"sys_id": f"{n:032d}", "name": f"glide.p{n}", "value": "true", "suffix": "x"} for n in range(count)]


def kept(result: CollectionResult) -> int:
    return sum(row["key"].startswith("sys_properties.") for row in result.tables["settings"].rows)


def test_tables_are_read_page_by_page_to_the_end() -> None:
    result, server = live(Instance({"sys_properties": properties(2_500)}))
    pages = [asked.params["sysparm_offset"] for asked in server.asked if asked.path.endswith("/sys_properties")]
    assert pages == ["0", "1000", "2000"]
    assert kept(result) == 2_500
    assert result.tables["settings"].status.value == "ok"


def test_rows_that_access_rules_hide_make_the_table_partial_wherever_they_are() -> None:
    instance = Instance({"sys_properties": properties(2_100)})
    # A whole page is hidden: only the count of records tells that the list goes on behind it.
    instance.hidden["sys_properties"] = set(range(1_000, 2_000))
    result, _ = live(instance)
    assert (status(result, "settings"), kept(result)) == ("partial", 1_100)
    assert "1100 of 2100 records were given" in result.tables["settings"].reason
    assert "sys_properties" in result.tables["settings"].unlock


def test_a_table_that_is_not_there_is_unsupported_and_one_refused_is_denied() -> None:
    refused = Reply(403, {"error": {"message": "Operation Failed", "detail": "ACL"}, "status": "failure"})
    result, _ = live(Instance({"sys_properties": properties(2)}, sys_user=refused))
    assert (status(result, "principals"), status(result, "settings")) == ("denied", "ok")
    assert status(result, "groups") == "unsupported"
    assert "no such table" in result.tables["groups"].reason


def test_plugins_come_from_the_second_list_where_the_first_is_refused() -> None:
    tables = {"sys_properties": properties(1), "sys_plugins": [{"sys_id": "1", "source": "com.x", "active": "true"}]}
    result, _ = live(Instance(tables, v_plugin=Reply(403, {})))
    assert [row["name"] for row in result.tables["add_ons"].rows] == ["com.x"]


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (Reply(200, None, {"content-type": "text/html"}, raw=b"<html><title>Log in</title></html>"), "a web page"),
        (Reply(200, {"something": "else"}), "not the list it should be"),
        (Reply(200, {"result": [1, 2]}, {"x-total-count": "2"}), "not records of ServiceNow"),
        (Reply(500, {"error": {"message": "boom"}}), "HTTP 500"),
        (Reply(drop=True), "dropped the connection"),
        (Reply(302, None, {"location": "https://elsewhere.example/api"}), "redirects to 'elsewhere.example'"),
    ],
)
def test_answers_that_are_none_are_errors_with_the_reason(reply: Reply, word: str) -> None:
    result, _ = live(Instance({"sys_properties": properties(1)}, sys_user=reply))
    assert status(result, "principals") in ("error", "partial")
    assert word in result.tables["principals"].reason
    assert_conforms(result)


def test_an_instance_that_answers_nothing_but_a_sign_in_page_is_an_error_of_every_table() -> None:
    page = Reply(200, None, {"content-type": "text/html"}, raw=b"<html>sign in</html>")
    with answering(lambda _: page) as server:
        result = ServiceNow().collect(Target(url=server.url, secrets=SECRETS))
    assert {status(result, name) for name in TABLES} == {"error"}
    assert "a web page; is the address that of an instance?" in result.tables["settings"].reason


def test_a_wrong_password_is_denied_everywhere_and_never_repeated() -> None:
    said = {"error": {"message": "User Not Authenticated: word-canary"}, "status": "failure"}
    with answering(lambda _: Reply(401, said)) as server:
        result = ServiceNow().collect(Target(url=server.url, secrets=SECRETS))
    assert {status(result, name) for name in TABLES} == {"denied"}
    assert "word-canary" not in repr(result)


def test_an_instance_that_pages_for_ever_is_left() -> None:
    def endless(asked: Asked) -> Reply:
        if not asked.path.endswith("/sys_user"):
            return Reply(400, {"error": {"message": "Invalid table"}})
        # The same page again and again, and no count of records.
        return Reply(200, {"result": [{"sys_id": "1", "user_name": "a"}]})

    with answering(endless) as server:
        result = ServiceNow().collect(Target(url=server.url, secrets=SECRETS))
        asked = sum(path.endswith("/sys_user") for path in server.paths())
    assert asked < 5
    assert (status(result, "principals"), len(result.tables["principals"].rows)) == ("partial", 1)
    assert "again" in result.tables["principals"].reason


def test_without_a_count_the_list_ends_with_an_empty_page() -> None:
    rows = properties(1_500)

    def uncounted(asked: Asked) -> Reply:
        start = int(asked.params["sysparm_offset"])
        return Reply(200, {"result": rows[start : start + 1_000] if asked.path.endswith("/sys_properties") else []})

    with answering(uncounted) as server:
        result = ServiceNow().collect(Target(url=server.url, secrets=SECRETS))
    assert (status(result, "settings"), kept(result)) == ("ok", 1_500)


@pytest.mark.parametrize(
    ("host", "told", "kept"),
    [
        ("kessel.service-now.com", "kessel", True),
        ("kessel.service-now.com", "other", False),
        ("help.example.org", "other", True),
    ],
)
def test_answers_of_another_instance_than_was_asked_are_not_kept(host: str, told: str, kept: bool) -> None:
    named = Record({"name": "instance_name", "value": told})
    reads = dict.fromkeys(WANTED, Read(OK)) | {"sys_properties": Read(OK, (named,))}
    checked = _without_strangers(reads, BaseUrl("https", host, 443, ""))
    assert checked["sys_properties"].verdict.is_ok is kept
    assert bool(checked["sys_properties"].records) is kept
