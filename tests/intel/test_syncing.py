"""Fetching feeds from a real server: only what changed, bounded, and never from another host."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.fetching import Clock
from passmuster.intel.feeds.sources import read_sources
from passmuster.intel.importing import Importing
from passmuster.intel.syncing import SyncResult, sync
from passmuster.intel.tally import Tally
from passmuster.pipeline.intelligence import _found_in
from tests.intel.making import NOW, advisories, cve, kev, osv, write


class Server(ThreadingHTTPServer):
    """Serves what it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.statuses: dict[str, list[int]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        statuses = self.server.statuses.get(self.path, [])
        status = statuses.pop(0) if statuses else 200
        body = self.server.bodies.get(self.path, b"")
        headers = self.server.headers.get(self.path, {})
        etag = headers.get("ETag")
        if etag and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304 and self.path != "/endless":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status == 200:
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    thread = threading.Thread(target=started.serve_forever, daemon=True)
    thread.start()
    yield started
    started.shutdown()
    started.server_close()


def _config(tmp_path: Path, *feeds: str) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_text("schema: passmuster/sync@1\nfeeds:\n" + "".join(f"  - {{{feed}}}\n" for feed in feeds))
    return path


def _sync(config: Path, store: Path) -> tuple[SyncResult, list[float]]:
    waits: list[float] = []
    clock = Clock(sleep=waits.append)
    how = Importing(seen_at=NOW, now=NOW)
    return sync(read_sources(config), store, how, _found_in, clock), waits


def test_a_feed_is_fetched_once_and_then_only_asked_whether_it_changed(
    tmp_path: Path, store: Path, server: Server
) -> None:
    name = "CVE-2025-10001"
    server.bodies["/kev.json"] = json.dumps(kev({name: "2026-01-01"})).encode()
    server.bodies["/osv.gz"] = gzip.compress(json.dumps(osv()).encode())
    server.headers["/kev.json"] = {"ETag": '"one"', "Last-Modified": "Wed, 21 Oct 2026 07:28:00 GMT"}
    config = _config(
        tmp_path, f"name: kev, url: '{server.url}/kev.json?key=s3cret'", f"name: osv, url: '{server.url}/osv.gz'"
    )
    server.bodies["/kev.json?key=s3cret"] = server.bodies.pop("/kev.json")
    server.headers["/kev.json?key=s3cret"] = server.headers.pop("/kev.json")
    result, _ = _sync(config, store)
    assert [(feed.name, feed.state) for feed in result.feeds] == [("kev", "fetched"), ("osv", "fetched")]
    assert result.imported.tally == Tally(added=2)
    again, _ = _sync(config, store)
    assert [feed.state for feed in again.feeds] == ["unchanged", "fetched"]
    assert again.imported.tally == Tally()
    asked = [headers for path, headers in server.asked if path.startswith("/kev")]
    assert "if-none-match" not in asked[0]
    assert (asked[1]["if-none-match"], asked[1]["if-modified-since"]) == ('"one"', "Wed, 21 Oct 2026 07:28:00 GMT")
    assert asked[0]["user-agent"].startswith("passmuster/")
    kept = b"".join(path.read_bytes() for path in store.rglob("*") if path.is_file())
    assert b"s3cret" not in kept
    assert "s3cret" not in str(result)
    server.headers["/kev.json?key=s3cret"] = {"ETag": '"two"'}
    server.bodies["/kev.json?key=s3cret"] = json.dumps(kev({name: "2026-02-02"})).encode()
    changed, _ = _sync(config, store)
    assert changed.imported.tally == Tally(changed=1)


def test_a_refused_feed_is_fetched_anew_and_the_others_are_taken(tmp_path: Path, store: Path, server: Server) -> None:
    server.bodies |= {"/bad": b'{"id": "x", "affected": 3}', "/good": json.dumps(osv()).encode()}
    server.headers |= {"/bad": {"ETag": '"bad"'}}
    config = _config(tmp_path, f"name: bad, url: '{server.url}/bad'", f"name: good, url: '{server.url}/good'")
    for _ in range(2):
        result, _waits = _sync(config, store)
        assert [(file.path, file.accepted) for file in result.imported.files] == [
            (f"{server.url}/bad", False),
            (f"{server.url}/good", True),
        ]
    assert all("if-none-match" not in headers for path, headers in server.asked if path == "/bad")


@pytest.mark.parametrize(
    "target", ["http://localhost:{port}/kev.json", "https://127.0.0.1:{port}/x", "//other.example/x", "ftp://x/"]
)
def test_a_redirect_to_what_was_not_named_is_refused(tmp_path: Path, store: Path, server: Server, target: str) -> None:
    server.statuses["/a"] = [302]
    server.headers["/a"] = {"Location": target.format(port=server.server_address[1])}
    result, _ = _sync(_config(tmp_path, f"name: a, url: '{server.url}/a'"), store)
    assert [feed.state for feed in result.feeds] == ["failed"]
    assert "which was not named" in result.feeds[0].problem
    assert [path for path, _ in server.asked] == ["/a"]


def test_a_redirect_within_the_host_is_followed(tmp_path: Path, store: Path, server: Server) -> None:
    server.statuses["/a"] = [301]
    server.headers["/a"] = {"Location": "/b"}
    server.bodies["/b"] = json.dumps(osv()).encode()
    result, _ = _sync(_config(tmp_path, f"name: a, url: '{server.url}/a'"), store)
    assert result.imported.tally == Tally(added=1)


def test_a_server_that_asks_to_wait_is_waited_for(tmp_path: Path, store: Path, server: Server) -> None:
    server.statuses["/a"] = [429, 503]
    server.headers["/a"] = {"Retry-After": "7"}
    server.bodies["/a"] = json.dumps(osv()).encode()
    result, waits = _sync(_config(tmp_path, f"name: a, url: '{server.url}/a'"), store)
    assert result.feeds[0].state == "fetched"
    assert waits == [7.0, 7.0]


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        ("name: a, url: '{url}/missing'", ["answers 404", "check the address"]),
        ("name: a, url: '{url}/large', max_mib: 0.01", ["sends more than 0.01 MiB", "raise max_mib"]),
        ("name: a, url: '{url}/endless', max_mib: 0.01", ["sends more than 0.01 MiB"]),
        ("name: a, url: 'http://127.0.0.1:9/x', timeout_s: 5", ["127.0.0.1:9 cannot be reached"]),
        ("name: a, path: nowhere", ["nowhere: is not there"]),
    ],
)
def test_trouble_is_told_and_nothing_is_taken(
    tmp_path: Path, store: Path, server: Server, feed: str, words: list[str]
) -> None:
    server.statuses["/missing"] = [404]
    server.bodies |= {"/large": b" " * 100_000, "/endless": b" " * 100_000}
    result, _ = _sync(_config(tmp_path, feed.format(url=server.url)), store)
    (told,) = result.feeds
    assert told.state == "failed"
    for word in words:
        assert word in told.problem
    assert advisories(store) == {}
    assert not list(store.glob(".sync*"))


def test_a_folder_is_a_mirror_for_closed_networks(tmp_path: Path, store: Path) -> None:
    write(tmp_path / "mirror" / "b" / "cve.json", cve())
    write(tmp_path / "mirror" / "a.json", osv())
    (tmp_path / "mirror" / "LICENSE").write_text("terms\n")
    result, _ = _sync(_config(tmp_path, "name: mirror, path: mirror"), store)
    assert result.feeds[0].state == "read"
    assert result.imported.tally == Tally(added=2)
    assert result.imported.is_complete
    assert [Path(path).name for path in result.imported.passed_over] == ["LICENSE"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("feeds: []", ["must begin with `schema: passmuster/sync@1`"]),
        ("schema: passmuster/sync@1\nfeeds: []", ["must be a list of feeds"]),
        (
            "schema: passmuster/sync@1\nextra: 1\nfeeds:\n  - {name: a, url: x, path: y, colour: red}\n  - 7\n"
            "  - {name: a, url: 'https://user:hunter2@host/x'}\n  - {name: b, path: p, max_mib: 9999999}\n",
            [
                "extra: is unknown",
                "feeds[0].colour: is unknown",
                "feeds[0]: needs either",
                "feeds[1]: must be a mapping",
                "feeds[2].url: has an @ in it",
                "'a' is given twice",
                "feeds[3].max_mib: must be a number",
            ],
        ),
        ("schema: passmuster/sync@1\nfeeds: [{name: a, url: 'ftp://host/x'}]", ["must start with https://"]),
    ],
)
def test_every_mistake_of_a_configuration_is_told(tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(text)
    with pytest.raises(UnreadableInput) as caught:
        read_sources(path)
    for word in words:
        assert word in str(caught.value)
    assert "hunter2" not in str(caught.value)
