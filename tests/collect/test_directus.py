"""The connector for Directus: recorded answers of real ones, and the shipped example."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from passmuster.collect.connectors.directus.connector import Directus
from passmuster.collect.interface import Target
from passmuster.errors import UnreadableInput, UsageError
from passmuster.snapshot.gathered import CollectionResult
from passmuster.snapshot.tables import TABLES
from tests.collect.conformance import (
    assert_conforms,
    assert_declarations_are_exact,
    assert_faults_are_told,
    assert_repeatable,
)
from tests.collect.directus_instance import EXAMPLES, statuses
from tests.conftest import SHARED

RECORDED = SHARED / "platforms" / "recorded"
VERSIONS = ("directus11", "directus12")
SOURCES = (
    *("server_info", "users", "roles", "policies", "access", "permissions", "settings", "flows", "shares"),
    *("extensions", "collections", "activity"),
)
OPTIONAL = ("policies_me_globals", "permissions_me", "activity_sign_ins", "activity_runs", "activity_users")
needs_recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers lie beside this checkout only")


def collect(folder: Path) -> CollectionResult:
    return Directus().collect(Target(path=folder))


def rows_by(result: CollectionResult, table: str, column: str) -> dict[Any, Mapping[str, Any]]:
    return {row.get(column): row for row in result.tables[table].rows}


@pytest.fixture
def copy(tmp_path: Path) -> Any:
    def make(*without: str, **data: Any) -> Path:
        folder = tmp_path / "copy"
        shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
        for name in without:
            (folder / f"{name}.json").unlink()
        for name, value in data.items():
            (folder / f"{name}.json").write_text(json.dumps({"body": {"data": value}}), encoding="utf-8")
        return folder

    return make


# -- recorded answers of real servers


@needs_recorded
@pytest.mark.parametrize("version", VERSIONS)
def test_recorded_answers_conform_and_repeat(version: str) -> None:
    assert_conforms(collect(RECORDED / version), canaries=["**********", "admin-static-token"])
    assert_repeatable(Directus(), Target(path=RECORDED / version))


@needs_recorded
@pytest.mark.parametrize("version", VERSIONS)
def test_no_fault_of_one_recorded_answer_makes_the_project_look_emptier(version: str, tmp_path: Path) -> None:
    assert_faults_are_told(Directus, RECORDED / version, tmp_path, SOURCES)


@needs_recorded
@pytest.mark.parametrize(("version", "running"), [("directus11", "11.17.4"), ("directus12", "12.4.0")])
def test_recorded_weaknesses_are_in_the_tables(version: str, running: str) -> None:
    result = collect(RECORDED / version)
    people = rows_by(result, "principals", "login")
    policies = rows_by(result, "roles", "name")
    stores = rows_by(result, "data_stores", "name")
    settings = rows_by(result, "settings", "key")

    assert result.tables["platforms"].rows[0]["version"] == running
    assert (stores["tickets"]["anonymous_access"], stores["customers"]["anonymous_access"]) == ("write", "read")
    assert [(row["kind"], row["auth_mode"]) for row in result.tables["endpoints"].rows] == [("webhook", "none")]
    assert settings["directus_settings.auth_login_attempts"]["is_set"] is False
    tokens = [row for row in result.tables["credentials"].rows if row["kind"] == "pat"]
    assert {row.get("has_expiry") for row in tokens} == {row.get("expires_at") for row in tokens} == {None}
    assert policies["Shadow admin"]["is_privileged"] is True
    assert policies["Support desk"]["is_privileged"] is True
    assert policies["Finance (strict)"]["requires_mfa"] is True
    assert json.loads(policies["Finance (strict)"]["ip_allow"]) == ["10.0.0.0/8"]
    assert people["svc-etl@example.com"]["kind"] == "service"
    assert people["stale.admin@example.com"]["never_signed_in"] is True
    assert people["left.colleague@example.com"]["is_enabled"] is False
    assert people["invited@example.com"]["is_pending"] is True


@needs_recorded
def test_what_12_alone_tells_is_read_where_it_is() -> None:
    old, new = (collect(RECORDED / version) for version in VERSIONS)

    assert old.tables["platforms"].rows[0]["edition"] is None
    assert new.tables["platforms"].rows[0]["edition"] == "Core"
    assert new.tables["log_sources"].rows[0]["retention_days"] == 30


@needs_recorded
@pytest.mark.parametrize("version", VERSIONS)
def test_a_filtered_permission_is_told_from_an_open_one(version: str) -> None:
    rows = collect(RECORDED / version).tables["role_permissions"].rows
    reads = {
        (row["row_scope"], row["field_scope"])
        for row in rows
        if row.get("resource_id") == "customers" and row["permission"] == "read"
    }

    # The rule that narrows is a feature of licensed editions of 12.
    assert reads == ({("all", "all"), ("filtered", "some")} if version == "directus11" else {("all", "all")})


# -- the shipped example


def test_the_example_conforms_and_repeats() -> None:
    assert_conforms(collect(EXAMPLES), canaries=["EXAMPLE-not-a-real-key", "**********"])
    assert_repeatable(Directus(), Target(path=EXAMPLES))


def test_no_fault_of_one_example_makes_the_project_look_emptier(tmp_path: Path) -> None:
    assert_faults_are_told(Directus, EXAMPLES, tmp_path, [*SOURCES, "license", "auth_providers", *OPTIONAL])


@pytest.mark.parametrize("without", [(), ("flows", "users"), OPTIONAL])
def test_what_to_declare_is_named_by_table_and_column(copy: Any, without: tuple[str, ...]) -> None:
    assert_declarations_are_exact(collect(copy(*without)))


@pytest.mark.parametrize("without", OPTIONAL)
def test_older_recordings_lose_only_what_newer_questions_tell(copy: Any, without: str) -> None:
    whole, less = collect(EXAMPLES), collect(copy(without))

    assert statuses(less, *TABLES) == statuses(whole, *TABLES)


def test_a_role_below_another_is_a_group_inside_it() -> None:
    result = collect(EXAMPLES)
    groups = rows_by(result, "groups", "name")
    nested = [row for row in result.tables["memberships"].rows if row["member_kind"] == "group"]

    assert [(row["group_id"], row["member_id"]) for row in nested] == [
        (groups["Administrator"]["group_id"], groups["Team leads"]["group_id"])
    ]


def test_whoever_has_no_role_has_what_the_public_has(copy: Any) -> None:
    user = {"id": "u1", "email": "a@x.example", "status": "active", "role": None, "token": None, "provider": "default"}
    rows = collect(copy(users=[user])).tables["grants"].rows
    of_public = {row["role_id"] for row in rows if row["subject_id"] == "public"}

    assert {row["role_id"] for row in rows if row["subject_id"] == "u1"} == of_public != set()


def test_roles_that_are_their_own_parents_do_no_harm(copy: Any) -> None:
    loop = [{"id": "a", "name": "A", "parent": "b"}, {"id": "b", "name": "B", "parent": "a"}]
    user = {"id": "u1", "email": "a@x.example", "status": "active", "role": "a", "token": "**********"}
    result = collect(copy(users=[user], roles=loop))

    assert_conforms(result)
    assert rows_by(result, "principals", "principal_id")["u1"]["kind"] == "service"


@pytest.mark.parametrize(
    ("provider", "driver", "secret", "expected"),
    [
        ("default", None, None, ("local", "none")),
        ("default", None, "**********", ("local", "otp")),
        ("corp", "openid", None, ("sso", "delegated")),
        ("corp", "ldap", None, ("sso", "none")),
        ("gone", None, None, ("sso", None)),
    ],
)
def test_who_asks_for_the_second_factor_depends_on_the_provider(
    copy: Any, provider: str, driver: str | None, secret: str | None, expected: tuple[str, str | None]
) -> None:
    user = {"id": "u1", "status": "active", "role": None, "token": None, "provider": provider, "tfa_secret": secret}
    folder = copy(users=[user])
    providers = [{"name": "corp", "driver": driver}] if driver else []
    answer = {"body": {"data": providers, "disableDefault": False}}
    (folder / "auth_providers.json").write_text(json.dumps(answer), encoding="utf-8")
    row = rows_by(collect(folder), "principals", "principal_id")["u1"]

    assert (row["auth_source"], row["mfa"]) == expected


def test_a_share_does_not_give_its_own_link_away(copy: Any) -> None:
    share = {"id": "link-canary", "collection": "customers", "item": "7", "password": None, "date_end": None}
    result = collect(copy(shares=[share]))
    [row] = [row for row in result.tables["endpoints"].rows if row["kind"] == "public_link"]

    assert row["url"] == "https://content.example.org/admin/content/customers/7"
    assert row["password_protected"] is False
    assert_conforms(result, canaries=["link-canary"])


def test_an_extension_is_told_with_its_package() -> None:
    [row] = collect(EXAMPLES).tables["add_ons"].rows

    assert row["purl"] == "pkg:npm/directus-extension-weak-door@0.4.1"
    assert row["is_enabled"] is True


def test_newer_fields_and_unknown_settings_are_no_trouble(copy: Any) -> None:
    user = {"id": "u1", "email": "a@x.example", "status": "levitating", "role": None, "token": None, "aura": {"x": 1}}
    settings = {"auth_login_attempts": "many", "public_registration": "perhaps", "brand_new": True}
    result = collect(copy(users=[user], settings=settings))
    rows = rows_by(result, "settings", "key")

    assert_conforms(result)
    assert rows["directus_settings.auth_login_attempts"].get("value_int") is None
    assert rows["directus_settings.auth_login_attempts"]["is_set"] is True
    assert rows["directus_settings.public_registration"].get("value_bool") is None


def test_ten_thousand_users_are_read(copy: Any) -> None:
    users = [{"id": f"u{number}", "status": "active", "role": None, "token": None} for number in range(10_000)]
    folder = copy(users=users)
    rows = collect(folder).tables["principals"].rows

    assert len(rows) == 10_001


@pytest.mark.parametrize("target", [Target(), Target(path=Path("nowhere"))])
def test_wrong_usage_is_told(target: Target) -> None:
    with pytest.raises((UsageError, UnreadableInput)):
        Directus().collect(target)


def test_answers_of_another_product_are_errors_and_not_an_empty_project(tmp_path: Path) -> None:
    for name in SOURCES:
        body = {"data": [], "nextCursor": None} if name == "users" else {"rows": []}
        (tmp_path / f"{name}.json").write_text(json.dumps({"body": body}), encoding="utf-8")
    result = collect(tmp_path)

    assert "ok" not in statuses(result, *(set(TABLES) - {"platforms", "environments", "principals"}))
