"""A real Node-RED, weak on purpose: collect, judge, change something, collect again, compare."""

from __future__ import annotations

import copy
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

import pytest

from passmuster.snapshot.manifest import FILE_NAME
from tests.free_port import free_port
from tests.live.seed_nodered import FLOWS, PLANTED_SECRET, deploy

HERE = Path(__file__).parent
PASSMUSTER = Path(sys.executable).with_name("passmuster")
DECLARED = HERE / "nodered_declared.yaml"
ADVISORIES = HERE.parents[1] / "examples" / "organisation" / "advisories.yaml"
# What is planted, and the resources that the controls must name: these and no others.
PLANTED = {
    "EXP-03": {"settings.anonymous_access"},
    "KEY-04": {"settings.flowEncryptionType"},
    "EXP-02": {"ask"},
    "APP-06": {"stock/label"},
    "CON-10": {"send", "broker"},
    "NHI-02": {"declared:static token of deployer:deployer"},
}

pytestmark = [
    pytest.mark.live_nodered,
    pytest.mark.skipif(not (shutil.which("npm") and shutil.which("curl")), reason="needs npm and curl"),
]


@dataclass
class Server:
    """A running Node-RED and the secrets that were made up for it."""

    url: str
    folder: Path
    secrets: Mapping[str, str]

    def start(self, *, anonymous: str) -> None:
        environ = {**os.environ, **self.secrets, "NODERED_ANONYMOUS": anonymous}
        command = [str(HERE / "nodered.sh"), "start", self.url.rpartition(":")[2], str(self.folder)]
        subprocess.run(command, env=environ, check=True, timeout=580)

    def stop(self) -> None:
        subprocess.run([str(HERE / "nodered.sh"), "stop", str(self.folder)], check=True, timeout=30)

    @property
    def auditor(self) -> dict[str, str]:
        password = self.secrets["NODERED_AUDITOR_PASSWORD"]
        return {"PASSMUSTER_NODE_RED_USER": "auditor", "PASSMUSTER_NODE_RED_PASSWORD": password}


def _running(folder: Path, *, anonymous: str) -> Iterator[Server]:
    port = free_port()
    names = ("NODERED_ADMIN_PASSWORD", "NODERED_AUDITOR_PASSWORD", "NODERED_STATIC_TOKEN")
    server = Server(f"http://127.0.0.1:{port}", folder / "server", {name: secrets.token_hex(12) for name in names})
    server.start(anonymous=anonymous)
    try:
        deploy(server.url, server.secrets["NODERED_ADMIN_PASSWORD"], FLOWS)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Visitors may read; tests leave it as it is."""
    yield from _running(tmp_path_factory.mktemp("weak"), anonymous="read")


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Visitors may do nothing; tests leave it as it is."""
    yield from _running(tmp_path_factory.mktemp("closed"), anonymous="")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """Visitors may read; a test may do to it what it likes."""
    yield from _running(tmp_path, anonymous="read")


def passmuster(*arguments: str | Path, expect: tuple[int, ...], environ: Mapping[str, str] | None = None) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PASSMUSTER_NODE_RED")}
    command = [str(PASSMUSTER), *map(str, arguments)]
    done = subprocess.run(
        command, check=False, env={**clean, **(environ or {})}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode in expect, (done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def collect(server: Server, out: Path, environ: Mapping[str, str], *, expect: tuple[int, ...] = (0,)) -> dict[str, Any]:
    arguments = ("collect", "node-red", "--url", server.url, "--out", out, "--declared", DECLARED)
    passmuster(*arguments, expect=expect, environ=environ)
    manifest: dict[str, Any] = json.loads((out / FILE_NAME).read_text(encoding="utf-8"))
    return manifest


def statuses(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {name: entry["status"] for name, entry in manifest["tables"].items()}


def judged(snapshot: Path) -> dict[str, dict[str, Any]]:
    text = passmuster("evaluate", snapshot, "--pack", "no-code-baseline", "--format", "json", expect=(0, 3))
    return {result["control"]: result for result in json.loads(text)["results"]}


def drift(base: Path, head: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(passmuster("drift", base, head, "--format", "json", expect=(0, 1, 3)))
    return document


def changed_tables(document: Mapping[str, Any]) -> set[str]:
    tables = document["tables"]
    named = tables.items() if isinstance(tables, dict) else ((table["table"], table) for table in tables)
    return {name for name, table in named if table.get("added") or table.get("removed") or table.get("changed")}


def everything_stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_review_of_a_real_server_finds_what_was_planted(weak: Server, tmp_path: Path) -> None:
    manifest = collect(weak, tmp_path / "one", weak.auditor)
    results = judged(tmp_path / "one")
    assert {"denied", "error", "partial"}.isdisjoint(statuses(manifest).values())
    found = {control: {each["id"] for each in results[control]["resources"]} for control in PLANTED}
    assert found == PLANTED
    assert {results[control]["status"] for control in PLANTED} == {"fail"}
    stored = everything_stored(tmp_path / "one")
    for secret in (PLANTED_SECRET, *weak.secrets.values()):
        assert secret.encode() not in stored


def test_an_advisory_of_an_installed_module_becomes_a_decision_and_an_update_to_own(
    weak: Server, tmp_path: Path
) -> None:
    collect(weak, tmp_path / "one", weak.auditor)
    passmuster("intel", "import", ADVISORIES, "--store", tmp_path / "intel", expect=(0,))
    text = passmuster(
        "triage", "--store", tmp_path / "intel", "--snapshot", tmp_path / "one", "--format", "json", expect=(0,)
    )
    (decision,) = [each for each in json.loads(text)["decisions"] if each["advisory"] == "CVE-2021-3223"]
    assert (decision["component"], decision["version"]) == ("node-red-dashboard", "2.23.0")
    assert (decision["verdict"], decision["who_patches"], decision["action"]) == ("affected", "customer", "patch")
    # Its hooks ask nobody for a password, but whether strangers reach the server no interface of it tells.
    assert decision["points"]["publicly_exposed"] == "yes"
    assert decision["assumed"] == ["publicly_exposed"]

    (tmp_path / "triage.json").write_text(text, encoding="utf-8")
    passmuster("registers", "init", tmp_path / "one", "--out", tmp_path / "registers", expect=(0,))
    passmuster("registers", "updates", tmp_path / "triage.json", "--registers", tmp_path / "registers", expect=(0,))
    judged_later = json.loads(
        passmuster(
            *("evaluate", tmp_path / "one", "--registers", tmp_path / "registers", "--format", "json"),
            *("--as-of", "2035-01-01", "--pack", "no-code-baseline"),
            expect=(0, 3),
        )
    )
    results = {result["control"]: result for result in judged_later["results"]}
    # Open to strangers it is due in a fortnight, like a critical one: PAT-02 tells it, and PAT-06 not a second time.
    assert decision["outcome"] == "14_days"
    told = {name: [each["id"] for each in results[name]["resources"]] for name in ("PAT-02", "PAT-06")}
    assert results["PAT-02"]["status"] == "fail"
    assert any("CVE-2021-3223" in each for each in told["PAT-02"])
    assert not any("CVE-2021-3223" in each for each in told["PAT-06"])


def test_the_session_that_was_opened_is_closed_again(weak: Server, tmp_path: Path) -> None:
    collect(weak, tmp_path / "one", weak.auditor)
    sessions = json.loads((weak.folder / ".sessions.json").read_text(encoding="utf-8"))
    assert not [session for session in sessions.values() if session["user"] == "auditor"]


def test_nothing_changed_is_no_drift_and_a_change_is_told(own: Server, tmp_path: Path) -> None:
    first = collect(own, tmp_path / "one", own.auditor)
    second = collect(own, tmp_path / "two", own.auditor)
    digests = [{name: entry["sha256"] for name, entry in each["tables"].items()} for each in (first, second)]
    assert digests[0] == digests[1]
    assert changed_tables(drift(tmp_path / "one", tmp_path / "two")) == set()

    flows = copy.deepcopy(FLOWS)
    next(node for node in flows if node["id"] == "tls")["verifyservercert"] = True
    flows.append(
        {"id": "more", "type": "http in", "z": "stock", "url": "/more", "method": "get", "x": 1, "y": 9, "wires": [[]]}
    )
    deploy(own.url, own.secrets["NODERED_ADMIN_PASSWORD"], flows)
    own.stop()
    own.start(anonymous="")
    collect(own, tmp_path / "three", own.auditor)
    document = drift(tmp_path / "one", tmp_path / "three")
    assert {"connections", "endpoints", "app_steps", "settings"} <= changed_tables(document)
    assert "settings.anonymous_access" in json.dumps(document)

    results = judged(tmp_path / "three")
    assert "send" not in {resource["id"] for resource in results["CON-10"]["resources"]}
    assert results["EXP-03"]["status"] == "pass"


@pytest.mark.parametrize("which", ["weak", "closed"])
@pytest.mark.parametrize(
    "credentials",
    [
        {"PASSMUSTER_NODE_RED_TOKEN": "nobody-gave-this"},
        {"PASSMUSTER_NODE_RED_USER": "auditor", "PASSMUSTER_NODE_RED_PASSWORD": "wrong"},
    ],
    ids=["token", "password"],
)
def test_wrong_credentials_are_denied_and_never_empty(
    request: pytest.FixtureRequest, tmp_path: Path, credentials: Mapping[str, str], which: str
) -> None:
    manifest = collect(request.getfixturevalue(which), tmp_path / "one", credentials, expect=(3,))
    told = statuses(manifest)
    for table in ("apps", "app_steps", "endpoints", "connections", "add_ons", "settings", "keys"):
        assert (told[table], manifest["tables"][table]["rows"]) == ("denied", 0), table
        assert manifest["tables"][table]["unlock"]
    results = judged(tmp_path / "one")
    assert {results[control]["status"] for control in PLANTED.keys() - {"NHI-02"}} == {"unknown"}


def test_without_credentials_what_a_visitor_may_read_is_read(weak: Server, tmp_path: Path) -> None:
    assert statuses(collect(weak, tmp_path / "one", {}))["apps"] == "ok"


def test_without_credentials_a_closed_server_is_denied(closed: Server, tmp_path: Path) -> None:
    assert statuses(collect(closed, tmp_path / "one", {}, expect=(3,)))["apps"] == "denied"


def test_a_closed_server_passes_where_the_open_one_fails(closed: Server, tmp_path: Path) -> None:
    assert statuses(collect(closed, tmp_path / "one", closed.auditor))["settings"] == "ok"
    assert judged(tmp_path / "one")["EXP-03"]["status"] == "pass"


def test_a_static_token_works_as_credential(weak: Server, tmp_path: Path) -> None:
    environ = {"PASSMUSTER_NODE_RED_TOKEN": weak.secrets["NODERED_STATIC_TOKEN"]}
    assert statuses(collect(weak, tmp_path / "one", environ))["apps"] == "ok"


def test_a_server_that_is_gone_is_an_error_and_never_empty(own: Server, tmp_path: Path) -> None:
    own.stop()
    told = statuses(collect(own, tmp_path / "one", own.auditor, expect=(3,)))
    assert told["apps"] == told["settings"] == told["groups"] == "error"
