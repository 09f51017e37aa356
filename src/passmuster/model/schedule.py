"""A patch plan's problem and its answer, as `passmuster/plan-problem@1` and `passmuster/plan@1` state them.

Times are aware and UTC; intervals are half-open; durations carry their unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class JobMode(StrEnum):
    """Who acts: we in a window of ours, or the vendor at a fixed time or somewhere in a span."""

    OURS = "ours"
    VENDOR_FIXED = "vendor_fixed"
    VENDOR_RANGE = "vendor_range"


class Binds(StrEnum):
    """Whose changes a freeze forbids."""

    OURS = "ours"
    VENDOR = "vendor"
    BOTH = "both"


class PlanStatus(StrEnum):
    """What is proved of a plan."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"


class UnplacedCode(StrEnum):
    """Which constraint keeps a job out."""

    NO_WINDOW = "no_window"
    NO_CAPACITY = "no_capacity"
    FREEZE = "freeze"
    PREDECESSOR = "predecessor"
    BEYOND_HORIZON = "beyond_horizon"


@dataclass(frozen=True)
class Span:
    """From `start` to just before `end`."""

    start: datetime
    end: datetime

    def overlaps(self, other: Span) -> bool:
        """Whether the two share an instant."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Owner:
    """People with limited time: minutes an ISO week (UTC)."""

    id: str
    minutes_per_week: int


@dataclass(frozen=True)
class Window:
    """When an environment may be changed; `minutes` of work fit into it; `timezone` is how its people read clocks."""

    id: str
    environment: str
    span: Span
    minutes: int
    timezone: str = "UTC"


@dataclass(frozen=True)
class RecurringWindow:
    """Windows by RFC 5545: `starts` is local to `timezone` and without a zone; `minutes` is elapsed time."""

    id: str
    environment: str
    rrule: str
    starts: datetime
    timezone: str
    minutes: int


@dataclass(frozen=True)
class Freeze:
    """When nothing may change; no environments named: all of them."""

    environments: tuple[str, ...]
    span: Span
    binds: Binds = Binds.OURS
    name: str = ""


@dataclass(frozen=True)
class After:
    """A predecessor: at least `hours` from the end of its window, at most `within_hours` where given."""

    job: str
    hours: float = 0.0
    within_hours: float | None = None


@dataclass(frozen=True)
class Job:
    """One patch in one environment. Of the vendor's jobs `vendor` is the span in which it acts."""

    id: str
    environment: str
    minutes: int
    available_at: datetime
    weight: float
    patch: str = ""
    owner: str | None = None
    due_at: datetime | None = None
    after: tuple[After, ...] = ()
    must_end_by: datetime | None = None
    mode: JobMode = JobMode.OURS
    vendor: Span | None = None


@dataclass(frozen=True)
class Problem:
    """What to plan, with every recurring window already expanded into `windows`."""

    horizon: Span
    jobs: tuple[Job, ...]
    windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    owners: tuple[Owner, ...] = ()
    late_factor: float = 0.0
    window_cost: float = 0.0
    move_cost: float = 0.0


@dataclass(frozen=True)
class Placement:
    """A job that is placed; the vendor's jobs have no window."""

    job: str
    window: str | None
    completed_at: datetime
    late_days: float


class ChangeKind(StrEnum):
    """What could be changed about a problem so that a job fits."""

    WINDOW = "window"
    WINDOW_MINUTES = "window_minutes"
    OWNER_MINUTES = "owner_minutes"
    FREEZE = "freeze"
    HORIZON = "horizon"
    PREDECESSOR = "predecessor"


@dataclass(frozen=True)
class Change:
    """One change: a window to add, minutes to add to a window or to an owner's week, a freeze to lift, ...

    `about` names the environment of a new window, else the window, owner, freeze or job that changes.
    """

    kind: ChangeKind
    about: str
    minutes: int = 0
    span: Span | None = None


@dataclass(frozen=True)
class Unplaced:
    """A job without a window, what keeps it out, and the smallest change that would let it in."""

    job: str
    code: UnplacedCode
    reason: str
    would_help: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Late:
    """A job placed after it is due, which constraint binds, and the smallest change that would make it timely."""

    job: str
    code: UnplacedCode
    reason: str
    would_help: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Conflict:
    """What the vendor's job collides with: a freeze, or a change of ours."""

    job: str
    with_kind: str
    with_id: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """The answer. `gap` = (cost - lower_bound) / max(cost, 1e-9)."""

    status: PlanStatus
    cost: float
    lower_bound: float
    placements: tuple[Placement, ...]
    unplaced: tuple[Unplaced, ...] = ()
    late: tuple[Late, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    revision: int | None = 0
    """How often plans before it were kept to; None where the plan it keeps to does not tell."""

    @property
    def gap(self) -> float:
        """How far the cost may be above the best possible, as a share of it."""
        return (self.cost - self.lower_bound) / max(self.cost, 1e-9)
