"""Instants as whole microseconds, and what a completion costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from passmuster.model.schedule import Job

DAY_US = 86_400_000_000
WEEK_US = 7 * DAY_US
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
# 1970 began on a Thursday; ISO weeks begin on Monday.
_MONDAY_US = 4 * DAY_US


def to_us(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    return (instant - _EPOCH) // _US


def from_us(instant: int) -> datetime:
    """The aware instant (UTC)."""
    return _EPOCH + instant * _US


def hours_to_us(hours: float) -> int:
    """Whole microseconds, rounded as `timedelta` rounds."""
    return timedelta(hours=hours) // _US


def week_of(instant: int) -> int:
    """The number of the ISO week (UTC), counted from the first Monday of 1970."""
    return (instant - _MONDAY_US) // WEEK_US


def week_name(week: int) -> str:
    """Such a week as `2026-W49`."""
    year, number, _ = from_us(_MONDAY_US + week * WEEK_US).isocalendar()
    return f"{year}-W{number:02d}"


def late_days(job: Job, completed: int) -> float:
    """Days from when the job is due to when it is completed; 0 where it is timely or never due."""
    return max(0, completed - to_us(job.due_at)) / DAY_US if job.due_at else 0.0


def job_cost(job: Job, completed: int, late_factor: float) -> float:
    """What the contract charges for a job completed then."""
    waiting = max(0, completed - to_us(job.available_at)) / DAY_US
    return job.weight * (waiting + late_factor * late_days(job, completed))


def job_costs(job: Job, completed: npt.NDArray[np.int64], late_factor: float) -> npt.NDArray[np.float64]:
    """`job_cost` for many instants, to the last bit."""
    days: npt.NDArray[np.float64] = np.maximum(completed - to_us(job.available_at), 0) / DAY_US
    if job.due_at:
        days = days + late_factor * (np.maximum(completed - to_us(job.due_at), 0) / DAY_US)
    return job.weight * days
