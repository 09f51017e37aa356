"""The connector for Node-RED at a live server, as far as one can be built here (tests/live has a real one)."""

from __future__ import annotations

import json

import pytest

from passmuster.collect.connectors.node_red.connector import NodeRedConnector
from passmuster.collect.interface import Target
from passmuster.snapshot.gathered import CollectionResult
from tests.collect.answering import Asked, Reply, answering
from tests.collect.conformance import assert_conforms
from tests.collect.node_red_recording import (
    EXAMPLE,
    FROM_FLOWS,
    by_id,
    status,
)

TOKEN = "tkn-live-5"


def served(asked: Asked) -> Reply:
    """The example's answers, for visitors and for one user, with a sign-in."""
    if asked.path == "/red/auth/token":
        is_right = "password=right" in asked.body and "scope=read" in asked.body
        return (
            Reply(200, {"access_token": TOKEN, "expires_in": 604800})
            if is_right
            else Reply(403, {"error": "invalid_grant"})
        )
    if asked.path == "/red/auth/revoke":
        return Reply(200, raw=b"")
    is_user = asked.headers.get("authorization") == f"Bearer {TOKEN}"
    name = {"/red/settings": "settings" if is_user else "settings_anonymous", "/red/flows": "flows_v2"}.get(asked.path)
    document = json.loads((EXAMPLE / f"{name or asked.path[5:].replace('/', '_')}.json").read_text(encoding="utf-8"))
    return Reply(document["status"], document["body"])


def collect_live(url: str, **secrets: str) -> CollectionResult:
    given = {f"PASSMUSTER_NODE_RED_{name.upper()}": value for name, value in secrets.items()}
    return NodeRedConnector().collect(Target(url=f"{url}/red/", secrets=given))


def test_a_live_server_is_read_as_the_user_and_the_session_closed_again() -> None:
    with answering(served) as server:
        result = collect_live(server.url, user="reviewer", password="right")
    assert_conforms(result)
    authority = server.url.removeprefix("http://")
    assert (result.platform_id, result.source_kind) == (f"node-red:{authority}", "api")
    assert by_id(result, "endpoints")["b-in"]["url"] == f"{server.url}/api/bookings"
    assert by_id(result, "endpoints")["b-in"]["tls_min"] == "none"
    last = server.asked[-1]
    assert (last.method, last.path, TOKEN in last.body) == ("POST", "/red/auth/revoke", True)
    assert {each.method for each in server.asked if "/auth/" not in each.path} == {"GET"}
    assert TOKEN not in repr(result)
    assert (
        next(each for each in server.asked if "authorization" in each.headers and each.path == "/red/flows").headers[
            "node-red-api-version"
        ]
        == "v2"
    )


@pytest.mark.parametrize(
    "secrets", [{"token": "wrong"}, {"user": "reviewer", "password": "wrong"}], ids=["token", "password"]
)
def test_wrong_credentials_are_denied_even_where_visitors_may_read(secrets: dict[str, str]) -> None:
    with answering(served) as server:
        result = collect_live(server.url, **secrets)
    assert_conforms(result)
    for table in ("settings", "keys", "add_ons", *FROM_FLOWS):
        assert (status(result, table), len(result.tables[table].rows)) == ("denied", 0)
    assert not [name for name, of in result.tables.items() if of.status.is_readable and of.rows]


def test_a_token_that_is_given_is_not_revoked() -> None:
    with answering(served) as server:
        result = collect_live(server.url, token=TOKEN)
    assert status(result, "apps") == "ok"
    assert "/red/auth/revoke" not in server.paths()


def test_a_fixed_token_that_sign_in_hands_out_is_not_revoked() -> None:
    def fixed(asked: Asked) -> Reply:
        return Reply(200, {"access_token": TOKEN}) if asked.path == "/red/auth/token" else served(asked)

    with answering(fixed) as server:
        assert status(collect_live(server.url, user="reviewer", password="right"), "apps") == "ok"
    assert "/red/auth/revoke" not in server.paths()


def test_sign_in_that_breaks_is_an_error_and_nothing_is_read_as_a_visitor() -> None:
    def broken(asked: Asked) -> Reply:
        return Reply(500, {}) if asked.path == "/red/auth/token" else served(asked)

    with answering(broken) as server:
        result = collect_live(server.url, user="reviewer", password="right")
    assert {status(result, table) for table in FROM_FLOWS} == {"error"}
