"""The connector for n8n against a server: what it asks, and what it makes of trouble."""

from __future__ import annotations

import pytest

from passmuster.collect.connectors.n8n.connector import N8n
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Target
from passmuster.snapshot.tables import TABLES
from tests.collect.answering import Asked, Reply, answering, page
from tests.collect.conformance import assert_conforms
from tests.collect.n8n_instance import CANARIES, EXAMPLES, OWNER, SECRETS, Instance, live, statuses
from tests.collect.test_n8n import rows_by


def test_a_live_instance_is_read_and_only_read() -> None:
    result, server = live(Instance(), OWNER)

    assert_conforms(result, canaries=CANARIES)
    assert statuses(result, "principals", "credentials", "apps", "settings", "add_ons") == ["ok"] * 5
    assert {asked.path for asked in server.asked if asked.method != "GET"} == {
        *("/api/v1/audit", "/rest/login", "/rest/logout"),
    }
    assert result.platform_id == f"n8n:{server.url.removeprefix('http://')}"
    assert result.tables["platforms"].rows[0]["hosting"] == "self"
    assert result.base_url == server.url


def test_live_and_recorded_answers_give_the_same_rows() -> None:
    recorded = N8n().collect(Target(path=EXAMPLES, platform_id="n8n:same"))
    told, _ = live(Instance(), OWNER, platform_id="n8n:same")

    for name in sorted(set(TABLES) - {"platforms", "environments"}):
        assert told.tables[name].rows == recorded.tables[name].rows, name


def test_the_session_of_the_owner_is_bound_to_one_browser_and_ended() -> None:
    _, server = live(Instance(), OWNER)
    session = [asked for asked in server.asked if asked.headers.get("browser-id")]

    assert len({asked.headers["browser-id"] for asked in session}) == 1
    assert session[0].body == {"emailOrLdapLoginId": "rhea@harbourfreight.example", "password": "word-canary"}
    assert session[-1].path == "/rest/logout"
    assert all("x-n8n-api-key" not in asked.headers for asked in session)


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/", "/"])
def test_the_address_may_be_that_of_the_api(path: str) -> None:
    result, _ = live(Instance(), path=path)

    assert statuses(result, "principals") == ["ok"]


def test_without_user_and_password_nobody_signs_in() -> None:
    result, server = live(Instance())

    assert "/rest/login" not in server.paths()
    assert statuses(result, "credentials", "settings") == ["partial", "partial"]
    assert result.warnings == ()


def test_half_a_sign_in_is_not_tried_and_told() -> None:
    result, server = live(Instance(), {**SECRETS, "PASSMUSTER_N8N_USER": "rhea@x.example"})

    assert "/rest/login" not in server.paths()
    assert "PASSMUSTER_N8N_PASSWORD is not set" in result.warnings[0]


def test_a_refused_sign_in_is_told_and_the_rest_is_read() -> None:
    result, _ = live(Instance(login=Reply(401, {"message": "Wrong username or password"})), OWNER)

    assert "Wrong username or password" in result.warnings[0]
    assert statuses(result, "principals", "credentials") == ["ok", "partial"]


def test_a_wrong_key_denies_every_table() -> None:
    result, _ = live(Instance(), {"PASSMUSTER_N8N_API_KEY": "wrong"})

    assert set(statuses(result, *TABLES)) == {"denied"}
    assert "PASSMUSTER_N8N_API_KEY" in result.tables["principals"].unlock
    assert_conforms(result)


def test_a_missing_scope_denies_its_tables_and_names_the_scope() -> None:
    result, _ = live(Instance(credentials=Reply(403, {"message": "Forbidden"})), OWNER)

    assert statuses(result, "credentials", "connections", "principals") == ["partial", "partial", "ok"]
    assert "credential:list" in result.tables["connections"].unlock
    assert_conforms(result)


def test_a_scope_less_than_needed_is_named_from_the_pre_flight() -> None:
    few = Reply(body={"data": {"scopes": ["user:list"]}})
    result, _ = live(Instance(discover=few, users=Reply(403, {"message": "Forbidden"}), roles=Reply(403, {})))

    assert "role that may use the scope user:list" in result.tables["principals"].unlock
    assert result.tables["roles"].unlock == "give the API key the scope role:list"


def test_members_of_projects_need_the_scope_that_lists_users() -> None:
    team = page([{"id": "p1", "name": "Finance", "type": "team"}])
    result, _ = live(Instance(projects=Reply(body=team), **{"projects/p1/users": Reply(403, {"message": "Forbidden"})}))

    assert result.tables["memberships"].unlock.endswith("the scope user:list")
    assert statuses(result, "groups", "memberships", "grants") == ["ok", "denied", "denied"]


def test_a_missing_licence_is_not_a_missing_right() -> None:
    refused = Reply(403, {"message": "Your license does not allow for feat:x. Please upgrade."})
    result, _ = live(Instance(data_tables=refused, credentials=refused))

    assert statuses(result, "data_stores", "groups", "log_sources") == ["not_licensed"] * 3


def test_an_old_version_without_a_route_is_unsupported() -> None:
    result, _ = live(Instance(community_packages=Reply(404, {"message": "not found"})))

    assert statuses(result, "add_ons") == ["unsupported"]


def test_a_busy_instance_is_waited_for() -> None:
    tries: list[int] = []

    def busy(_asked: Asked) -> Reply:
        tries.append(1)
        return Reply(429, headers={"retry-after": "1"}) if len(tries) < 3 else Reply(body=page([]))

    result, _ = live(Instance(data_tables=busy))
    never, _ = live(Instance(data_tables=Reply(429)))

    assert (statuses(result, "data_stores"), len(tries)) == (["empty"], 3)
    assert statuses(never, "data_stores") == ["error"]


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(drop=True), "error"),
        (Reply(500, {"message": "boom"}), "error"),
        (Reply(raw=b'{"data": ['), "error"),
        (Reply(body={"data": "nothing"}), "error"),
        (Reply(raw=b"<html>sign in</html>", headers={"content-type": "text/html"}), "error"),
        (Reply(302, headers={"location": "http://localhost:9/elsewhere"}), "error"),
        (Reply(body=page([7, "x", {"id": "u1", "email": "a@x.example", "role": "global:member"}])), "partial"),
        (Reply(body=page([{"id": "u1", "role": "global:member"}], "again")), "partial"),
    ],
)
def test_trouble_with_one_list_is_told_in_its_tables_alone(reply: Reply, status: str) -> None:
    result, _ = live(Instance(users=reply, users_page2=reply))

    assert statuses(result, "principals", "grants") == [status, status]
    assert statuses(result, "apps", "add_ons") == ["ok", "ok"]
    assert_conforms(result)


def test_a_redirect_to_another_host_takes_no_key_along() -> None:
    with answering(lambda _asked: Reply(body=page([]))) as other:
        target = other.url.replace("127.0.0.1", "localhost")
        moved = Reply(307, headers={"location": f"{target}/api/v1/users"})
        result, _ = live(Instance(users=moved))

    assert other.asked == []
    assert "'localhost'" in result.tables["principals"].reason


def test_an_instance_that_goes_away_is_an_error_in_every_table() -> None:
    with answering(Instance()) as server:
        url = server.url
    connector = N8n(patience=Patience(attempts=2), clock=Clock(sleep=lambda _s: None))
    result = connector.collect(Target(url=url, secrets=OWNER))

    assert set(statuses(result, *TABLES)) == {"error"}
    assert "cannot be reached" in result.tables["principals"].reason
    assert_conforms(result, canaries=CANARIES)


def test_something_else_than_n8n_is_an_error_in_every_table() -> None:
    page_of_another = Reply(raw=b"<html>welcome</html>", headers={"content-type": "text/html"})
    with answering(lambda _asked: page_of_another) as server:
        result = N8n().collect(Target(url=server.url, secrets=SECRETS))

    assert set(statuses(result, *TABLES)) == {"error"}
    assert_conforms(result)


def test_the_owner_of_a_workflow_is_asked_for_where_lists_do_not_tell() -> None:
    def one(asked: Asked) -> Reply:
        name = "Priya Raman <priya@harbourfreight.example>"
        project = {"id": "prjPriya0000000", "type": "personal", "name": name}
        return Reply(
            body={"id": asked.path.rpartition("/")[2], "shared": [{"role": "workflow:owner", "project": project}]}
        )

    result, server = live(Instance(**{"workflows/wfDamageForm00001": one}))
    owner = rows_by(result, "apps", "name")["Damage reports"]["owner_principal_id"]

    assert [path for path in server.paths() if path.startswith("/api/v1/workflows/")] == [
        "/api/v1/workflows/wfDamageForm00001",
    ]
    assert owner == rows_by(result, "principals", "display_name")["Priya Raman"]["principal_id"]
