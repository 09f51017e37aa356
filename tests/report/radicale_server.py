"""A real Radicale on loopback with one user and one calendar, for as long as a test runs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.free_port import free_port

USER, PASSWORD = "ada", "secret-of-ada"
_MAKE = (
    '<?xml version="1.0"?><C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>'
    "<D:displayname>plan</D:displayname></D:prop></D:set></C:mkcalendar>"
)


@dataclass(frozen=True)
class Server:
    """Where it listens, and its calendar."""

    origin: str
    calendar: str

    def ask(self, method: str, name: str = "", **more: object) -> httpx.Response:
        """An answer, asked with another client than ours."""
        return httpx.request(method, self.calendar + name, auth=(USER, PASSWORD), timeout=20, **more)  # type: ignore[arg-type]

    def texts(self) -> dict[str, str]:
        """Everything in the calendar by its file name."""
        listed = self.ask("PROPFIND", headers={"depth": "1"}).text
        names = {part.split("<")[0].rpartition("/")[2] for part in listed.split("href>")}
        return {name: self.ask("GET", name).text for name in sorted(names) if name.endswith(".ics")}


@contextmanager
def radicale(folder: Path) -> Iterator[Server]:
    """Started, with an empty calendar; skips where Radicale is not installed."""
    pytest.importorskip("radicale", reason="Radicale is not installed: pushing was not tried on a real server")
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
    port = free_port()
    (folder / "config").write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n"
        f"[auth]\ntype = htpasswd\nhtpasswd_filename = {folder / 'users'}\nhtpasswd_encryption = plain\ndelay = 0\n"
        f"[storage]\nfilesystem_folder = {folder / 'collections'}\n[logging]\nlevel = error\n",
        encoding="utf-8",
    )
    origin = f"http://127.0.0.1:{port}"
    with (folder / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "radicale", "--config", str(folder / "config")], stdout=log, stderr=log
        )
        try:
            _wait_for(origin, process)
            server = Server(origin, f"{origin}/{USER}/plan/")
            made = server.ask("MKCALENDAR", content=_MAKE)
            assert made.status_code == 201, made.text
            yield server
        finally:
            process.terminate()
            process.wait(timeout=120)


def _wait_for(origin: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        assert process.poll() is None, "Radicale ended at once"
        try:
            httpx.get(origin, timeout=2)
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("Radicale did not answer in time")
