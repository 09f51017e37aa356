"""How much may still be done: by the clock, or by counted work so that a plan can be made again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What the user allows. Counted `work` makes the plan reproducible; `seconds` caps it all the same."""

    seconds: float | None = None
    work: float | None = None
    workers: int = 1


class Effort:
    """Work done so far against the limits; a unit is about what one core does in a second."""

    def __init__(
        self,
        limits: Limits,
        clock: Callable[[], float],
        is_stopped: Callable[[], bool] = lambda: False,
        *,
        began_at: float | None = None,
    ) -> None:
        """`began_at` is when the clock showed that the user began to wait; now, where it is not told."""
        self.is_counted = limits.work is not None
        self.workers = 1 if self.is_counted else limits.workers
        self._clock = clock
        self._began = clock() if began_at is None else began_at
        self._seconds = limits.seconds
        self._work = limits.work
        self._done = 0.0
        self._is_stopped = is_stopped

    def spend(self, units: float) -> None:
        """Count work that was done."""
        self._done += units

    def reserve(self, seconds: float) -> None:
        """Keep so many seconds of the limit back for what comes after the search."""
        if self._seconds is not None:
            self._seconds -= seconds

    @property
    def seconds_left(self) -> float:
        """Until the cap by the clock."""
        return 1e9 if self._seconds is None else self._seconds - (self._clock() - self._began)

    @property
    def left(self) -> float:
        """Units, or seconds where work is not counted."""
        return self.seconds_left if self._work is None else self._work - self._done

    @property
    def done(self) -> float:
        """Units or seconds so far."""
        return self._done if self.is_counted else self._clock() - self._began

    @property
    def is_stopped(self) -> bool:
        """Whether the user asked for the best plan so far."""
        return self._is_stopped()

    @property
    def is_over(self) -> bool:
        """Whether to answer with what there is."""
        return self.left <= 0 or self.seconds_left <= 0 or self._is_stopped()
