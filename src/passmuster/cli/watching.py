"""The process between a server and its worker: starts the worker again whenever it ends, and ends with the server.

It is a process of its own because the server takes in the end of every child it has: a thread of the server would not
learn how its worker ended.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import click

from passmuster.cli.input_ends import PATIENCE_SECONDS, when_input_ends

# What it says on its standard output, once, before it ends.
REFUSED = "refused"
_SETTINGS_WRONG = 2
_FIRST_WAIT, _LONGEST_WAIT, _LONG_ENOUGH = 1.0, 60.0, 60.0
_STEP = 0.2
_WORKER = (sys.executable, "-m", "passmuster.cli.main", "worker", "--until-input-ends")


def next_wait(wait: float, ran: float) -> float:
    """Seconds until the next start: doubled each time, up to a minute; one that ran for a minute begins anew."""
    return _FIRST_WAIT if ran >= _LONG_ENOUGH else min(wait * 2, _LONGEST_WAIT)


class Watch:
    """Keeps one worker running until it is told to stop."""

    def __init__(self, command: Sequence[str] = _WORKER) -> None:
        self._command = list(command)
        self._is_stopping = False

    def stop(self, *_signal: object) -> None:
        """Have the worker end what it does, and then end."""
        self._is_stopping = True

    def keep_running(self) -> bool:
        """Run the worker, again and again; False where its settings are wrong, so that starting it again is no use."""
        wait = _FIRST_WAIT / 2
        while not self._is_stopping:
            began = time.monotonic()
            code = self._run()
            if self._is_stopping:
                break
            if code == _SETTINGS_WRONG:
                return False
            wait = next_wait(wait, time.monotonic() - began)
            how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
            _say(f"the worker {how}; it is started again in {wait:.0f} s")
            self._pause(wait)
        return True

    def _run(self) -> int:
        # What is said on our standard output is for the server alone. Nothing is ever written to the pipe: it ends
        # when this process does, though it be killed, and then so does the worker.
        with subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=sys.stderr) as worker:  # noqa: S603 - our own
            while worker.poll() is None and not self._is_stopping:
                time.sleep(_STEP)
            worker.terminate()
            try:
                return worker.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                worker.kill()
                return worker.wait()

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._is_stopping:
            time.sleep(_STEP)


def _say(text: str) -> None:
    click.echo(f"passmuster: {text}", err=True)


def main() -> int:
    """Watch a worker until a signal comes or standard input ends, as it does when the server is gone."""
    watch = Watch()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, watch.stop)
    when_input_ends(watch.stop)
    if not watch.keep_running():
        click.echo(REFUSED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
