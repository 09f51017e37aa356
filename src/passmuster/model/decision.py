"""What is to be done about one advisory and one component, by when, by whom and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

NEEDS_PERSON = "needs_person"
"""The outcome of every policy where a point is not known and nothing lets it be read."""


class Action(StrEnum):
    """What somebody is asked to do."""

    PATCH = "patch"
    TEST_BEFORE = "test_before"
    CONFIGURE = "configure"
    MIGRATE = "migrate"
    HUNT = "hunt"
    OBTAIN_EVIDENCE = "obtain_evidence"
    NONE = "none"


class Basis(StrEnum):
    """How a point came by its value."""

    KNOWN = "known"
    GIVEN = "given"
    ESTIMATED = "estimated"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class PointValue:
    """One decision point with who says so and when; `at` None: the source bears no date."""

    name: str
    value: str
    source: str
    at: datetime | None = None
    basis: Basis = Basis.KNOWN


@dataclass(frozen=True)
class Times:
    """The six times of one advisory and one component; None where nobody knows, or it has not happened."""

    disclosed_at: datetime | None = None
    vendor_fixed_at: datetime | None = None
    learned_at: datetime | None = None
    available_at: datetime | None = None
    """When we could have had the fix: in our hands to install, or offered by the vendor to our tenant."""
    enforced_at: datetime | None = None
    """When the vendor puts it in force whether we like it or not."""
    verified_at: datetime | None = None
    """When a snapshot of our production first showed the fix."""


@dataclass(frozen=True)
class Clock:
    """One of the two clocks: who is timed, from what, to what, and how long was promised."""

    started_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None
    reason: str = ""

    def is_late(self, now: datetime) -> bool:
        """Whether it ended, or still runs, past what was promised."""
        return self.due_at is not None and (self.ended_at or now) > self.due_at


@dataclass(frozen=True)
class Touch:
    """A thing of the snapshot that a notice or advisory concerns: an app, a step, a connection, an add-on."""

    kind: str
    id: str
    name: str = ""
    app: str = ""


@dataclass(frozen=True)
class Decision:
    """The verdict of one policy. `reason` is a sentence for a manager; `steps` come in order.

    Of an outcome `needs_person`, `if_affected` is what the policy would say were the doubt to go against us.
    """

    advisory: str
    component: str
    policy: str
    policy_version: str
    points: tuple[PointValue, ...]
    outcome: str
    action: Action
    reason: str
    environment: str = ""
    component_id: str = ""
    version: str = ""
    purl: str = ""
    title: str = ""
    aliases: tuple[str, ...] = ()
    verdict: str = ""
    fixed_versions: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    clock_started_at: datetime | None = None
    clock_reason: str = ""
    due_at: datetime | None = None
    who_patches: str | None = None
    times: Times = field(default_factory=Times)
    vendor_clock: Clock = field(default_factory=Clock)
    our_clock: Clock = field(default_factory=Clock)
    touches: tuple[Touch, ...] = ()
    epss: float | None = None
    score: float | None = None
    severity: str = ""
    if_affected: str = ""
    vendor_from: datetime | None = None
    """The first moment at which the vendor may put the change in force here, where its notice tells a span."""
    rank: int = 0
    """The place in its policy of the outcome that sets the deadline, 0 for the worst."""

    def placed(self, component_id: str, environment: str) -> Decision:
        """The same decision of a like component somewhere else; all that is in it is shared."""
        other = object.__new__(Decision)
        other.__dict__.update(self.__dict__, component_id=component_id, environment=environment)
        return other

    @property
    def values(self) -> Mapping[str, str]:
        """Point names to values."""
        return {point.name: point.value for point in self.points}

    @property
    def assumed(self) -> tuple[str, ...]:
        """The points nobody knows that were taken for the value the policy states."""
        return tuple(point.name for point in self.points if point.basis is Basis.ASSUMED)

    @property
    def estimated(self) -> tuple[str, ...]:
        """The points read from a CVSS vector by the policy's stated rule."""
        return tuple(point.name for point in self.points if point.basis is Basis.ESTIMATED)
