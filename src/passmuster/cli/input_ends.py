"""Whether the process that started this one is still there: it holds the other end of our standard input."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

_STANDARD_INPUT = 0
_PIECE = 4096
# What a worker does is given that long by whoever stops it; then it is killed, and another takes it over.
PATIENCE_SECONDS = 75.0


def when_input_ends(do: Callable[[], object]) -> None:
    """Have it called, once, by a thread, when standard input ends; however a process ends, the system closes its pipes.

    The thread holds no lock of Python's own standard input, so that it never holds up the end of this process.
    """

    def wait() -> None:
        _read_to_the_end()
        do()

    threading.Thread(target=wait, name="input", daemon=True).start()


def stop_when_input_ends(patience: float = PATIENCE_SECONDS) -> None:
    """When standard input ends, have this process stop as SIGTERM stops it, and be killed `patience` seconds later."""
    when_input_ends(lambda: _stop(patience))


def _stop(patience: float) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(patience)
    os.kill(os.getpid(), signal.SIGKILL)


def _read_to_the_end() -> None:
    try:
        while os.read(_STANDARD_INPUT, _PIECE):
            pass
    except OSError:
        # It was closed before we came.
        return
