"""A worker's sign of life for all it does, from a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections

from passmuster.application.working import keep_seen

_LOG = logging.getLogger(__name__)


class Beat:
    """Says every few seconds that the work held here is being done; a database that is away is asked again."""

    def __init__(self, every_seconds: float = 10.0) -> None:
        self._every = every_seconds
        self._tokens: set[str] = set()
        self._guard = threading.Lock()
        self._stop = threading.Event()

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

    @contextmanager
    def running(self) -> Iterator[None]:
        """Beat while the block runs."""
        thread = threading.Thread(target=self._run, name="beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            with self._guard:
                tokens = list(self._tokens)
            if not tokens:
                continue
            try:
                keep_seen(tokens)
            except DatabaseError as error:
                _LOG.warning("the database is away: %s", type(error).__name__)
                connections.close_all()
        connections.close_all()
