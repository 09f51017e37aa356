"""The command line against a platform that answers: progress for who waits, and no secret anywhere."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.collect.answering import Asked, Reply, answering
from tests.collect.n8n_instance import OWNER, Instance
from tests.collect.node_red_recording import EXAMPLE as NODE_RED

CANARIES = ("key-canary", "word-canary", "session-canary", "tkn-canary", "url-canary", "file-canary", "proxy-canary")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PASSMUSTER_")}


def echo(asked: Asked) -> Reply:
    """A refusal that repeats the credential it was sent."""
    sent = asked.headers.get("x-n8n-api-key") or asked.headers.get("authorization") or asked.body
    return Reply(403, {"message": f"{sent} may not do this"})


def echo_of_sign_in(asked: Asked) -> Reply:
    return echo(asked) if asked.method == "POST" else node_red(asked)


def slow(_asked: Asked) -> Reply:
    """An answer that somebody has to wait for."""
    time.sleep(0.6)
    return Reply(500)


def slow_diagnostics(asked: Asked) -> Reply:
    return slow(asked) if asked.path == "/diagnostics" else node_red(asked)


def node_red(asked: Asked) -> Reply:
    """The shipped example, without a sign-in; a refusal repeats what it was sent."""
    if asked.path == "/diagnostics":
        return Reply(403, {"message": f"{asked.headers.get('authorization', 'nobody')} lacks diagnostics.read"})
    name = {"/flows": "flows_v2"}.get(asked.path, asked.path.strip("/").replace("/", "_"))
    document = json.loads((NODE_RED / f"{name}.json").read_text(encoding="utf-8"))
    return Reply(document["status"], document["body"])


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "passmuster.cli.main", *arguments],
        env={**ENVIRONMENT, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def leaks(folder: Path, texts: Iterable[str]) -> list[str]:
    """Canaries found in what was printed or in any value of any file written."""
    told = list(texts)
    for path in folder.rglob("*") if folder.exists() else ():
        told.append(path.name)
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            told += [repr(table.to_pylist()), repr(table.schema.metadata)]
        elif path.is_file():
            told.append(path.read_text(encoding="utf-8"))
    return [canary for canary in CANARIES if any(canary in text for text in told)]


@pytest.mark.parametrize(
    ("kind", "platform", "secrets"),
    [
        ("n8n", Instance(), OWNER),
        ("n8n", Instance(users=echo, projects=echo), OWNER),
        ("n8n", Instance(login=echo), OWNER),
        ("node-red", node_red, {"PASSMUSTER_NODE_RED_TOKEN": "tkn-canary"}),
        (
            "node-red",
            echo_of_sign_in,
            {"PASSMUSTER_NODE_RED_USER": "ivo", "PASSMUSTER_NODE_RED_PASSWORD": "word-canary"},
        ),
    ],
)
def test_no_credential_is_printed_or_written(
    tmp_path: Path, kind: str, platform: Callable[[Asked], Reply], secrets: dict[str, str]
) -> None:
    out = tmp_path / "out"
    with answering(platform) as server:
        done = run("collect", kind, "--url", server.url, "--out", str(out), **secrets)

    assert (out / "manifest.json").is_file(), done.stderr
    assert leaks(out, [done.stdout, done.stderr]) == []


@pytest.mark.parametrize("kind", ["directus", "n8n", "nocodb", "node-red"])
@pytest.mark.parametrize(
    "address",
    [
        *("https://user:url-canary@h.example", "user:url-canary@h.example", "https://user:url-canary/@h.example"),
        *("https://user:url-canary", "https://h.example/?token=url-canary", "https://h.example/#token=url-canary"),
    ],
)
def test_a_credential_in_the_address_is_refused_and_not_repeated(tmp_path: Path, kind: str, address: str) -> None:
    done = run("collect", kind, "--url", address, "--out", str(tmp_path / "out"), **OWNER)

    assert (done.returncode, (tmp_path / "out").exists()) == (2, False)
    assert leaks(tmp_path, [done.stdout, done.stderr]) == []


def test_an_unreachable_platform_and_a_proxy_give_no_credential_away(tmp_path: Path) -> None:
    proxy = {"HTTPS_PROXY": "http://user:proxy-canary@127.0.0.1:9", "NO_PROXY": ""}
    done = run("collect", "n8n", "--url", "https://h.example", "--out", str(tmp_path / "out"), **OWNER, **proxy)

    assert done.returncode == 3
    assert leaks(tmp_path / "out", [done.stdout, done.stderr]) == []


@pytest.mark.parametrize(("mode", "code"), [(0o600, 0), (0o640, 2)])
def test_a_secret_may_come_from_a_file_that_only_its_owner_can_read(tmp_path: Path, mode: int, code: int) -> None:
    key = tmp_path / "key"
    key.write_text("key-canary\n", encoding="utf-8")
    key.chmod(mode)
    owner = {name: value for name, value in OWNER.items() if name != "PASSMUSTER_N8N_API_KEY"}
    with answering(Instance()) as server:
        url, out = server.url, tmp_path / "out"
        done = run("collect", "n8n", "--url", url, "--out", str(out), PASSMUSTER_N8N_API_KEY_FILE=str(key), **owner)

    assert done.returncode == code, done.stderr
    assert ("chmod 600" in done.stderr) == (code == 2)
    assert leaks(out, [done.stdout, done.stderr]) == []


@pytest.mark.parametrize(
    ("kind", "platform", "secrets", "text"),
    [
        ("n8n", Instance(data_tables=slow), OWNER, "GET /api/v1/data-tables"),
        ("node-red", slow_diagnostics, {}, "GET /diagnostics"),
    ],
)
def test_progress_shows_on_a_terminal_and_never_on_standard_output(
    tmp_path: Path, kind: str, platform: Callable[[Asked], Reply], secrets: dict[str, str], text: str
) -> None:
    with answering(platform) as server:
        arguments = ("collect", kind, "--url", server.url, "--out", str(tmp_path / "out"))
        shown, printed = on_terminal(*arguments, **secrets)

    assert text in shown
    assert printed == ""
    assert leaks(tmp_path / "out", [shown]) == []


def on_terminal(*arguments: str, **variables: str) -> tuple[str, str]:
    """What a terminal shows of standard error, and what was printed to standard output."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "passmuster.cli.main", *arguments],
        env={**ENVIRONMENT, "TERM": "xterm", "COLUMNS": "120", **variables},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # reading fails once nobody writes to the terminal any more
        while piece := os.read(ours, 65536):
            shown += piece
    os.close(ours)
    printed, _ = process.communicate(timeout=120)
    return shown.decode(), printed
