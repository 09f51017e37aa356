"""A real n8n with known weaknesses: collected, judged, changed, compared."""

from __future__ import annotations

import csv
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from tests.free_port import free_port

HERE = Path(__file__).parent
PACK = "no-code-baseline"
PASSMUSTER = Path(sys.executable).with_name("passmuster")

pytestmark = [
    pytest.mark.live_n8n,
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the Node.js package is for Linux"),
]


@dataclass(frozen=True)
class Instance:
    """The running server and what was planted."""

    url: str
    notes: Mapping[str, Any]
    work: Path

    def environment(self, key: str = "reader", *, owner: bool = True) -> dict[str, str]:
        """Credentials as a user would set them."""
        found = {name: value for name, value in os.environ.items() if not name.startswith("PASSMUSTER_N8N")}
        found["PASSMUSTER_N8N_API_KEY"] = self.notes["keys"][key]
        if owner:
            found |= {"PASSMUSTER_N8N_USER": self.notes["owner"], "PASSMUSTER_N8N_PASSWORD": self.notes["password"]}
        return found

    def api(self) -> httpx.Client:
        """The public API with every right, to change things."""
        headers = {"X-N8N-API-KEY": self.notes["keys"]["full"]}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=120)


def run(*arguments: str | Path, environment: Mapping[str, str] | None = None, codes: tuple[int, ...] = (0,)) -> str:
    command = [str(PASSMUSTER), *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in codes, f"{done.returncode}: {done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout


def collect(instance: Instance, name: str, *, key: str = "reader", owner: bool = True, declared: bool = False) -> Path:
    folder = instance.work / name
    more = ["--declared", str(instance.work / "declared.yaml")] if declared else []
    environment = instance.environment(key, owner=owner)
    run("collect", "n8n", "--url", instance.url, "--out", folder, *more, environment=environment, codes=(0, 3))
    return folder


def evaluate(snapshot: Path, *more: str | Path) -> dict[str, Any]:
    text = run("evaluate", snapshot, "--pack", PACK, "--format", "json", *more, codes=(0, 3))
    return {result["control"]: result for result in json.loads(text)["results"]}


def drift(base: Path, head: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("drift", base, head, "--format", "json", codes=(0, 3)))
    return found


def status_of(snapshot: Path, table: str) -> str:
    manifest = json.loads((snapshot / "manifest.json").read_text(encoding="utf-8"))
    return str(manifest["tables"][table]["status"])


def names(result: Mapping[str, Any]) -> set[str]:
    return {resource["name"] for resource in result["resources"]}


def ids(result: Mapping[str, Any]) -> set[str]:
    return {resource["id"] for resource in result["resources"]}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    work = tmp_path_factory.mktemp("n8n")
    # n8n's task broker takes the next one.
    data, notes, port = work / "data", work / "notes.json", free_port(beside=(1,))
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "N8N_ENCRYPTION_KEY": secrets.token_hex(16)}
    script = str(HERE / "n8n.sh")
    try:
        subprocess.run([script, "start", str(port), str(data)], env=environment, check=True, timeout=2400)
        seed = [sys.executable, str(HERE / "seed_n8n.py"), url, str(data), str(notes)]
        subprocess.run(seed, check=True, timeout=300)
        planted = Instance(url, json.loads(notes.read_text(encoding="utf-8")), work)
        _declare_leaver(planted)
        yield planted
    finally:
        subprocess.run([script, "stop", str(data)], check=True, timeout=60)


def _declare_leaver(instance: Instance) -> None:
    with instance.api() as api:
        users = api.get("/users", params={"limit": "250"}).json()["data"]
    leaver = next(user["id"] for user in users if user["email"] == "lea.gone@example.org")
    (instance.work / "declared.yaml").write_text(
        "schema: passmuster/declared@1\nfacts:\n"
        f"  - table: principals\n    row: {{principal_id: {leaver}, employment_ended_at: 2026-01-15T00:00:00Z}}\n"
        "    said_by: personnel\n    said_at: 2026-02-01T00:00:00Z\n    source: list of leavers\n",
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def snapshot(instance: Instance) -> Path:
    return collect(instance, "first", declared=True)


@pytest.fixture(scope="module")
def results(snapshot: Path) -> dict[str, Any]:
    return evaluate(snapshot)


def test_nothing_secret_is_in_the_snapshot(instance: Instance, snapshot: Path) -> None:
    planted = [instance.notes["password"], *instance.notes["keys"].values()]
    for path in snapshot.iterdir():
        content = path.read_bytes()
        assert not [secret for secret in planted if secret.encode() in content], path.name


def test_what_could_be_read_was_read(snapshot: Path) -> None:
    read = ("principals", "roles", "grants", "credentials", "apps", "app_steps", "connections", "add_ons", "settings")

    assert {name: status_of(snapshot, name) for name in read} == dict.fromkeys(read, "ok")
    assert status_of(snapshot, "groups") == "not_licensed"
    assert status_of(snapshot, "log_sources") == "not_licensed"


def test_personal_projects_are_those_that_the_server_keeps(instance: Instance, snapshot: Path) -> None:
    people = pq.read_table(snapshot / "principals.parquet").to_pylist()
    joined = {row["principal_id"] for row in people if row["is_pending"] is False}
    with sqlite3.connect(instance.work / "data" / ".n8n" / "database.sqlite", timeout=60) as database:
        kept = database.execute("SELECT userId, projectId FROM project_relation WHERE role = 'project:personalOwner'")
        wanted = {(user, f"project:{project}") for user, project in kept if user in joined}
    grants = pq.read_table(snapshot / "grants.parquet").to_pylist()
    found = {(row["subject_id"], row["object_id"]) for row in grants if row["role_id"] == "project:personalOwner"}

    assert found == wanted
    assert len(found) == len(joined)


@pytest.mark.parametrize(
    ("control", "found"),
    [
        ("NHI-02", {"deploy robot, everything, for ever", "laptop of Lea"}),
        ("NHI-03", {"deploy robot, everything, for ever"}),
        ("NHI-04", {"Old chat token"}),
        ("IAM-10", {"Ida Stale"}),
        ("IAM-04", {"Ida Stale", "Lea Gone", "Olga Owner"}),
        ("CON-10", {"ledger.example.org"}),
        ("APP-07", {"Order intake: Save"}),
        ("ADD-02", {"n8n-nodes-datastore"}),
    ],
)
def test_planted_weaknesses_are_found_and_nothing_else(
    results: Mapping[str, Any], control: str, found: set[str]
) -> None:
    assert results[control]["status"] == "fail"
    assert names(results[control]) == found


def test_open_doors_are_found_and_the_guarded_one_is_not(instance: Instance, results: Mapping[str, Any]) -> None:
    made = instance.notes["ids"]

    assert results["EXP-02"]["status"] == "fail"
    assert {found.partition("/")[0] for found in ids(results["EXP-02"])} == {
        made["public_workflow"],
        made["form_workflow"],
    }


def test_what_a_leaver_left_behind_is_found(instance: Instance, results: Mapping[str, Any]) -> None:
    made = instance.notes["ids"]

    assert results["NHI-01"]["status"] == "fail"
    assert "laptop of Lea" in names(results["NHI-01"])
    assert results["APP-01"]["status"] == "fail"
    assert ids(results["APP-01"]) == {made["leaver_workflow"]}


def test_without_the_list_of_leavers_nobody_is_accused(instance: Instance) -> None:
    results = evaluate(collect(instance, "undeclared"))

    assert results["APP-01"]["status"] != "fail"
    assert results["NHI-01"]["status"] != "fail"


def test_registers_decide_what_is_new(instance: Instance, snapshot: Path) -> None:
    registers = instance.work / "registers"
    run("registers", "init", snapshot, "--out", registers)
    pending = evaluate(snapshot, "--registers", registers)
    assert (pending["ADD-01"]["status"], pending["EXP-01"]["status"]) == ("manual", "manual")

    _keep(
        registers / "allow_lists.csv",
        without={"n8n-nodes-datastore"},
        without_part=instance.notes["ids"]["form_workflow"],
    )
    decided = evaluate(snapshot, "--registers", registers)
    assert (decided["ADD-01"]["status"], names(decided["ADD-01"])) == ("fail", {"n8n-nodes-datastore"})
    assert decided["EXP-01"]["status"] == "fail"
    assert {found.partition("/")[0] for found in ids(decided["EXP-01"])} == {instance.notes["ids"]["form_workflow"]}


def _keep(path: Path, *, without: set[str], without_part: str) -> None:
    """Approve everything in the register but what is named, which is struck out as if it had come later."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    kept = [row for row in rows if row["item"] not in without and not row["item"].startswith(without_part)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "state": "approved", "approved_by": "the test"} for row in kept)


def test_nothing_changed_is_no_drift(instance: Instance) -> None:
    summary = drift(collect(instance, "calm-1"), collect(instance, "calm-2"))["summary"]

    assert (summary["added"], summary["removed"], summary["changed"]) == (0, 0, 0)


def test_a_key_with_a_scope_less_denies_one_table_and_removes_nothing(instance: Instance, snapshot: Path) -> None:
    blind = collect(instance, "blind", key="blind", declared=True)
    results = evaluate(blind)
    found = drift(snapshot, blind)

    assert status_of(blind, "add_ons") == "denied"
    assert results["ADD-02"]["status"] == "unknown"
    assert "communityPackage:list" in json.dumps(json.loads((blind / "manifest.json").read_text())["tables"]["add_ons"])
    assert found["tables"]["add_ons"]["not_comparable"] is True
    assert found["summary"]["removed"] == 0


def test_without_an_owner_controls_on_keys_are_unknown_and_not_passed(instance: Instance) -> None:
    results = evaluate(collect(instance, "no-owner", owner=False))

    assert results["NHI-02"]["status"] == "unknown"
    assert results["IAM-10"]["status"] == "unknown"
    assert results["IAM-04"]["status"] == "fail"


def test_a_wrong_key_denies_everything(instance: Instance) -> None:
    folder = instance.work / "refused"
    environment = {**instance.environment(owner=False), "PASSMUSTER_N8N_API_KEY": "wrong"}
    run("collect", "n8n", "--url", instance.url, "--out", folder, environment=environment, codes=(3,))
    tables = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["tables"]

    assert {entry["status"] for entry in tables.values()} == {"denied"}


def test_changes_show_as_drift(instance: Instance) -> None:
    """The last test of this file: it changes the instance."""
    before = collect(instance, "before")
    made = instance.notes["ids"]
    with instance.api() as api:
        api.delete(f"/credentials/{made['unused_credential']}").raise_for_status()
        api.post(f"/workflows/{made['form_workflow']}/deactivate").raise_for_status()
        workflow = api.get(f"/workflows/{made['guarded_workflow']}").json()
        for node in workflow["nodes"]:
            node["parameters"]["authentication"] = "none"
        body = {name: workflow[name] for name in ("name", "nodes", "connections", "settings")}
        api.put(f"/workflows/{made['guarded_workflow']}", json=body).raise_for_status()
        api.post(f"/workflows/{made['guarded_workflow']}/activate").raise_for_status()
    after = collect(instance, "after")
    found = drift(before, after)["tables"]

    assert [row["credential_id"] for row in found["credentials"]["removed"]] == [made["unused_credential"]]
    assert [row["app_id"] for row in found["endpoints"]["removed"]] == [made["form_workflow"]]
    weakened = [change for change in found["endpoints"]["changed"] if change["column"] == "auth_mode"]
    assert [(change["before"], change["after"]) for change in weakened] == [("header", "none")]
    assert {found.partition("/")[0] for found in ids(evaluate(after)["EXP-02"])} == {
        made["public_workflow"],
        made["guarded_workflow"],
    }
