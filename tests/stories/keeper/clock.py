"""A clock that runs ahead or behind, so that a story passes quarters in seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from django.utils import timezone

_REAL_TIME = time.time


class Clock:
    """Goes on as real time does, from wherever it was set; never back."""

    def __init__(self, start: datetime) -> None:
        self._ahead = start - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def seconds(self) -> float:
        """The same as seconds since 1970, for what asks in these."""
        return _REAL_TIME() + self._ahead.total_seconds()

    def go_to(self, moment: datetime) -> None:
        if moment < self.now():
            raise ValueError(f"{moment} has passed")
        self._ahead = moment - datetime.now(UTC)

    def go_on(self, **span: float) -> None:
        """`days=`, `hours=`, `minutes=`."""
        self.go_to(self.now() + timedelta(**span))

    @contextmanager
    def running(self) -> Iterator[Clock]:
        """This process, with the server's threads in it, lives by the clock: both places that the pages, the sessions
        and the codes of the second factor ask for the time."""
        with patch.object(timezone, "now", self.now), patch.object(time, "time", self.seconds):
            yield self
