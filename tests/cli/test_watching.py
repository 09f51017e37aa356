"""The process that watches a server's worker."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
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
        assert process.wait(30) == 0


def test_a_server_ends_with_an_error_where_its_worker_refuses_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "_WATCHING", (sys.executable, "-c", f"print({watching.REFUSED!r})"))
    told = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: told.set())
    try:
        with pytest.raises(UsageError, match="the worker does not start with these settings"), beside.worker_beside():
            assert told.wait(10)
    finally:
        signal.signal(signal.SIGTERM, before)
