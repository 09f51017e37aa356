"""A real Directus, 11 and 12, with known weaknesses: collected, judged, compared, changed."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from passmuster.application.acting import keeper
from passmuster.application.looking.kept_notices import notices_of
from passmuster.application.looking.looking import collect_platform
from passmuster.records.models import Message
from tests.free_port import free_port
from tests.keeping import make_person, make_platform
from tests.live.commands import HERE, drift, evaluate, ids, manifest_tables, names, rows_of, run, status_of

pytestmark = [
    pytest.mark.live_directus,
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the Node.js package is for Linux"),
]
VERSIONS = ("11.17.4", pytest.param("12.4.0", marks=pytest.mark.live_directus_12))
READ = (
    *("principals", "groups", "memberships", "roles", "role_permissions", "grants", "credentials", "apps", "app_steps"),
    *("endpoints", "connections", "add_ons", "settings", "log_sources"),
)


@dataclass(frozen=True)
class Instance:
    """The running server and what was planted."""

    url: str
    notes: Mapping[str, Any]
    admin_token: str
    work: Path

    def client(self, token: str = "") -> httpx.Client:
        """The API as somebody, or as a visitor."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=120)

    def token(self, person: str) -> str:
        """The static token of somebody who was planted."""
        return str(self.notes["people"][person]["token"])


@pytest.fixture(scope="module", params=VERSIONS)
def instance(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    work = tmp_path_factory.mktemp("directus")
    data, notes, port = work / "data", work / "notes.json", free_port()
    data.mkdir()
    made = {
        "SECRET": secrets.token_hex(32),
        "ADMIN_EMAIL": "admin@example.org",
        "ADMIN_PASSWORD": "Aa1" + secrets.token_hex(12),
        "ADMIN_TOKEN": secrets.token_urlsafe(24),
        # Not UTC on purpose: Directus writes some times without a zone.
        "TZ": "America/New_York",
    }
    environment, script = {**os.environ, **made}, str(HERE / "directus.sh")
    try:
        start = [script, "start", request.param, str(port), str(data)]
        subprocess.run(start, env=environment, check=True, timeout=2400)
        url = f"http://127.0.0.1:{port}"
        seed = [sys.executable, str(HERE / "seed_directus.py"), url, str(notes)]
        subprocess.run(seed, env=environment, check=True, timeout=300)
        yield Instance(url, json.loads(notes.read_text(encoding="utf-8")), made["ADMIN_TOKEN"], work)
    finally:
        subprocess.run([script, "stop", str(data)], check=True, timeout=60)


@pytest.fixture(scope="module")
def snapshot(instance: Instance) -> Path:
    return collect(instance, "first")


@pytest.fixture(scope="module")
def results(snapshot: Path) -> dict[str, Any]:
    return evaluate(snapshot)


def collect(instance: Instance, name: str, token: str | None = None) -> Path:
    """A snapshot by the least-privileged reader, or with another token."""
    folder = instance.work / name
    environment = {"PASSMUSTER_DIRECTUS_TOKEN": token or instance.token("reader")}
    run("collect", "directus", "--url", instance.url, "--out", folder, environment=environment, codes=(0, 3))
    return folder


def test_what_was_planted_is_really_open(instance: Instance) -> None:
    made = instance.notes["ids"]
    with instance.client() as visitor:
        answers = {
            "create": visitor.post("/items/enquiries", json={"title": "from nobody"}).status_code,
            "read": visitor.get("/items/customers").status_code,
            "private": visitor.get("/items/ledger").status_code,
            "flow": visitor.post(f"/flows/trigger/{made['open_flow']}", json={"title": "hook"}).status_code,
            "draft": visitor.post(f"/flows/trigger/{made['draft_flow']}", json={}).status_code,
        }

    assert answers == {"create": 204, "read": 200, "private": 403, "flow": 200, "draft": 403}


def test_the_least_privileged_reader_reads_what_it_should(snapshot: Path) -> None:
    assert {name: status_of(snapshot, name) for name in READ} == dict.fromkeys(READ, "ok")


def test_nothing_secret_is_in_the_snapshot(instance: Instance, snapshot: Path) -> None:
    people = instance.notes["people"].values()
    planted = [person[key] for person in people for key in ("password", "token") if key in person]
    planted += [instance.admin_token, instance.notes["ids"]["open_share"]]
    for path in snapshot.iterdir():
        content = path.read_bytes()
        assert not [secret for secret in planted if secret.encode() in content], path.name


@pytest.mark.parametrize(
    ("control", "found"),
    [
        ("DAT-04", {"customers"}),
        ("DAT-05", {"enquiries"}),
        ("IAM-07", {"directus_settings.auth_login_attempts"}),
        ("IAM-04", {"Admin User", "Nell"}),
        ("CON-10", {"ledger.example.org"}),
        ("NHI-09", {"Nightly export: send"}),
    ],
)
def test_planted_weaknesses_are_found_and_nothing_else(
    results: Mapping[str, Any], control: str, found: set[str]
) -> None:
    assert results[control]["status"] == "fail"
    assert names(results[control]) == found


def test_only_the_open_flow_is_accused_and_not_the_one_that_asks_for_a_signature(
    instance: Instance, results: Mapping[str, Any]
) -> None:
    assert results["EXP-02"]["status"] == "fail"
    assert ids(results["EXP-02"]) == {instance.notes["ids"]["open_flow"]}


def test_static_tokens_without_dates_are_unknown_and_never_pass(results: Mapping[str, Any]) -> None:
    assert results["NHI-02"]["status"] == "unknown"
    assert (
        results["NHI-02"]["unknown_resources"] == 4
    )  # the administrator, the loader, two readers; the leaver's is dead


def test_whoever_administers_by_a_parent_role_is_found(instance: Instance, snapshot: Path) -> None:
    registers = instance.work / "registers"
    registers.mkdir()
    (registers / "allow_lists.csv").write_text("list_id,item,state\n", encoding="utf-8")
    found = evaluate(snapshot, "--registers", registers)["PRV-03"]

    assert (found["status"], names(found)) == ("fail", {"Nell"})


def test_whoever_may_write_the_role_of_users_can_make_itself_an_administrator(
    instance: Instance, snapshot: Path
) -> None:
    """The claim behind calling such a policy privileged, tried on somebody made for it."""
    made = instance.notes["ids"]
    token = secrets.token_urlsafe(24)
    with instance.client(instance.admin_token) as admin:
        body = {"email": "climber@example.org", "status": "active", "role": made["support"], "token": token}
        # Seats are counted on Directus 12; the one who is taken out for a moment makes room.
        nell = instance.notes["people"]["nell"]["id"]
        admin.patch(f"/users/{nell}", json={"status": "suspended"}).raise_for_status()
        climber = admin.post("/users", json=body).raise_for_status().json()["data"]["id"]
        with instance.client(token) as own:
            own.patch(f"/users/{climber}", json={"role": made["administrator"]})
            climbed = own.get("/policies/me/globals").json()["data"]["admin_access"]
        admin.delete(f"/users/{climber}").raise_for_status()
        admin.patch(f"/users/{nell}", json={"status": "active"}).raise_for_status()
    roles = {row["name"]: row["is_privileged"] for row in rows_of(snapshot, "roles")}

    assert climbed is True
    assert roles["Support desk"] is True
    assert roles["Loader"] is False


def test_administrators_can_erase_the_activity_log_by_a_flow(instance: Instance, snapshot: Path) -> None:
    """No route deletes activity; that a flow with full permissions does is why the log says so of itself."""
    erase = {"collection": "directus_activity", "permissions": "$full", "query": {"limit": 1, "sort": ["id"]}}
    hook = {"name": "Eraser", "status": "active", "trigger": "webhook", "options": {"method": "POST"}}
    with instance.client(instance.admin_token) as admin:
        flow = admin.post("/flows", json={**hook, "accountability": None}).raise_for_status().json()["data"]["id"]
        step = {"flow": flow, "key": "erase", "type": "item-delete", "options": erase, "position_x": 1, "position_y": 1}
        first = admin.post("/operations", json=step).raise_for_status().json()["data"]["id"]
        admin.patch(f"/flows/{flow}", json={"operation": first}).raise_for_status()
        before = admin.get("/activity", params={"sort": "id", "limit": "1"}).json()["data"][0]["id"]
        admin.post(f"/flows/trigger/{flow}", json={}).raise_for_status()
        after = admin.get("/activity", params={"sort": "id", "limit": "1"}).json()["data"][0]["id"]
        admin.delete(f"/flows/{flow}").raise_for_status()
    [log] = rows_of(snapshot, "log_sources")

    assert after > before
    assert log["admin_can_delete"] is True


def test_static_tokens_are_stored_as_the_table_says(instance: Instance, snapshot: Path) -> None:
    loader = instance.notes["people"]["loader"]
    with sqlite3.connect(instance.work / "data" / "data.db", timeout=60) as database:
        [kept] = database.execute("SELECT token FROM directus_users WHERE id = ?", (loader["id"],)).fetchone()
    told = {row["credential_id"]: row["storage"] for row in rows_of(snapshot, "credentials")}

    assert (told[f"static:{loader['id']}"] == "plaintext") is (kept == loader["token"])


def test_times_are_utc_wherever_the_server_stands(instance: Instance, snapshot: Path) -> None:
    with instance.client(instance.admin_token) as admin:
        params = {"filter[action][_eq]": "login", "sort": "-id", "limit": "1"}
        told = admin.get("/activity", params=params).json()["data"][0]["timestamp"]
    people = {row["display_name"]: row for row in rows_of(snapshot, "principals")}

    assert people["Mara"]["last_sign_in_at"].isoformat()[:19] == told[:19]
    assert people["Nell"]["never_signed_in"] is True
    assert people["Loader"]["last_sign_in_at"] is None
    assert people["Loader"]["never_signed_in"] is None


def test_an_administrators_token_lists_all_collections(instance: Instance, snapshot: Path) -> None:
    whole = collect(instance, "whole", instance.admin_token)

    assert status_of(snapshot, "data_stores") == "partial"
    assert status_of(whole, "data_stores") == "ok"
    assert {row["data_store_id"] for row in rows_of(whole, "data_stores")} >= {"customers", "enquiries", "ledger"}


def test_the_licence_of_12_tells_how_long_activity_is_shown(instance: Instance) -> None:
    [log] = rows_of(collect(instance, "licence", instance.admin_token), "log_sources")

    assert log["retention_days"] == (30 if instance.notes["major"] >= 12 else None)


def test_nothing_changed_is_the_same_to_the_byte(instance: Instance) -> None:
    first, second = (manifest_tables(collect(instance, name)) for name in ("calm-1", "calm-2"))

    assert {name: entry["sha256"] for name, entry in first.items()} == {
        name: entry["sha256"] for name, entry in second.items()
    }


def test_a_right_less_denies_its_tables_and_removes_nothing(instance: Instance, snapshot: Path) -> None:
    blind = collect(instance, "blind", instance.token("blind"))
    found = drift(snapshot, blind)

    assert (status_of(blind, "apps"), status_of(blind, "principals")) == ("denied", "ok")
    assert evaluate(blind)["EXP-02"]["status"] == "unknown"
    assert "directus_flows" in json.dumps(manifest_tables(blind)["apps"])
    assert found["tables"]["apps"]["not_comparable"] is True
    assert found["summary"]["removed"] == 0


def test_a_wrong_token_denies_everything(instance: Instance) -> None:
    refused = collect(instance, "refused", "wrong")

    assert {entry["status"] for entry in manifest_tables(refused).values()} == {"denied"}


def make_administrator(own: httpx.Client, person: str) -> str:
    """Give somebody the administrators' policy; the id of that access."""
    policies = own.get("/policies", params={"filter[admin_access][_eq]": "true"}).raise_for_status().json()["data"]
    given = own.post("/access", json={"user": person, "policy": policies[0]["id"]}).raise_for_status()
    return str(given.json()["data"]["id"])


@pytest.mark.usefixtures("db")
def test_the_keeper_tells_who_made_a_change_between_two_looks(instance: Instance) -> None:
    """Nell, who administers by nesting, makes a flow and an administrator; the owner hears that it was she."""
    platform = make_platform(
        kind="directus", export_path="", url=instance.url, credentials={"PASSMUSTER_DIRECTUS_TOKEN": "env:READER"}
    )
    make_person("otto", "platform_owner", platform=platform)
    environ = {"READER": instance.token("reader")}
    collect_platform(keeper(datetime.now(UTC)), platform, environ=environ)
    nell, loader = instance.notes["people"]["nell"], instance.notes["people"]["loader"]
    with instance.client() as visitor:
        signed = {"email": nell["email"], "password": nell["password"]}
        session = visitor.post("/auth/login", json=signed).raise_for_status().json()["data"]["access_token"]
    with instance.client(session) as own:
        flow = {"name": "Back door", "status": "active", "trigger": "webhook", "options": {"method": "POST"}}
        made = own.post("/flows", json=flow).raise_for_status().json()["data"]["id"]
        # Without a licence Directus 12 has no seat for another administrator.
        given = make_administrator(own, loader["id"]) if instance.notes["major"] < 12 else ""
        look = collect_platform(keeper(datetime.now(UTC)), platform, environ=environ)
        # As it was, for the tests that follow.
        if given:
            own.delete(f"/access/{given}").raise_for_status()
        own.delete(f"/flows/{made}").raise_for_status()
        params = {"filter[user][_eq]": nell["id"], "filter[action][_eq]": "create", "sort": "id"}
        log = {each["collection"]: each["id"] for each in own.get("/activity", params=params).json()["data"]}
    told = {each.table: each for each in notices_of(look) if each.resource in (made, loader["id"])}
    texts = list(Message.objects.values_list("text", flat=True))

    assert {table: (each.by, each.entry) for table, each in told.items()} == {
        "apps": ("Nell", str(log["directus_flows"])),
        "endpoints": ("Nell", str(log["directus_flows"])),
        **({"principals": ("Nell", str(log["directus_access"]))} if given else {}),
    }
    raised = [text for text in texts if "a new administrator: Loader" in text and ", by Nell on " in text]
    assert bool(raised) is bool(given)
    assert [text for text in texts if "Back door" in text and f"entry {log['directus_flows']} of" in text]


def test_closed_doors_are_no_longer_reported(instance: Instance) -> None:
    """The last test of this file: it changes the instance."""
    made = instance.notes["ids"]
    with instance.client(instance.admin_token) as admin:
        rows = admin.get("/permissions", params={"filter[policy][_eq]": made["public"]}).json()["data"]
        for row in rows:
            admin.delete(f"/permissions/{row['id']}").raise_for_status()
        admin.patch(f"/flows/{made['open_flow']}", json={"status": "inactive"}).raise_for_status()
        admin.patch("/settings", json={"auth_login_attempts": 5}).raise_for_status()
    results = evaluate(collect(instance, "after"))

    assert {name: results[name]["status"] for name in ("DAT-04", "DAT-05", "EXP-02", "IAM-07")} == dict.fromkeys(
        ("DAT-04", "DAT-05", "EXP-02", "IAM-07"), "pass"
    )
