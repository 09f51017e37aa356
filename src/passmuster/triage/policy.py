"""What a policy is: points, a complete table over them, deadlines, and what starts the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from passmuster.model.decision import Action
from passmuster.triage.spelling import plain_word, yes_or_no


@dataclass(frozen=True)
class VectorRule:
    """A value read from a CVSS vector of one of `versions` whose metrics all have one of the values in `when`."""

    versions: tuple[str, ...]
    value: str
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class WhenUnknown:
    """What to do about a point nobody knows: take a value, read a vector (the first rule that fits), or ask."""

    assume: str | None = None
    because: str = ""
    estimate: tuple[VectorRule, ...] = ()


@dataclass(frozen=True)
class Point:
    """A decision point; `reads` names what it is looked up from in advisories and snapshots."""

    name: str
    values: tuple[str, ...]
    unknown: WhenUnknown
    reads: str
    title: str = ""
    also_called: tuple[str, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)

    def value_of(self, text: str) -> str | None:
        """The value meant by `text`; None if it is none of this point's."""
        word = plain_word(text)
        for candidate in (word, self.spellings.get(word), yes_or_no(word)):
            if candidate in self.values:
                return candidate
        return None


@dataclass(frozen=True)
class Deadline:
    """How long an outcome leaves: one of hours, calendar days or months; all None: no deadline.

    `catalogue_date`: the date that the catalogue of exploited vulnerabilities sets counts `instead`, or `at_latest`.
    """

    hours: int | None = None
    days: int | None = None
    months: int | None = None
    catalogue_date: str = ""


@dataclass(frozen=True)
class PolicyOutcome:
    """One verdict of a policy; `says` completes "the policy says: ..."."""

    name: str
    deadline: Deadline
    action: Action
    says: str
    forensics_first: bool = False
    also_called: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClockRule:
    """Which of several events starts the clock; `waits_for_fix`: never before a fix can be had."""

    takes: str
    of: tuple[str, ...]
    waits_for_fix: bool
    because: str


@dataclass(frozen=True)
class Source:
    """Where the facts of a policy are from, and when they were read."""

    title: str
    read_on: date
    url: str = ""


@dataclass(frozen=True)
class Policy:
    """A versioned policy; `table` maps every combination of values, in the order of `points`, to an outcome's name.

    `outcomes` stand worst first. It applied from `valid_from` until before `valid_until`.
    """

    id: str
    version: str
    title: str
    source: Source
    valid_from: date
    points: tuple[Point, ...]
    outcomes: Mapping[str, PolicyOutcome]
    clock: ClockRule
    table: Mapping[tuple[str, ...], str]
    valid_until: date | None = None
    binding_from: date | None = None
    counts_weekends: bool = True
    description: str = ""

    def applied_on(self, day: date) -> bool:
        """Whether the policy was in force on that day."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)

    def point(self, text: str) -> Point | None:
        """The point called `text` in any accepted spelling."""
        word = plain_word(text)
        return next((point for point in self.points if word in (point.name, *point.also_called)), None)

    def rank(self, outcome: str) -> int:
        """The outcome's place, 0 for the worst; after all others for what is none of its own."""
        names = list(self.outcomes)
        return names.index(outcome) if outcome in names else len(names)
