"""A real NocoDB with known weaknesses: collected, judged, compared, changed."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.free_port import free_port
from tests.live.commands import HERE, drift, evaluate, manifest_tables, names, rows_of, run, status_of

pytestmark = [
    pytest.mark.live_nocodb,
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the Node.js package is for Linux"),
]
READ = (
    *("principals", "roles", "role_permissions", "grants", "credentials", "apps", "app_steps", "endpoints"),
    *("connections", "add_ons", "data_stores", "data_flows", "settings"),
)


@dataclass(frozen=True)
class Instance:
    """The running server and what was planted."""

    url: str
    notes: Mapping[str, Any]
    secrets: Mapping[str, str]
    work: Path

    def api(self) -> httpx.Client:
        """The API as the super admin, to look and to change things."""
        sent = {"email": self.secrets["NC_ADMIN_EMAIL"], "password": self.secrets["NC_ADMIN_PASSWORD"]}
        key = httpx.post(f"{self.url}/api/v1/auth/user/signin", json=sent, timeout=120).json()["token"]
        return httpx.Client(base_url=self.url, headers={"xc-auth": key}, timeout=120)

    def credentials(self) -> dict[str, str]:
        """As a user would set them."""
        return {
            "PASSMUSTER_NOCODB_USER": self.secrets["NC_ADMIN_EMAIL"],
            "PASSMUSTER_NOCODB_PASSWORD": self.secrets["NC_ADMIN_PASSWORD"],
        }


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    work = tmp_path_factory.mktemp("nocodb")
    data, notes, port = work / "data", work / "notes.json", free_port()
    made = {
        "NC_AUTH_JWT_SECRET": secrets.token_hex(32),
        "NC_ADMIN_EMAIL": "admin@example.org",
        "NC_ADMIN_PASSWORD": "Aa1!" + secrets.token_hex(12),
    }
    environment, script, url = {**os.environ, **made}, str(HERE / "nocodb.sh"), f"http://127.0.0.1:{port}"
    try:
        subprocess.run([script, "start", str(port), str(data)], env=environment, check=True, timeout=2400)
        seed = [sys.executable, str(HERE / "seed_nocodb.py"), url, str(notes)]
        subprocess.run(seed, env=environment, check=True, timeout=300)
        yield Instance(url, json.loads(notes.read_text(encoding="utf-8")), made, work)
    finally:
        subprocess.run([script, "stop", str(data)], check=True, timeout=60)


@pytest.fixture(scope="module")
def snapshot(instance: Instance) -> Path:
    return collect(instance, "first")


@pytest.fixture(scope="module")
def results(snapshot: Path) -> dict[str, Any]:
    return evaluate(snapshot)


def collect(instance: Instance, name: str, environment: Mapping[str, str] | None = None) -> Path:
    """A snapshot by the super admin, or with other credentials."""
    folder = instance.work / name
    given = instance.credentials() if environment is None else environment
    run("collect", "nocodb", "--url", instance.url, "--out", folder, environment=given, codes=(0, 3))
    return folder


def test_what_was_planted_is_really_open(instance: Instance) -> None:
    made = instance.notes["ids"]
    with instance.api() as api, httpx.Client(base_url=instance.url, timeout=120) as visitor:
        views = api.get(f"/api/v2/meta/tables/{made['customers']}/views").json()["list"]
        links = {view["id"]: view["uuid"] for view in views}
        rows = "/api/v2/public/shared-view/{}/rows".format
        told = {name: visitor.get(rows(links[made[name]])).status_code for name in ("open_view", "kept_view")}

    assert links[made["private_view"]] is None
    assert told["open_view"] == 200
    assert told["kept_view"] != 200


def test_the_super_admin_reads_everything(snapshot: Path) -> None:
    assert {name: status_of(snapshot, name) for name in READ} == dict.fromkeys(READ, "ok")


def test_nothing_secret_is_in_the_snapshot(instance: Instance, snapshot: Path) -> None:
    """NocoDB answers with tokens in clear, links that let anybody in, and hashes of passwords."""
    with instance.api() as api:
        views = api.get(f"/api/v2/meta/tables/{instance.notes['ids']['customers']}/views").json()["list"]
        users = api.get("/api/v1/users").json()["list"]
    planted = [*instance.notes["secrets"], instance.secrets["NC_ADMIN_PASSWORD"]]
    planted += [text for view in views for key in ("uuid", "password") if (text := view[key])]
    planted += [text for user in users if (text := user["invite_token"])]
    for path in snapshot.iterdir():
        content = path.read_bytes()
        assert not [secret for secret in planted if secret.encode() in content], path.name


@pytest.mark.parametrize(
    ("control", "found"),
    [
        ("DAT-04", {"Sales: Customers", "Events: Dates"}),
        ("IAM-04", {"admin@example.org", "maker@example.org", "stranger@example.org"}),
        ("CON-10", {"desk.example.org"}),
        ("NHI-02", {"loader, for ever"}),
        ("NHI-04", {"Ledger database"}),
        ("NHI-09", {"Sales: Tell the desk"}),
    ],
)
def test_planted_weaknesses_are_found_and_nothing_else(
    results: Mapping[str, Any], control: str, found: set[str]
) -> None:
    assert results[control]["status"] == "fail"
    assert names(results[control]) == found


def test_the_open_form_is_found_and_links_with_a_password_are_not_accused(
    instance: Instance, snapshot: Path, results: Mapping[str, Any]
) -> None:
    made = instance.notes["ids"]
    doors = {row["endpoint_id"]: row["password_protected"] for row in rows_of(snapshot, "endpoints")}

    assert doors == {
        f"view:{made['open_view']}": False,
        f"view:{made['kept_view']}": True,
        f"view:{made['open_form']}": False,
        f"base:{made['events']}": False,
    }
    assert {each["id"] for each in results["EXP-02"]["resources"]} == {f"view:{made['open_form']}"}
    assert results["DAT-05"]["status"] == "pass"


def test_one_super_admin_is_too_few(results: Mapping[str, Any]) -> None:
    assert results["PRV-01"]["status"] == "fail"
    assert "1 person" in results["PRV-01"]["resources"][0]["detail"]


def test_signing_out_ends_all_sessions_of_the_account(instance: Instance) -> None:
    """Why the connector's page asks for an account of its own."""
    with instance.api() as before:
        was = before.get("/api/v1/users").status_code
        collect(instance, "signs-out")
        now = before.get("/api/v1/users").status_code

    assert (was, now) == (200, 401)


def test_sign_up_is_known_to_be_open(snapshot: Path) -> None:
    settings = {row["key"]: row["value_bool"] for row in rows_of(snapshot, "settings")}

    assert settings["nocodb.invite_only_signup"] is False
    assert settings["instance.anonymous_access"] is False


def test_nothing_changed_is_the_same_to_the_byte(instance: Instance) -> None:
    first, second = (manifest_tables(collect(instance, name)) for name in ("calm-1", "calm-2"))

    assert {name: entry["sha256"] for name, entry in first.items()} == {
        name: entry["sha256"] for name, entry in second.items()
    }


def test_an_api_token_answers_less_and_removes_nothing(instance: Instance, snapshot: Path) -> None:
    token = {"PASSMUSTER_NOCODB_TOKEN": instance.notes["token"]}
    blind = collect(instance, "token", token)
    results = evaluate(blind)

    assert (status_of(blind, "principals"), status_of(blind, "apps")) == ("denied", "ok")
    assert (results["IAM-04"]["status"], results["NHI-02"]["status"]) == ("unknown", "unknown")
    assert drift(snapshot, blind)["summary"]["removed"] == 0


def test_somebody_who_is_no_super_admin_sees_only_a_part_and_that_is_said(instance: Instance) -> None:
    person = instance.notes["people"]["stranger"]
    own = {"PASSMUSTER_NOCODB_USER": person["email"], "PASSMUSTER_NOCODB_PASSWORD": person["password"]}
    part = collect(instance, "part", own)

    assert status_of(part, "apps") in ("partial", "denied")
    assert status_of(part, "principals") == "denied"
    assert evaluate(part)["DAT-04"]["status"] == "unknown"


@pytest.mark.parametrize(
    "wrong",
    [
        {"PASSMUSTER_NOCODB_TOKEN": "wrong"},
        {"PASSMUSTER_NOCODB_USER": "admin@example.org", "PASSMUSTER_NOCODB_PASSWORD": "wrong"},
    ],
    ids=["token", "password"],
)
def test_wrong_credentials_deny_everything(instance: Instance, wrong: Mapping[str, str]) -> None:
    refused = collect(instance, f"refused-{len(wrong)}", wrong)

    assert {entry["status"] for entry in manifest_tables(refused).values()} == {"denied"}


def test_closed_links_are_no_longer_reported(instance: Instance) -> None:
    """The last test of this file: it changes the instance."""
    made = instance.notes["ids"]
    with instance.api() as api:
        for view in ("open_view", "open_form"):
            api.delete(f"/api/v2/meta/views/{made[view]}/share").raise_for_status()
        api.delete(f"/api/v2/meta/bases/{made['events']}/shared").raise_for_status()
    results = evaluate(collect(instance, "after"))

    assert results["DAT-04"]["status"] == "pass"
    assert results["EXP-02"]["status"] == "not_applicable"
