"""What evaluating a snapshot yields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from passmuster.model.words import CollectionStatus, Outcome, Responsibility, Severity


@dataclass(frozen=True)
class Violation:
    """One resource that breaks one control. `fingerprint` is the same in every run for the same resource."""

    id: str
    name: str
    detail: str
    severity: Severity
    fingerprint: str
    excepted_until: datetime | None = None
    excepted_by: str = ""

    @property
    def is_excepted(self) -> bool:
        """Whether an approved, unexpired exception covers it; it is a violation all the same."""
        return self.excepted_until is not None


@dataclass(frozen=True)
class Columns:
    """Some violations column by column, all of one length: a million make no million objects."""

    ids: Sequence[str]
    names: Sequence[str]
    details: Sequence[str]
    severities: Sequence[Severity]
    fingerprints: Sequence[str]
    excepted_until: Sequence[datetime | None]
    excepted_by: Sequence[str]

    def rows(self) -> Iterator[tuple[str, str, str, Severity, str, datetime | None, str]]:
        """The same row by row, each as the fields of a `Violation`."""
        texts = (self.ids, self.names, self.details, self.severities, self.fingerprints)
        return zip(*texts, self.excepted_until, self.excepted_by, strict=True)


@runtime_checkable
class Columnar(Protocol):
    """Violations that are columns already."""

    def in_columns(self) -> Iterator[Columns]:
        """All, some thousands at a time."""


@dataclass(frozen=True)
class Unlock:
    """A permission, login, export or register that would let more controls be answered."""

    action: str
    controls: tuple[str, ...]


@dataclass(frozen=True)
class ControlResult:
    """The verdict of one control on one snapshot.

    `violation_count` is the true number; `violations` holds all of them unless the caller asked for fewer.
    """

    pack: str
    control: str
    title: str
    domain: str
    severity: Severity
    responsibility: Responsibility
    outcome: Outcome
    reason: str
    population: int = 0
    violation_count: int = 0
    unknown_resources: int = 0
    violations: Sequence[Violation] = ()
    unlocks: tuple[str, ...] = ()
    remediation: str = ""
    rationale: str = ""
    maps: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def in_columns(self) -> Iterator[Columns]:
        """All violations it holds; those that are columns already come some thousands at a time."""
        if isinstance(self.violations, Columnar):
            yield from self.violations.in_columns()
        elif self.violations:
            named = (astuple(violation) for violation in self.violations)
            yield Columns(*zip(*named, strict=True))

    @property
    def worst_open(self) -> Severity | None:
        """The worst severity among violations no exception covers; None where there is none."""
        found = {violation.severity for violation in self.violations if not violation.is_excepted}
        return min(found, key=lambda severity: severity.rank) if found else None


@dataclass(frozen=True)
class PackIdentity:
    """Which pack judged."""

    id: str
    version: str
    title: str


@dataclass(frozen=True)
class TableState:
    """What became of one table of the snapshot."""

    name: str
    status: CollectionStatus
    reason: str
    unlock: str
    rows: int


@dataclass(frozen=True)
class SnapshotIdentity:
    """Which snapshot was judged."""

    id: str
    platform_id: str
    product: str
    name: str
    base_url: str
    hosting: str
    version: str
    taken_at: datetime
    connector: str
    connector_version: str
    source_kind: str


@dataclass(frozen=True)
class Evaluation:
    """All results of the chosen packs on one snapshot at one instant."""

    as_of: datetime
    snapshot: SnapshotIdentity
    packs: tuple[PackIdentity, ...]
    results: tuple[ControlResult, ...]
    tables: tuple[TableState, ...]
    unlocks: tuple[Unlock, ...]
    warnings: tuple[str, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """How many controls ended so."""
        return sum(result.outcome is outcome for result in self.results)

    @property
    def answered(self) -> int:
        """Controls the data answered with yes or no."""
        return sum(result.outcome.is_answered for result in self.results)

    @property
    def applicable(self) -> int:
        """Controls that apply to this platform, answered or not."""
        return len(self.results) - self.count(Outcome.NOT_APPLICABLE)
