"""The connector for Directus against a server: what it asks, and what it makes of trouble."""

from __future__ import annotations

import json
from typing import Any

import pytest

from passmuster.collect.connectors.directus.connector import Directus
from passmuster.collect.interface import Target
from passmuster.errors import UsageError
from passmuster.snapshot.tables import TABLES
from tests.collect.answering import Asked, Reply
from tests.collect.conformance import assert_conforms
from tests.collect.directus_instance import EXAMPLES, Instance, error, live, statuses


def test_a_live_project_is_read_and_only_read() -> None:
    result, server = live(Instance())

    assert_conforms(result, canaries=["token-canary", "EXAMPLE-not-a-real-key"])
    assert statuses(result, "principals", "grants", "apps", "settings", "data_stores") == ["ok"] * 5
    assert {asked.method for asked in server.asked} == {"GET"}
    assert result.platform_id == f"directus:{server.url.removeprefix('http://')}"
    assert (result.tables["platforms"].rows[0]["hosting"], result.base_url) == ("self", server.url)


def test_live_and_recorded_answers_give_the_same_rows() -> None:
    recorded = Directus().collect(Target(path=EXAMPLES, platform_id="directus:same"))
    told, _ = live(Instance(), platform_id="directus:same")

    for name in sorted(set(TABLES) - {"platforms", "environments", "endpoints"}):
        assert told.tables[name].rows == recorded.tables[name].rows, name


def test_neither_addresses_nor_browsers_of_people_are_asked_for() -> None:
    _, server = live(Instance())
    of_activity = [asked.params for asked in server.asked if asked.path == "/activity"]

    assert len(of_activity) == 5
    assert not [params for params in of_activity if "ip" in json.dumps(params) or "agent" in json.dumps(params)]


@pytest.mark.parametrize("path", ["/", "/admin", "/admin/login"])
def test_the_address_may_be_that_of_the_app(path: str) -> None:
    result, _ = live(Instance(), path=path)

    assert statuses(result, "principals") == ["ok"]


def test_without_a_token_nothing_is_asked() -> None:
    with pytest.raises(UsageError, match="PASSMUSTER_DIRECTUS_TOKEN"):
        live(Instance(), {})


def test_a_wrong_token_denies_every_table() -> None:
    result, _ = live(Instance(), {"PASSMUSTER_DIRECTUS_TOKEN": "wrong"})

    assert set(statuses(result, *TABLES)) == {"denied"}
    assert "Invalid user credentials" in result.tables["principals"].reason
    assert "PASSMUSTER_DIRECTUS_TOKEN" in result.tables["principals"].unlock
    assert_conforms(result)


def test_a_missing_right_denies_its_tables_and_names_the_right() -> None:
    result, _ = live(Instance(flows=error(403, "FORBIDDEN")))

    assert statuses(result, "apps", "app_steps", "connections", "principals") == ["denied"] * 3 + ["ok"]
    assert "directus_flows" in result.tables["apps"].unlock
    assert_conforms(result)


def test_a_list_that_a_rule_narrows_is_partial_though_it_looks_whole() -> None:
    """Everybody with access to the app may read its own user: one record, and an answer like any other."""
    own = {"directus_users": {"read": {"access": "partial", "fields": ["id"]}}}
    users = [{"id": "u1", "email": "a@x.example", "status": "active", "role": None, "token": None}]
    replies = {
        "permissions_me": Reply(body={"data": own}),
        "users": Reply(body={"data": users, "meta": {"filter_count": 1}}),
    }
    result, _ = live(Instance(**replies))

    assert statuses(result, "principals", "memberships", "credentials") == ["partial"] * 3
    assert "directus_users" in result.tables["principals"].unlock


def test_whoever_does_not_administer_is_told_only_some_collections_and_that_is_said() -> None:
    reader = {"app_access": False, "admin_access": False, "enforce_tfa": False}
    listed = [{"collection": "directus_users", "meta": {"system": True}, "schema": {}}]
    result, _ = live(
        Instance(policies_me_globals=Reply(body={"data": reader}), collections=Reply(body={"data": listed}))
    )
    stores = result.tables["data_stores"]

    assert stores.status == "partial"
    assert {source.name: str(source.status) for source in stores.sources} == {
        "collections": "partial",
        "permissions": "ok",
    }
    assert {row["data_store_id"] for row in stores.rows} >= {"customers", "enquiries"}


def test_a_missing_licence_is_not_a_missing_right() -> None:
    refused = error(403, "RESOURCE_RESTRICTED", "flows is a restricted resource.")
    result, _ = live(Instance(flows=refused))

    assert statuses(result, "apps") == ["not_licensed"]
    assert "restricted resource" in result.tables["apps"].reason


def test_long_lists_are_read_to_the_end_by_offset() -> None:
    people = [{"id": f"u{number:03}", "status": "active", "role": None, "token": None} for number in range(230)]

    def users(asked: Asked) -> Reply:
        start, size = int(asked.params.get("offset", "0")), int(asked.params["limit"])
        return Reply(body={"data": people[start : start + size], "meta": {"filter_count": 230}})

    result, server = live(Instance(users=users))
    offsets = [asked.params.get("offset") for asked in server.asked if asked.path == "/users"]

    assert (offsets, len(result.tables["principals"].rows)) == ([None, "100", "200"], 231)


def test_a_server_that_allows_smaller_pages_is_asked_for_smaller_pages() -> None:
    info = json.loads((EXAMPLES / "server_info.json").read_text(encoding="utf-8"))["body"]
    info["data"]["queryLimit"]["max"] = 20
    _, server = live(Instance(server_info=Reply(body=info)))

    assert {asked.params["limit"] for asked in server.asked if asked.path == "/users"} == {"20"}


def test_a_server_that_pages_for_ever_is_left_and_told() -> None:
    user = [{"id": "u1", "status": "active", "role": None, "token": None}]
    result, server = live(Instance(users=Reply(body={"data": user, "meta": {"filter_count": 10**9}})))

    assert statuses(result, "principals") == ["partial"]
    assert len([asked for asked in server.asked if asked.path == "/users"]) < 5


def test_a_busy_server_is_waited_for_and_then_left() -> None:
    tries: list[int] = []

    def busy(_asked: Asked) -> Reply:
        tries.append(1)
        return Reply(429, headers={"retry-after": "1"}) if len(tries) < 3 else Reply(body={"data": []})

    result, _ = live(Instance(shares=busy))
    never, _ = live(Instance(shares=Reply(429, headers={"retry-after": "3600"})))

    assert (statuses(result, "endpoints"), len(tries)) == (["ok"], 3)
    assert statuses(never, "endpoints") == ["error"]


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(drop=True), "error"),
        (Reply(500, {"errors": [{"message": "boom"}]}), "error"),
        (Reply(raw=b'{"data": ['), "error"),
        (Reply(body={"data": "nothing"}), "error"),
        (Reply(raw=b"<html>sign in</html>", headers={"content-type": "text/html"}), "error"),
        (Reply(302, headers={"location": "http://localhost:9/elsewhere"}), "error"),
        (Reply(body={"data": [7, "x", {"id": "u1", "role": None}], "meta": {"filter_count": 3}}), "partial"),
        (Reply(body={"data": [{"id": "u1"}, {"id": "u1"}], "meta": {"filter_count": 2}}), "partial"),
        (Reply(body={"data": [{"email": "no id"}], "meta": {"filter_count": 1}}), "partial"),
    ],
)
def test_trouble_with_one_list_is_told_in_its_tables_alone(reply: Reply, status: str) -> None:
    result, _ = live(Instance(users=reply))

    assert statuses(result, "principals", "roles", "apps") == [status, "ok", "ok"]
    assert_conforms(result)


@pytest.mark.parametrize(
    "reply", [Reply(raw=b"<html>hello</html>", headers={"content-type": "text/html"}), Reply(404, {"message": "no"})]
)
def test_something_else_at_the_address_is_an_error_and_not_an_empty_project(reply: Reply) -> None:
    class Other(Instance):
        def __call__(self, asked: Asked) -> Reply:
            return reply

    result, _ = live(Other())

    assert set(statuses(result, *TABLES)) == {"error"}
    assert "nothing answered as Directus does" in result.tables["principals"].reason


def test_an_open_setup_page_is_anonymous_access() -> None:
    info: Any = {"data": {"project": {}, "setupCompleted": False}}
    result, _ = live(Instance(server_info_anonymous=Reply(body=info)))
    settings = {row["key"]: row for row in result.tables["settings"].rows}

    assert settings["instance.anonymous_access"]["value_bool"] is True
