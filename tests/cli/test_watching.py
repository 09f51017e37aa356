"""The process that watches a server's worker."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from itertools import accumulate
from pathlib import Path

import pytest

from passmuster.cli import beside, watching
from passmuster.cli.watching import Watch, next_wait
from passmuster.errors import UsageError


def test_the_wait_doubles_up_to_a_minute_and_begins_anew_after_a_worker_that_ran() -> None:
    assert list(accumulate([0.0] * 8, next_wait, initial=0.5))[1:] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert next_wait(60, ran=61) == 1


def test_a_worker_that_dies_is_started_again_and_one_that_refuses_its_settings_is_not(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # The first one dies of a signal, the second says what `passmuster worker` says of wrong settings.
    seen = tmp_path / "seen"
    program = (
        "import os, sys, pathlib; seen = pathlib.Path(sys.argv[1])\n"
        "if seen.exists(): sys.exit(2)\n"
        "seen.touch(); os.kill(os.getpid(), 9)"
    )
    assert not Watch([sys.executable, "-c", program, str(seen)]).keep_running()
    assert "the worker was ended by signal 9; it is started again in 1 s" in capfd.readouterr().err


def test_a_watch_that_is_told_to_stop_ends_its_worker() -> None:
    watch = Watch([sys.executable, "-c", "import time; time.sleep(600)"])
    threading.Timer(0.3, watch.stop).start()
    assert watch.keep_running()


def test_it_ends_when_its_standard_input_does() -> None:
    started = [sys.executable, "-m", "passmuster.cli.watching"]
    # Whatever the worker says meanwhile is not what this is about.
    with subprocess.Popen(started, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(120) == 0


_WORKER = """
import pathlib, signal, sys, time
from passmuster.cli.input_ends import stop_when_input_ends
begun, ended = map(pathlib.Path, sys.argv[1:])
def end(*_given):
    ended.touch()
    sys.exit()
signal.signal(signal.SIGTERM, end)
stop_when_input_ends()
begun.touch()
time.sleep(600)
"""
_WATCHING = (
    "import sys; from passmuster.cli.watching import Watch; Watch([sys.executable, '-c', *sys.argv[1:]]).keep_running()"
)


def _appears(path: Path) -> bool:
    until = time.monotonic() + 120
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.05)
    return path.exists()


def test_a_worker_whose_watch_is_killed_stops_as_it_does_when_it_is_told_to(tmp_path: Path) -> None:
    begun, ended = tmp_path / "begun", tmp_path / "ended"
    with subprocess.Popen([sys.executable, "-c", _WATCHING, _WORKER, begun, ended]) as watching_it:
        assert _appears(begun)
        time.sleep(0.2)
        assert not ended.exists()
        watching_it.kill()
    assert _appears(ended)


def test_a_worker_that_does_not_stop_when_its_watch_is_gone_is_killed() -> None:
    stubborn = (
        "import signal, time; from passmuster.cli.input_ends import stop_when_input_ends\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); stop_when_input_ends(0.2); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", stubborn], stdin=subprocess.PIPE) as worker:
        assert worker.stdin is not None
        worker.stdin.close()
        assert worker.wait(120) == -signal.SIGKILL


def test_a_server_ends_with_an_error_where_its_worker_refuses_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "_WATCHING", (sys.executable, "-c", f"print({watching.REFUSED!r})"))
    told = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: told.set())
    try:
        with pytest.raises(UsageError, match="the worker does not start with these settings"), beside.worker_beside():
            assert told.wait(120)
    finally:
        signal.signal(signal.SIGTERM, before)
