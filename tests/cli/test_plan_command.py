"""`passmuster plan` as it is called: one document on standard output, exit codes, Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from benchmarks.planning_problem import problem

from tests.cli.running import PROGRAM, environment, run
from tests.plan.checker import complaints

if sys.platform != "win32":
    import pty


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "problem.json"
    path.write_text(json.dumps(problem(20, load=0.8)), encoding="utf-8")
    return path


def test_json_is_one_document_and_the_same_each_time(small: Path) -> None:
    first, second = (run("plan", small, "--format", "json", "--work", "3", "--seed", "5") for _ in range(2))
    assert first.returncode == 0
    assert first.stdout == second.stdout
    assert not complaints(json.loads(small.read_text(encoding="utf-8")), json.loads(first.stdout))


def test_the_table_says_how_good_the_plan_is(small: Path) -> None:
    told = run("plan", small, "--time-limit", "20")
    assert told.returncode == 0
    assert "proved to be the best possible" in told.stdout.splitlines()[0]
    assert "Not placed" in told.stdout


def test_a_plan_that_is_kept_is_read_back(small: Path, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    before.write_text(run("plan", small, "--format", "json", "--work", "3").stdout, encoding="utf-8")
    again = run("plan", small, "--keep", before, "--format", "json", "--work", "3")
    assert json.loads(again.stdout)["cost"] == pytest.approx(json.loads(before.read_text(encoding="utf-8"))["cost"])


def test_numbers_rise_from_plan_to_kept_plan_without_any_other_memory(small: Path, tmp_path: Path) -> None:
    work, told, before = ("--work", "1"), [], tmp_path / "0.json"
    before.write_text(run("plan", small, "--format", "json", *work).stdout, encoding="utf-8")
    told.append(run("plan", small, "--format", "ics", *work).stdout)
    for number in (1, 2):
        keep = ("--keep", before)
        told.append(run("plan", small, *keep, "--format", "ics", *work).stdout)
        after = tmp_path / f"{number}.json"
        after.write_text(run("plan", small, *keep, "--format", "json", *work).stdout, encoding="utf-8")
        before = after
    assert json.loads(before.read_text(encoding="utf-8"))["revision"] == 2
    numbers = [set(re.findall(r"^SEQUENCE:(\d+)", text, re.MULTILINE)) for text in told]
    assert numbers == [{"0"}, {"1"}, {"2"}]
    uids = [set(re.findall(r"^UID:(.*)", text, re.MULTILINE)) for text in told]
    assert uids[0] == uids[1] == uids[2]


def test_a_second_is_enough_for_a_plan_of_thousands_that_holds(tmp_path: Path) -> None:
    path, large = tmp_path / "problem.json", problem(4_000, load=3.0)
    path.write_text(json.dumps(large), encoding="utf-8")
    told = run("plan", path, "--time-limit", "1", "--format", "json")
    plan = json.loads(told.stdout)
    assert (told.returncode, plan["status"], complaints(large, plan)) == (0, "feasible", [])
    assert plan["gap"] < 0.4


def test_bad_input_is_exit_2_with_file_and_place(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"schema": "passmuster/plan-problem@1", "horizon": {}, "jobs": [{"id": "a"}]}', encoding="utf-8")
    told = run("plan", path, "--format", "json")
    assert (told.returncode, told.stdout) == (2, "")
    assert str(path) in told.stderr
    assert "jobs.0" in told.stderr
    assert "Traceback" not in told.stderr
    assert run("plan", tmp_path / "none.json").returncode == 2
    assert run("plan", path, "--time-limit", "-1").returncode == 2
    assert "'nan' is no number" in run("plan", path, "--work", "nan").stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals are those of POSIX")
def test_ctrl_c_prints_the_best_plan_so_far(tmp_path: Path) -> None:
    path, printed = tmp_path / "large.json", tmp_path / "plan.json"
    document = problem(400, load=1.2)
    path.write_text(json.dumps(document), encoding="utf-8")
    ours, theirs = pty.openpty()
    with printed.open("w", encoding="utf-8") as out:
        started = subprocess.Popen(
            [PROGRAM, "plan", str(path), "--format", "json", "--time-limit", "300"],
            env=environment({"TERM": "xterm", "COLUMNS": "120"}),
            stdout=out,
            stderr=theirs,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        )
    os.close(theirs)
    # Only a search that has found a plan says on the terminal how good it is; how long that takes is the machine's.
    shown = _read(ours, until=b"planning: ")
    started.send_signal(signal.SIGINT)
    shown += _read(ours)
    os.close(ours)
    assert started.wait() == 0, shown
    assert b"best plan found so far" in shown
    found = json.loads(printed.read_text(encoding="utf-8"))
    assert found["status"] == "feasible"
    assert not complaints(document, found)


def _read(terminal: int, *, until: bytes | None = None) -> bytes:
    """What is shown until that is, or to the end."""
    shown = b""
    with suppress(OSError):  # reading fails once nobody writes to the terminal any more
        while (until is None or until not in shown) and (piece := os.read(terminal, 65536)):
            shown += piece
    return shown
