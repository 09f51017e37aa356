"""n8n: what people hold, and how they sign in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from passmuster.model.words import CollectionStatus
from tests.collect.answering import page
from tests.collect.conformance import assert_conforms
from tests.collect.n8n_instance import Copy, copying
from tests.collect.test_n8n import EXAMPLES, RECORDED, collect, needs_recorded, rows_by

OWNER_ONLY = ("rest_settings", "rest_api_keys_all", "rest_users", "rest_projects", "rest_community_node_types")


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return copying(tmp_path / "copy")


def open_settings(method: str | None, **kinds: bool) -> dict[str, Any]:
    sso = {kind: {"loginEnabled": is_on} for kind, is_on in kinds.items()}
    return {"data": {"settingsMode": "public", "userManagement": {"authenticationMethod": method}, "sso": sso}}


def user(user_id: str, **fields: Any) -> dict[str, Any]:
    email = f"{user_id}@x.example"
    return {"id": user_id, "email": email, "isPending": False, "mfaEnabled": False, "role": "global:member", **fields}


def listed_roles() -> dict[str, list[dict[str, Any]]]:
    body: dict[str, list[dict[str, Any]]] = json.loads((EXAMPLES / "roles.json").read_text(encoding="utf-8"))["body"]
    return body


def people(folder: Path) -> dict[Any, Mapping[str, Any]]:
    return rows_by(collect(folder), "principals", "principal_id")


def personal_grants(folder: Path) -> dict[Any, Mapping[str, Any]]:
    rows = collect(folder).tables["grants"].rows
    return {row["subject_id"]: row for row in rows if row["role_id"] == "project:personalOwner"}


# -- personal projects


@needs_recorded
def test_everybody_who_joined_holds_the_personal_project_that_was_recorded() -> None:
    result = collect(RECORDED)
    logins = {row["principal_id"]: row["login"] for row in result.tables["principals"].rows}
    held = {logins[user_id]: row for user_id, row in personal_grants(RECORDED).items()}

    assert {login: row["object_id"] for login, row in held.items()} == {
        "owner@example.com": "project:QzUZ7fNL8Z8AnnPN",
        "leaver@example.com": "project:tbJNzyzVYRsHJUFL",
        "maker@example.com": "project:xNyuaKIG1uIJCmpD",
        "stale.admin@example.com": "project:5ifzCLeUPuk31BeN",
    }
    assert {(row["object_kind"], row["environment_id"]) for row in held.values()} == {("app", "instance")}


def test_invited_people_and_chat_users_build_nothing(copy: Copy) -> None:
    users = [user("a"), user("b", isPending=True), user("c", role="global:chatUser"), user("d", role="admin")]

    assert sorted(personal_grants(copy(users=page(users)))) == ["a", "d"]


def test_a_grant_keeps_its_key_when_its_project_becomes_known(copy: Copy) -> None:
    users = page([user("a")])
    unknown = personal_grants(copy(users=users))["a"]
    project = {"id": "p1", "type": "personal", "name": "A <a@x.example>"}
    known = personal_grants(copy(users=users, rest_projects={"data": [project]}))["a"]

    assert (unknown["object_id"], known["object_id"]) == ("project:personal:a", "project:p1")
    assert unknown["grant_id"] == known["grant_id"]


def test_no_right_in_a_project_is_one_over_the_platform(copy: Copy) -> None:
    members = page([{"id": "a", "email": "a@x.example", "role": "project:admin"}])
    projects = page([{"id": "p1", "name": "Finance", "type": "team"}])
    roles = listed_roles()
    wide = next(role for role in roles["global"] if role["slug"] == "global:owner")
    roles["project"].append({**wide, "slug": "project:admin", "roleType": "project"})
    result = collect(copy(users=page([user("a")]), projects=projects, project_users_1=members, roles=roles))
    held = {(row["role_id"], row["object_kind"]) for row in result.tables["grants"].rows}
    told = rows_by(result, "roles", "role_id")

    assert held == {("global:member", "platform"), ("project:admin", "app"), ("project:personalOwner", "app")}
    assert not any(told[role_id]["is_privileged"] for role_id, _ in held)


def test_permissions_are_partial_where_the_role_of_builders_is_not_listed(copy: Copy) -> None:
    roles = listed_roles()
    roles["project"] = [role for role in roles["project"] if role["slug"] != "project:personalOwner"]
    result = collect(copy(roles=roles))

    assert result.tables["role_permissions"].status is CollectionStatus.PARTIAL
    assert "project:personalOwner" in result.tables["role_permissions"].reason
    assert result.tables["roles"].status is CollectionStatus.OK
    assert_conforms(result)


# -- sign-in


@pytest.mark.parametrize(
    ("kind", "is_enrolled", "source", "mfa"),
    [
        ("email", False, "local", "none"),
        ("email", True, "local", "otp"),
        ("ldap", False, "sso", "none"),
        ("ldap", True, "sso", "otp"),
        ("saml", False, "sso", "delegated"),
        ("oidc", False, "sso", "delegated"),
        ("something-new", False, None, None),
        ("something-new", True, None, "otp"),
        ("email", None, "local", None),
    ],
)
def test_only_an_identity_provider_takes_the_second_factor_over(
    copy: Copy, kind: str, is_enrolled: bool | None, source: str | None, mfa: str | None
) -> None:
    one = user("a", mfaEnabled=is_enrolled)
    folder = copy(users=page([one]), rest_users={"data": {"count": 1, "items": [{**one, "signInType": kind}]}})

    assert (people(folder)["a"]["auth_source"], people(folder)["a"]["mfa"]) == (source, mfa)


@pytest.mark.parametrize(
    ("settings", "source", "mfa"),
    [
        (open_settings("email", saml=False, ldap=False, oidc=False), "local", "none"),
        (open_settings("email"), "local", "none"),
        (open_settings("saml", saml=True, ldap=False, oidc=False), None, None),
        (open_settings("email", oidc=True), None, None),
        (open_settings("ldap", saml=False, ldap=True, oidc=False), None, "none"),
        (open_settings("ldap", saml=True, ldap=True), None, None),
        (open_settings(None), None, None),
        ({"data": {"enterprise": {"saml": False, "ldap": False, "oidc": False}}}, "local", "none"),
        ({"data": {"enterprise": {"saml": False, "ldap": False, "oidc": True}}}, None, None),
        ({"data": {"enterprise": {"saml": False, "ldap": False}}}, None, None),
    ],
)
def test_a_key_alone_tells_the_second_factor_only_where_sign_in_is_known(
    copy: Copy, settings: dict[str, Any], source: str | None, mfa: str | None
) -> None:
    users = page([user("a"), user("b", mfaEnabled=True)])
    folder = copy(*OWNER_ONLY, users=users, rest_settings_anonymous=settings)
    result = collect(folder)
    found = people(folder)
    gaps = {gap.column: gap.unlock for gap in result.tables["principals"].gaps}

    assert (found["a"]["auth_source"], found["a"]["mfa"]) == (source, mfa)
    assert found["b"]["mfa"] == "otp"
    assert ("auth_source" in gaps) == (source is None)
    assert "PASSMUSTER_N8N_USER" in gaps.get("auth_source", "PASSMUSTER_N8N_USER")


def test_without_the_open_settings_a_key_alone_does_not_tell_how_people_sign_in(copy: Copy) -> None:
    found = people(copy("rest_settings_anonymous", *OWNER_ONLY, users=page([user("a")])))

    assert (found["a"]["auth_source"], found["a"]["mfa"]) == (None, None)


# -- rotation


def test_a_change_of_a_record_is_not_a_rotation_and_the_gap_says_so() -> None:
    table = collect(EXAMPLES).tables["credentials"]
    (gap,) = [gap for gap in table.gaps if gap.column == "rotated_at"]

    assert all(row.get("rotated_at") is None for row in table.rows)
    assert "not whether its secret was" in gap.reason
    assert gap.unlock == "declare credentials.rotated_at with --declared"
