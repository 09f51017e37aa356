"""Real processes for the chaos test, and the harm that is done to them: workers, web servers, the database."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
from django.db import connection

from passmuster.errors import UsageError
from passmuster.records.database import revive_embedded
from tests.free_port import free_port
from tests.keeping import HOME

_PATIENCE_SECONDS = 240.0
_HERE = Path(__file__).parent
Process = subprocess.Popen[bytes]


class Processes:
    """Workers and a web server with the tests' database; whatever is killed is started again, as by systemd."""

    def __init__(self, folder: Path, *, workers: int) -> None:
        self._folder, self._count = folder, workers
        self.port = free_port()
        told = connection.settings_dict
        where = f"host={told['HOST']} port={told['PORT'] or 5432} user={told['USER']} dbname={told['NAME']}"
        secret = f" password={told['PASSWORD']}" if told.get("PASSWORD") else ""
        self._environ = {
            **os.environ,
            "PASSMUSTER_DATABASE_URL": where + secret,
            "PASSMUSTER_BASE_URL": f"http://127.0.0.1:{self.port}",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        self._running = [self._worker() for _ in range(workers)]
        self._paused: list[tuple[Process, float]] = []
        self._web = self._server()

    def _worker(self) -> Process:
        return self._start("chaos_worker.py")

    def _server(self) -> Process:
        return self._start("chaos_web.py", str(self.port))

    def _start(self, script: str, *given: str) -> Process:
        with (self._folder / f"{script}.log").open("ab") as log:
            command = [sys.executable, str(_HERE / script), *given]
            return subprocess.Popen(command, env=self._environ, stdout=log, stderr=log)

    def tend(self) -> None:
        """Wake those whose pause is over, and start the web server again where it ended."""
        self._wake()
        if self._web.poll() is not None:
            # What it forked may still hold the port; then this one ends too, and the next is tried.
            self._web = self._server()

    def kill_worker(self, chance: random.Random) -> None:
        """Kill a worker's process; another takes its place."""
        victim = self._running.pop(chance.randrange(len(self._running)))
        victim.kill()
        victim.wait()
        self._running.append(self._worker())

    def pause_worker(self, chance: random.Random) -> None:
        """Stop a worker for long enough that it is taken for lost."""
        if len(self._running) > 1:
            victim = self._running.pop(chance.randrange(len(self._running)))
            victim.send_signal(signal.SIGSTOP)
            self._paused.append((victim, time.monotonic() + chance.uniform(5, 9)))

    def kill_answering(self, chance: random.Random) -> None:
        """Kill a process that answers requests; its parent starts another."""
        with suppress(psutil.Error):
            children = psutil.Process(self._web.pid).children()
            if children:
                chance.choice(children).kill()

    def kill_web(self) -> None:
        """Kill the web server's main process."""
        self._web.kill()
        self._web.wait()

    def _wake(self, *, all_of_them: bool = False) -> None:
        for paused, until in list(self._paused):
            if all_of_them or time.monotonic() > until:
                paused.send_signal(signal.SIGCONT)
                self._paused.remove((paused, until))
                self._running.append(paused)

    def calm(self) -> None:
        """Nobody is paused any more."""
        self._wake(all_of_them=True)
        self.tend()

    def are_all_alive(self) -> bool:
        """Whether each worker and the web server still run."""
        alive = [each for each in self._running if each.poll() is None]
        return len(alive) == self._count and self._web.poll() is None

    def stop(self) -> set[int]:
        """Stop all as the system would; the workers' exit codes."""
        self._wake(all_of_them=True)
        for each in (*self._running, self._web):
            each.terminate()
        codes = set()
        for each in (*self._running, self._web):
            try:
                code = each.wait(timeout=_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                each.kill()
                code = each.wait()
            if each is not self._web:
                codes.add(code)
        return codes


def cut_connection(chance: random.Random, *, is_hard: bool) -> None:
    """End one connection of another process; hard: kill its server process, after which the database recovers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "ORDER BY pid"
        )
        found = [row[0] for row in cursor.fetchall()]
        if found and not is_hard:
            cursor.execute("SELECT pg_terminate_backend(%s)", [chance.choice(found)])
    if found and is_hard:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(chance.choice(found), signal.SIGKILL)


def fell_database() -> bool:
    """Kill the embedded database's main process and start it again; False where a server was given to the tests."""
    folder = HOME / "postgres"
    connection.close()
    if os.environ.get("PASSMUSTER_TEST_DATABASE_URL"):
        return False
    with suppress(ProcessLookupError):
        os.kill(int((folder / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        time.sleep(0.5)
        with suppress(UsageError):
            return revive_embedded(folder)
    raise AssertionError("the embedded database did not start again")
