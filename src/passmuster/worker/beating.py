"""A worker's sign of life for all it does, from a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections

from passmuster.application.working.working import keep_seen, note_progress

_LOG = logging.getLogger(__name__)
_SHORTEST_SECONDS = 1.0


class Beat:
    """Says every few seconds that the work held here is being done; a database that is away is asked again."""

    def __init__(self, every_seconds: float = 10.0) -> None:
        self._every = every_seconds
        self._tokens: set[str] = set()
        self._said: dict[str, str] = {}
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._wake = threading.Event()

    @contextmanager
    def holding(self, token: str) -> Iterator[None]:
        """As long as the block runs, the token is kept alive."""
        with self._guard:
            self._tokens.add(token)
        try:
            yield
        finally:
            with self._guard:
                self._tokens.discard(token)
                self._said.pop(token, None)

    def say(self, token: str, text: str) -> None:
        """Have written how far the work of that token is, by this thread's own connection, at most once a second."""
        with self._guard:
            self._said[token] = text
        self._wake.set()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Beat while the block runs."""
        thread = threading.Thread(target=self._run, name="beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._wake.set()
            thread.join(timeout=5)

    def _run(self) -> None:
        # What is said wakes this thread early; what is said in a storm is written once a second.
        while not self._stop.wait(_SHORTEST_SECONDS):
            self._wake.wait(max(self._every - _SHORTEST_SECONDS, 0.0))
            self._wake.clear()
            self._write()
        connections.close_all()

    def _write(self) -> None:
        with self._guard:
            tokens, said = list(self._tokens), dict(self._said)
            self._said.clear()
        try:
            if tokens:
                keep_seen(tokens)
            for token, text in said.items():
                note_progress(token, text)
        except DatabaseError as error:
            _LOG.warning("the database is away: %s", type(error).__name__)
            connections.close_all()
