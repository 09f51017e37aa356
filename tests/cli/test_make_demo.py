"""`make demo` takes an earlier demo away, unless that one still runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[2] / "Makefile"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout with an environment that is set up and a command that only says how it was called."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    (tmp_path / "requirements").mkdir()
    for name in ("requirements/dev.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    command = tmp_path / ".venv" / "bin" / "passmuster"
    command.parent.mkdir(parents=True)
    command.write_text('#!/bin/sh\necho "called with $@"\n', encoding="utf-8")
    command.chmod(0o755)
    (tmp_path / ".venv" / ".set-up").touch()
    return tmp_path


def _left_by(folder: Path, process: int) -> Path:
    """What a demo leaves whose database had that process."""
    pid = folder / "demo" / "keeper" / "postgres" / "postmaster.pid"
    pid.parent.mkdir(parents=True)
    pid.write_text(f"{process}\n/somewhere\n", encoding="utf-8")
    return pid


def _make(folder: Path, target: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--file", str(MAKEFILE), target]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False
    )


@pytest.mark.parametrize(("target", "called"), [("demo", "demo --out demo --serve"), ("demo-files", "demo --out demo")])
def test_what_an_ended_demo_left_is_taken_away(folder: Path, target: str, called: str) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    _left_by(folder, int(ended.stdout))
    made = _make(folder, target)
    assert (made.returncode, made.stdout) == (0, f"called with {called}\n"), made.stderr
    assert not (folder / "demo").exists()


@pytest.mark.parametrize("target", ["demo", "demo-files"])
def test_a_demo_that_runs_is_left_alone(folder: Path, target: str) -> None:
    pid = _left_by(folder, os.getpid())
    made = _make(folder, target)
    assert made.returncode != 0
    assert "still runs" in made.stdout
    assert "called" not in made.stdout
    assert pid.is_file()
