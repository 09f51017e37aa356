"""Running the SQL of packs from outside: in a child process with hard limits, which is killed when it will not end."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from passmuster.evaluate.looking import Looked, rows_of
from passmuster.model.control import SqlLook

Key = tuple[str, int]

START_SECONDS = 60.0
CONTROL_SECONDS = 20.0
_MAX_KILLS = 5
_MAX_LINE_BYTES = 64 * 1024 * 1024


def look_locked(
    connection: duckdb.DuckDBPyConnection,
    looks: Sequence[tuple[Key, SqlLook]],
    values: Mapping[str, Any],
    *,
    control_seconds: float = CONTROL_SECONDS,
) -> dict[Key, Looked | str]:
    """Take every look in the locked child; a text says why one was refused, broke, or was stopped."""
    with tempfile.TemporaryDirectory(prefix="passmuster-") as scratch:
        database = Path(scratch) / "tables.duckdb"
        _hand_over(connection, database)
        waiting = list(looks)
        found: dict[Key, Looked | str] = {}
        kills = 0
        while waiting and kills < _MAX_KILLS:
            answers = _run_child(database, waiting, values, control_seconds)
            for key, answer in answers:
                found[key] = answer
            waiting = waiting[len(answers) :]
            kills += 1 if waiting else 0
        found |= {key: "not run: the pack was stopped too often" for key, _ in waiting}
    return found


def _hand_over(connection: duckdb.DuckDBPyConnection, database: Path) -> None:
    """Copy the loaded tables into a file the child opens read-only."""
    quoted = str(database).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS handed_over")
    names = connection.execute(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_catalog = 'memory' AND table_schema = 'main' AND table_name NOT LIKE '\\_%' ESCAPE '\\'"
    ).fetchall()
    for (name,) in names:
        connection.execute(f'CREATE TABLE handed_over."{name}" AS SELECT * FROM memory.main."{name}"')  # noqa: S608 - ours
    connection.execute("DETACH handed_over")


def _run_child(
    database: Path, looks: Sequence[tuple[Key, SqlLook]], values: Mapping[str, Any], control_seconds: float
) -> list[tuple[Key, Looked | str]]:
    """Answers of one child, in order; the last one tells why it was stopped, if it was."""
    jobs = json.dumps({"database": str(database), "values": _plain(values), "jobs": [_job(look) for _, look in looks]})
    child = subprocess.Popen(
        [sys.executable, "-I", "-m", "passmuster.evaluate.locked_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=database.parent,
        env={"PATH": os.defpath, "HOME": str(database.parent), "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    try:
        _send(child, jobs)
        return _receive(child, [key for key, _ in looks], control_seconds)
    finally:
        _kill(child)


def _send(child: subprocess.Popen[bytes], jobs: str) -> None:
    if child.stdin is None:
        return
    try:
        child.stdin.write(jobs.encode())
        child.stdin.close()
    except BrokenPipeError:
        return


def _receive(
    child: subprocess.Popen[bytes], keys: Sequence[Key], control_seconds: float
) -> list[tuple[Key, Looked | str]]:
    answers: list[tuple[Key, Looked | str]] = []
    lines = _Lines(child)
    if lines.next(START_SECONDS) is None:
        return [(keys[0], "stopped: the locked process did not start")]
    for key in keys:
        line = lines.next(control_seconds)
        if line is None:
            answers.append((key, lines.why or "stopped"))
            break
        answers.append((key, _answer(line)))
    return answers


class _Lines:
    """Lines of the child's output, each within a deadline and a size."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self.why = ""
        self._buffer = b""
        self._stream = child.stdout
        self._selector = selectors.DefaultSelector()
        if self._stream is not None:
            os.set_blocking(self._stream.fileno(), False)
            self._selector.register(self._stream, selectors.EVENT_READ)

    def next(self, seconds: float) -> bytes | None:
        deadline = time.monotonic() + seconds
        while b"\n" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not self._selector.select(left):
                self.why = f"stopped: it ran longer than {seconds:g} s"
                return None
            chunk = self._stream.read(1 << 20) if self._stream else b""
            if not chunk:
                self.why = "stopped: it used more memory or processor time than a control may, or crashed"
                return None
            self._buffer += chunk
            if len(self._buffer) > _MAX_LINE_BYTES:
                self.why = "stopped: it returned more than a control may"
                return None
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line


def _kill(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                continue


def _job(look: SqlLook) -> dict[str, Any]:
    return {
        "needs": list(look.needs),
        "population": look.population,
        "violations": look.violations,
        "must_know": list(look.must_know),
        "must_decide": list(look.must_decide),
    }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _answer(line: bytes) -> Looked | str:
    """What the child said. Its words come from outside too: anything odd is an error text."""
    try:
        document = json.loads(line)
        if "error" in document:
            return str(document["error"])[:500]
        return Looked(
            population=int(document["population"]),
            violations=rows_of((str(a), str(b), str(c), str(d)) for a, b, c, d in document["violations"]),
            unknown=int(document["unknown"]),
            undecided=int(document["undecided"]),
            unknown_columns={str(name): int(count) for name, count in document["unknown_columns"].items()},
            undecided_columns={str(name): int(count) for name, count in document["undecided_columns"].items()},
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return "stopped: the locked process answered with something unreadable"
