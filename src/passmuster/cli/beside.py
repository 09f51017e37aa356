"""A worker beside a server: it is there as long as the server is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from passmuster.cli.input_ends import PATIENCE_SECONDS
from passmuster.cli.watching import REFUSED
from passmuster.errors import UsageError

_WATCHING = (sys.executable, "-m", "passmuster.cli.watching")
_PAUSE_SECONDS = 1.0


@contextmanager
def worker_beside() -> Iterator[None]:
    """A worker that is started again whenever it ends, while the block runs.

    Where its settings are wrong this process is told to end, and UsageError is raised when it does.
    """
    owner, beside = os.getpid(), _Beside()
    beside.start()
    try:
        yield
    finally:
        # The processes that were forked meanwhile come by here too.
        if os.getpid() == owner:
            beside.end()
            if beside.is_refused:
                raise UsageError("the worker does not start with these settings; what is wrong stands above")


class _Beside:
    """The process that watches the worker, and a thread that hears what it says."""

    def __init__(self) -> None:
        self.is_refused = False
        self._is_ending = False
        self._guard = threading.Lock()
        self._watching = _start_watching()

    def start(self) -> None:
        threading.Thread(target=self._listen, name="worker", daemon=True).start()

    def _listen(self) -> None:
        while True:
            stream = self._watching.stdout
            said = stream.read() if stream is not None else b""
            if self._is_ending:
                return
            if REFUSED.encode() in said:
                self.is_refused = True
                os.kill(os.getpid(), signal.SIGTERM)
                return
            # It ended without a word: somebody killed it.
            time.sleep(_PAUSE_SECONDS)
            with self._guard:
                if self._is_ending:
                    return
                self._watching = _start_watching()

    def end(self) -> None:
        """Have the worker end, and wait for it."""
        with self._guard:
            self._is_ending = True
            watching = self._watching
        with suppress(OSError):
            if watching.stdin is not None:
                watching.stdin.close()
        watching.terminate()
        try:
            watching.wait(PATIENCE_SECONDS + 5)
        except subprocess.TimeoutExpired:
            watching.kill()


def _start_watching() -> subprocess.Popen[bytes]:
    return subprocess.Popen(_WATCHING, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own
