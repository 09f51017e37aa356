"""Running an entrant in a process of its own, within limits of time."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.entrant import Entrant, Work

PREPARE_SECONDS = 300.0


@dataclass(frozen=True)
class Limits:
    """How often to run, and how long one run may take."""

    repeats: int
    run_seconds: float


@dataclass(frozen=True)
class Measured:
    """What one entrant did at one scale; without `seconds`, `problem` says why."""

    work: str
    entrant: str
    kind: str
    scale: int
    seconds: tuple[float, ...] = ()
    answer: Any = None
    megabytes: int = 0
    problem: str = ""

    @property
    def median(self) -> float:
        """The median of its runs, in seconds."""
        return statistics.median(self.seconds)


def measure(work: Work, entrant: Entrant, folder: Path, scale: int, limits: Limits) -> Measured:
    """Run an entrant; one that takes too long is killed and the runs it finished count."""
    about = (work.name, entrant.name, entrant.kind, scale)
    if scale > entrant.largest_scale:
        return Measured(*about, problem="not tried: expected not to fit into memory, or to take far more than a minute")
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.child", work.name, entrant.name, folder, str(scale), str(limits.repeats)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
        start_new_session=True,
    )
    runs: list[dict[str, Any]] = []
    problem = ""
    try:
        for line in _lines(child, limits.run_seconds):
            runs += [line] if "seconds" in line else []
    except TimeoutError as error:
        problem = str(error)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if not runs:
        return Measured(*about, problem=problem or f"ended without an answer (exit code {child.returncode})")
    answers = [run["answer"] for run in runs]
    if answers.count(answers[0]) < len(answers):
        raise AssertionError(f"{work.name}: {entrant.name} gave different answers in its runs: {answers}")
    seconds = tuple(run["seconds"] for run in runs)
    return Measured(*about, seconds, answers[0], max(run["megabytes"] for run in runs))


def _lines(child: subprocess.Popen[bytes], run_seconds: float) -> Iterator[dict[str, Any]]:
    """The child's lines; raises TimeoutError where preparing or a run takes too long."""
    if child.stdout is None:
        return
    buffer = b""
    is_running = False
    deadline = time.monotonic() + PREPARE_SECONDS
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([child.stdout], [], [], left)[0]:
            raise TimeoutError("did not finish within a minute" if is_running else "took too long to load")
        chunk = os.read(child.stdout.fileno(), 1 << 16)
        if not chunk:
            return
        *whole, buffer = (buffer + chunk).split(b"\n")
        for text in whole:
            line = json.loads(text)
            is_running = "ready" in line
            deadline = time.monotonic() + (run_seconds if is_running else PREPARE_SECONDS)
            yield line


def check_agreement(measured: list[Measured]) -> None:
    """Raise AssertionError where entrants that did the same work at the same scale answered differently."""
    answers: dict[tuple[str, int], Measured] = {}
    for each in measured:
        if each.seconds and each.kind != "limit":
            first = answers.setdefault((each.work, each.scale), each)
            if first.answer != each.answer:
                raise AssertionError(
                    f"{each.work} at {each.scale}: {first.entrant} says {first.answer}, {each.entrant} {each.answer}"
                )
