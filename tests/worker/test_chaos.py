"""Workers are killed and paused, and the database's connections cut, while work is done: nothing lost, nothing twice.

`PASSMUSTER_CHAOS_SECONDS` makes it rage longer; `PASSMUSTER_CHAOS_SEED` repeats a run's choices.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from passmuster.application.acting import event_fields
from passmuster.application.working import ask_for
from passmuster.errors import UsageError
from passmuster.model.chain import START, event_digest
from passmuster.model.keeping import WorkState
from passmuster.records.database import revive_embedded
from passmuster.records.models import AuditEvent, Work
from tests.keeping import HOME

_SECONDS = float(os.environ.get("PASSMUSTER_CHAOS_SECONDS", "20"))
_CALM_SECONDS = 120.0
_STEPS = 5
_WORKERS = 3
_HARM = (*["pause"] * 5, *["kill"] * 2, *["cut"] * 2, "crash")


class _Workers:
    """The worker processes, and what is done to them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        told = connection.settings_dict
        where = f"host={told['HOST']} port={told['PORT'] or 5432} user={told['USER']} dbname={told['NAME']}"
        secret = f" password={told['PASSWORD']}" if told.get("PASSWORD") else ""
        self._environ = {
            **os.environ,
            "PASSMUSTER_DATABASE_URL": where + secret,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        self._running: list[subprocess.Popen[bytes]] = []
        self._paused: list[tuple[subprocess.Popen[bytes], float]] = []
        self.done: Counter[str] = Counter()

    def start(self) -> None:
        with (self._folder / "workers.log").open("ab") as log:
            command = [sys.executable, str(Path(__file__).with_name("chaos_worker.py"))]
            self._running.append(subprocess.Popen(command, env=self._environ, stdout=log, stderr=log))

    def kill(self, chance: random.Random) -> None:
        victim = self._running.pop(chance.randrange(len(self._running)))
        victim.kill()
        victim.wait()
        self.start()

    def pause(self, chance: random.Random) -> None:
        if len(self._running) > 1:
            victim = self._running.pop(chance.randrange(len(self._running)))
            victim.send_signal(signal.SIGSTOP)
            self._paused.append((victim, time.monotonic() + chance.uniform(5, 9)))

    def wake(self, *, all_of_them: bool = False) -> None:
        for paused, until in list(self._paused):
            if all_of_them or time.monotonic() > until:
                paused.send_signal(signal.SIGCONT)
                self._paused.remove((paused, until))
                self._running.append(paused)

    def stop(self) -> list[int]:
        self.wake(all_of_them=True)
        for worker in self._running:
            worker.terminate()
        codes = []
        for worker in self._running:
            try:
                codes.append(worker.wait(timeout=30))
            except subprocess.TimeoutExpired:
                worker.kill()
                codes.append(worker.wait())
        return codes

    def count(self) -> int:
        return sum(worker.poll() is None for worker in self._running)


@pytest.fixture
def workers(durable_db: Path, tmp_path: Path) -> Iterator[_Workers]:
    assert durable_db.is_dir()
    started = _Workers(tmp_path)
    for _ in range(_WORKERS):
        started.start()
    _await_workers()
    yield started
    started.stop()


def _await_workers() -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_workers")
            # Each has two lanes.
            if cursor.fetchone()[0] == 2 * _WORKERS:
                return
        time.sleep(0.2)
    pytest.fail("the workers did not start")


def _cut(chance: random.Random, *, hard: bool) -> None:
    """End one connection of a worker; hard: kill its server process, after which the database recovers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "ORDER BY pid"
        )
        found = [row[0] for row in cursor.fetchall()]
        if found and not hard:
            cursor.execute("SELECT pg_terminate_backend(%s)", [chance.choice(found)])
    if found and hard:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(chance.choice(found), signal.SIGKILL)


def _fell() -> bool:
    """Kill the database's own main process and start it again; not where a server was given to the tests."""
    folder = HOME / "postgres"
    connection.close()
    if os.environ.get("PASSMUSTER_TEST_DATABASE_URL"):
        return True
    os.kill(int((folder / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    for _ in range(60):
        time.sleep(0.5)
        with suppress(UsageError):
            return revive_embedded(folder)
    pytest.fail("the embedded database did not start again")


def _ask(number: int) -> None:
    ask_for("steps", key=f"chaos/{number}", title=f"Chaos {number}", now=timezone.now(), arguments={"steps": _STEPS})


def _rage(workers: _Workers, chance: random.Random) -> int:
    """Ask for work and do harm until the time is over; returns how many pieces were asked for."""
    asked, until = 0, time.monotonic() + _SECONDS
    falls_at = time.monotonic() + _SECONDS / 2
    while time.monotonic() < until:
        workers.wake()
        harm = chance.choice(_HARM)
        if time.monotonic() > falls_at and _fell():
            falls_at, harm = float("inf"), "fall"
        workers.done[harm] += 1
        try:
            for _ in range(2):
                _ask(asked)
                asked += 1
            if harm == "kill":
                workers.kill(chance)
            elif harm == "pause":
                workers.pause(chance)
            elif harm in ("cut", "crash"):
                _cut(chance, hard=harm == "crash")
        except DatabaseError:
            # What was asked for in that instant may or may not be there; asking again tells.
            connection.close()
        time.sleep(chance.uniform(0.2, 1.0))
    return asked


def _ask_for_the_rest(asked: int) -> None:
    for _ in range(30):
        try:
            for number in range(asked):
                _ask(number)
            return
        except DatabaseError:
            connection.close()
            time.sleep(1)
    pytest.fail("the database did not come back")


def test_nothing_is_lost_and_nothing_done_twice(workers: _Workers) -> None:
    seed = int(os.environ.get("PASSMUSTER_CHAOS_SEED", str(time.time_ns() % 1_000_000)))
    asked = _rage(workers, random.Random(seed))
    workers.wake(all_of_them=True)
    _ask_for_the_rest(asked)
    until = time.monotonic() + _CALM_SECONDS
    undone = Work.objects.exclude(state=WorkState.DONE)
    while undone.exists() and time.monotonic() < until:
        time.sleep(0.5)
    told = f"seed {seed}, {dict(workers.done)}, {asked} asked, attempts {Counter(Work.objects.values_list('attempts'))}"
    print(told)
    assert list(undone.values_list("key", "state", "attempts", "error")) == [], told
    assert Work.objects.count() == asked
    written = Counter(AuditEvent.objects.filter(subject_kind="step").values_list("subject_id", flat=True))
    assert written == Counter(f"chaos/{number}/{step}" for number in range(asked) for step in range(_STEPS)), told
    previous = START
    for number, event in enumerate(AuditEvent.objects.order_by("number"), start=1):
        assert (event.number, event.previous_digest) == (number, previous)
        assert event.digest == event_digest(event_fields(event))
        previous = event.digest
    assert workers.count() == _WORKERS
    assert set(workers.stop()) == {0}
