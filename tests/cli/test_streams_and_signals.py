"""Pipes that close, full disks, Ctrl-C, SIGTERM, kill -9: the exit code stays true, nothing is half-written."""

from __future__ import annotations

import json
import resource
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from passmuster.snapshot.read import open_snapshot
from tests.cli.running import EXAMPLES, PROGRAM, SCUBA, environment, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and /dev/full are those of POSIX")


class _Silence(socketserver.BaseRequestHandler):
    """Takes a request and never answers."""

    def handle(self) -> None:
        self.request.recv(4096)
        asked = self.server
        assert isinstance(asked, _Hanging)
        asked.was_asked.set()
        asked.may_end.wait(300)


class _Hanging(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        self.was_asked, self.may_end = threading.Event(), threading.Event()
        super().__init__(("127.0.0.1", 0), _Silence)


@pytest.fixture
def hanging() -> Iterator[_Hanging]:
    """A server that takes every request and answers none."""
    with _Hanging() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.may_end.set()
        server.shutdown()


def _start(*arguments: str | Path, variables: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PROGRAM, *map(str, arguments)],
        env=environment(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heed_signals,  # noqa: PLW1509 - the parent has no other thread here
    )


def _heed_signals() -> None:
    """Whoever started the tests may ignore these (nohup, a job in the background); a child would inherit that."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "stopped"), (signal.SIGHUP, 129, "stopped")],
)
def test_a_collection_that_hangs_ends_at_once_and_leaves_nothing(
    tmp_path: Path, hanging: _Hanging, number: signal.Signals, code: int, words: str
) -> None:
    url = f"http://127.0.0.1:{hanging.server_address[1]}"
    started = _start("review", "node-red", "--url", url, "--out", tmp_path / "out")
    assert hanging.was_asked.wait(120)
    started.send_signal(number)
    output, told = started.communicate(timeout=120)
    assert (started.returncode, output) == (code, "")
    assert f"{words}; nothing half-written was left" in told
    assert "Traceback" not in told
    assert list(tmp_path.iterdir()) == []


def test_kill_leaves_no_snapshot_and_the_next_run_takes_the_place(tmp_path: Path, hanging: _Hanging) -> None:
    url = f"http://127.0.0.1:{hanging.server_address[1]}"
    started = _start("collect", "node-red", "--url", url, "--out", tmp_path / "out")
    assert hanging.was_asked.wait(120)
    started.kill()
    started.communicate(timeout=120)
    assert not (tmp_path / "out").exists()
    done = run("collect", "power-platform", "--from", EXAMPLES / "power-platform", "--out", tmp_path / "out")
    assert done.returncode == 0
    assert open_snapshot(tmp_path / "out").manifest.product == "power_platform"


def _let_work(started: subprocess.Popen[str], seconds: float) -> None:
    """Until it has had so much of the processor: Python itself begins by then, however busy the machine is."""
    while started.poll() is None and sum(psutil.Process(started.pid).cpu_times()[:2]) < seconds:
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("delay_s", [0.5, 1.2])
def test_a_review_stopped_at_any_moment_is_whole_or_not_there(
    tmp_path: Path, number: signal.Signals, delay_s: float
) -> None:
    source = EXAMPLES / "power-platform"
    started = _start("review", "power-platform", "--from", source, *SCUBA, "--out", tmp_path / "out")
    _let_work(started, delay_s)
    started.send_signal(number)
    _, told = started.communicate(timeout=120)
    assert "Traceback" not in told
    if (tmp_path / "out").exists():
        assert open_snapshot(tmp_path / "out" / "snapshot").manifest.product == "power_platform"
        assert json.loads((tmp_path / "out" / "evaluation.json").read_text())["summary"]["of"] == 10
    elif number is not signal.SIGKILL:
        assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the advisories of the example organisation."""
    folder = tmp_path_factory.mktemp("house")
    source = EXAMPLES / "organisation"
    done = run("intel", "import", source / "advisories.yaml", "--store", folder / "intel", "--as-of", "2026-06-12")
    assert done.returncode == 0, done.stderr
    return folder / "intel"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("moment", ["", "problem.json", "patches.html"])
def test_patches_stopped_at_any_moment_are_whole_or_not_there(
    tmp_path: Path, house: Path, number: signal.Signals, moment: str
) -> None:
    source = EXAMPLES / "organisation"
    more = ("--components", source / "components.json", "--calendar", source / "calendar.yaml")
    started = _start("patches", "--store", house, *more, "--as-of", "2026-06-15", "--out", tmp_path / "out")
    until = time.monotonic() + 120
    while started.poll() is None and not list(tmp_path.glob(f".out.*.partial/{moment}")) and time.monotonic() < until:
        time.sleep(0.001)
    started.send_signal(number)
    _, told = started.communicate(timeout=120)
    assert "Traceback" not in told
    if (tmp_path / "out").exists():
        written = {path.name for path in (tmp_path / "out").iterdir()}
        assert written == {"patches.html", "plan.ics", "plan.json", "problem.json", "triage.json"}
        assert json.loads((tmp_path / "out" / "plan.json").read_text())["schema"] == "passmuster/plan@1"
    else:
        assert started.returncode == {signal.SIGINT: 130, signal.SIGKILL: -9}.get(number, 128 + number)
    assert list(tmp_path.glob(".*.partial")) == [] or number is signal.SIGKILL


@pytest.mark.parametrize("form", ["json", "table"])
def test_a_reader_that_goes_away_changes_no_exit_code(office: Path, form: str) -> None:
    arguments = ("evaluate", str(office), *SCUBA, "--format", form, "--fail-on", "high")
    started = _start(*arguments)
    assert started.stdout is not None
    started.stdout.close()
    assert started.stderr is not None
    told = started.stderr.read()
    assert (started.wait(120), told) == (1, "")
    started.stderr.close()


@pytest.mark.parametrize("form", ["json", "table"])
def test_a_full_disk_under_standard_output_is_an_error_that_says_so(office: Path, form: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = run("evaluate", office, *SCUBA, "--format", form, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr == (
        "passmuster: standard output: cannot be written: No space left on device; make room or name another file\n"
    )


def test_messages_that_cannot_be_written_change_no_exit_code(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = run("evaluate", tmp_path / "none", stdout=subprocess.PIPE, stderr=full)
    assert (done.returncode, done.stdout) == (2, "")


def test_a_disk_that_fills_up_half_way_leaves_nothing(tmp_path: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = run(
        "collect",
        "n8n",
        "--from",
        EXAMPLES / "n8n",
        "--out",
        tmp_path / "out",
        preexec_fn=small_files,
    )
    assert done.returncode == 2
    assert done.stderr == f"passmuster: {tmp_path / 'out'}: cannot be written: File too large; nothing was left there\n"
    assert list(tmp_path.iterdir()) == []


def test_names_a_terminal_cannot_spell_do_not_stop_the_report(office: Path) -> None:
    poor = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}
    done = run("evaluate", office, *SCUBA, "--format", "html", variables=poor)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("<!doctype html>")
