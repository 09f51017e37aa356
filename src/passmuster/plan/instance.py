"""A problem as numbers: for every job the windows it may take, what each costs, and which limits it draws on.

Jobs are numbered so that predecessors come first, by depth. Instants are microseconds since 1970 (UTC). An option is
one window a job may take; it draws the job's minutes from two limits: the window's, and the owner's in that ISO week.
Limit 0 is endless.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

DAY_US = 86_400_000_000
NONE = -1
ENDLESS = 2**60


@dataclass(frozen=True)
class Link:
    """A job must start from `least_us` to `most_us` after the end of the job numbered `before`."""

    before: int
    least_us: int
    most_us: int


@dataclass(frozen=True)
class Instance:
    """What the solvers see. Options of job i are numbered `first_option[i]` to `first_option[i + 1]`, by start."""

    job_ids: tuple[str, ...]
    minutes: Ints
    depth: Ints
    groups: tuple[tuple[str, ...], ...]
    """By job: the names under which it competes with others (its owner, its environment)."""
    before: tuple[tuple[Link, ...], ...]
    after: tuple[tuple[int, ...], ...]
    first_option: Ints
    option_job: Ints
    window: Ints
    """By option: the number of its window in the problem; NONE for the vendor's own span."""
    start: Ints
    end: Ints
    cost: Floats
    """By option, in the unit of the plan's cost, without `window_cost`."""
    window_limit: Ints
    owner_limit: Ints
    capacity: Ints
    """By limit: minutes."""
    unplaced_cost: Floats
    due: Ints
    is_vendor: npt.NDArray[np.bool_]
    """By job: the vendor does not ask, so it is in wherever its predecessors let it."""
    is_forced: npt.NDArray[np.bool_]
    """By job: the vendor's, and no job of ours can keep it out."""
    window_cost: float = 0.0

    @property
    def size(self) -> int:
        """The number of jobs."""
        return len(self.job_ids)

    def options_of(self, job: int) -> range:
        """The numbers of a job's options."""
        return range(int(self.first_option[job]), int(self.first_option[job + 1]))
