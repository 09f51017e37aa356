"""A port for a server that a test starts a moment later."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Sequence
from contextlib import ExitStack, suppress

# Whoever asks the system for any port, or calls a server, is given one of 32768 and up: what is free there now may
# be taken before the server that is being started listens on it.
_LOWEST, _BEYOND = 10_000, 32_000


def free_port(*, beside: Sequence[int] = ()) -> int:
    """A port on loopback that is free, as are those `beside` it, so far off; the system gives it to nobody."""
    while True:
        port = _LOWEST + secrets.randbelow(_BEYOND - _LOWEST - max(beside, default=0))
        with suppress(OSError), ExitStack() as stack:
            for away in (0, *beside):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port + away))
            return port
