from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from passmuster.records import embedded
from tests.free_port import free_port


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="served-"))
    folder.chmod(0o711)
    yield folder
    embedded._run("pg_ctl", "-m", "immediate", "-D", str(folder / "postgres"), "stop", is_checked=False)
    shutil.rmtree(folder, ignore_errors=True)


def _start(home: Path, *given: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PASSMUSTER_", "DJANGO_"))}
    command = [sys.executable, "-m", "passmuster.cli.main", *given]
    environment = {**kept, "PASSMUSTER_HOME": str(home)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _answer(process: subprocess.Popen[str], port: int) -> object:
    for _ in range(1800):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                return json.loads(answer.read())["ok"]
        except OSError:
            assert process.poll() is None, process.communicate()
            time.sleep(0.1)
    raise AssertionError("it does not answer")


def _worker_of(served: subprocess.Popen[str], other_than: psutil.Process | None = None) -> psutil.Process:
    for _ in range(1200):
        for each in psutil.Process(served.pid).children(recursive=True):
            with suppress(psutil.Error):
                if "worker" in each.cmdline() and each != other_than:
                    return each
        time.sleep(0.1)
    raise AssertionError("no worker runs")


def test_it_says_where_it_answers_refuses_a_taken_port_and_ends_cleanly_with_its_worker_and_database(
    home: Path,
) -> None:
    refused = _start(home, "serve")
    assert "run `passmuster db migrate`" in refused.communicate()[1]
    assert refused.returncode == 2
    assert _start(home, "db", "migrate").wait() == 0
    port = free_port()
    served = _start(home, "serve", "--port", str(port), "--workers", "1", "--with-worker")
    assert _answer(served, port) is True
    second = _start(home, "serve", "--port", str(port))
    assert f"127.0.0.1:{port}: cannot be listened on (Address already in use)" in second.communicate()[1]
    # The second one used the database too and went away; the first one still has it.
    assert _answer(served, port) is True
    first = _worker_of(served)
    first.kill()
    children = psutil.Process(served.pid).children(recursive=True)
    # Another one takes its place.
    second_worker = _worker_of(served, other_than=first)
    children.append(second_worker)
    # Where the process that watches it is killed, it ends too, and leaves its place to another.
    watching = second_worker.parent()
    assert watching is not None
    watching.kill()
    assert psutil.wait_procs([second_worker], timeout=120)[1] == []
    children.append(_worker_of(served))
    served.send_signal(signal.SIGTERM)
    told = served.communicate(timeout=120)[1]
    assert served.returncode == 0, told
    assert f"http://127.0.0.1:{port}" in told
    assert psutil.wait_procs(children, timeout=120)[1] == []
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_killed_at_once_it_starts_again_on_the_same_data(home: Path) -> None:
    assert _start(home, "db", "migrate").wait() == 0
    for _ in range(2):
        port = free_port()
        served = _start(home, "serve", "--port", str(port), "--workers", "1")
        assert _answer(served, port) is True
        postmaster = int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        family = [*psutil.Process(served.pid).children(recursive=True), psutil.Process(served.pid)]
        for each in (psutil.Process(postmaster), *family):
            each.kill()
        served.communicate()
        psutil.wait_procs(family, timeout=120)
    assert _start(home, "db", "check").wait() == 0
