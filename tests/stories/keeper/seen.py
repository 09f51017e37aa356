"""What people see, the same by whichever face: words, days, and other people by their names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ReviewSeen:
    """A review. `missing` are the roles that have yet to sign, `moved` the controls that end otherwise than before."""

    platform: str
    because: str
    status: str
    opened_on: date
    due_on: date
    waiting: int
    lines: int
    signatures: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    moved: frozenset[str] = frozenset()
    shortfall: str = ""


@dataclass(frozen=True)
class Line:
    """A line of a checklist. Two lines of one review never have kind and title in common."""

    kind: str
    title: str
    outcome: str
    status: str
    who: str
    answer: str
    last_answer: str
    answered_by: str

    @property
    def name(self) -> tuple[str, str]:
        return (self.kind, self.title)

    @property
    def is_about_control(self) -> bool:
        """A question that is answered with met, not met or not applicable."""
        return self.kind == "question" and self.title[:3].isupper()


@dataclass(frozen=True)
class FindingSeen:
    """A finding in the list."""

    platform: str
    control: str
    resource: str
    severity: str
    status: str
    owner: str
    due_on: date | None

    @property
    def name(self) -> tuple[str, str, str]:
        return (self.platform, self.control, self.resource)


@dataclass(frozen=True)
class FindingInFull:
    """A finding on its own page, with its history (what happened, by whom, why), newest first."""

    status: str
    owner: str
    due_on: date | None
    first_seen_on: date
    age_from: date
    steps: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ExceptionSeen:
    """An exception from a control. `first_granted_on` is also that of the one it renews."""

    control: str
    status: str
    ends_on: date
    reason: str
    owner: str
    asked_by: str
    decided_by: str
    first_granted_on: date | None


@dataclass(frozen=True)
class Dated:
    """An entry of the calendar."""

    on: date
    title: str
