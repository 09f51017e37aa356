"""Standard output that keeps the exit code true: a reader that goes away is no fault, a disk that is full is told."""

from __future__ import annotations

import io
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from passmuster.errors import OutputRefused


class Stopped(BaseException):
    """The process was asked to end (SIGTERM, SIGHUP); raised so that what is half-written is taken away first."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


class _Pipe(io.FileIO):
    """A file descriptor whose reader may go away: what follows goes nowhere, and the work goes on to its end."""

    is_dispensable = False
    """Whether losing what is written is no reason to stop: messages, not results."""

    def write(self, data: Any) -> int:
        """As many bytes as were taken; raises OutputRefused where they cannot be kept."""
        try:
            return super().write(data)
        except BrokenPipeError:
            self._lead_nowhere()
            return len(memoryview(data))
        except OSError as error:
            # What is still held back would fail once more when the process ends.
            self._lead_nowhere()
            if self.is_dispensable:
                return len(memoryview(data))
            raise OutputRefused(
                f"standard output: cannot be written: {error.strerror}; make room or name another file"
            ) from None

    def _lead_nowhere(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def guard_streams() -> None:
    """Put patient streams in place of those that are no terminal; make SIGTERM and SIGHUP clean up."""
    sys.stdout = _guarded(sys.stdout)
    sys.stderr = _guarded(sys.stderr, is_dispensable=True)
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # One that the caller chose to ignore (nohup) stays ignored.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)


def _guarded(stream: Any, *, is_dispensable: bool = False) -> Any:
    if stream is None:
        # Nobody listens (`>&-`); a text stream that leads nowhere keeps every writer working.
        return Path(os.devnull).open("w", encoding="utf-8")
    if stream.isatty():
        return stream
    pipe = _Pipe(stream.fileno(), "w", closefd=False)
    pipe.is_dispensable = is_dispensable
    # The documents are UTF-8 whatever the terminal speaks; a name it cannot spell must not stop them.
    return io.TextIOWrapper(
        io.BufferedWriter(pipe), encoding="utf-8", errors="backslashreplace", line_buffering=is_dispensable
    )


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)
