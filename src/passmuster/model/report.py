"""What the report writers are given beside an evaluation: inventory, data flows, who said what, how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from passmuster.model.decision import Decision
from passmuster.model.declared import DeclaredFact
from passmuster.model.drift import Drift
from passmuster.model.register_view import RegisterView
from passmuster.model.results import Evaluation
from passmuster.model.schedule import Plan, Problem
from passmuster.model.words import CollectionStatus, Outcome, Severity

Cell = str | int | float | bool | datetime | date | None


@dataclass(frozen=True)
class InventoryItem:
    """One kind of thing on the platform: how many there are, and the first few of them.

    `count` is None where it is not known. `rows` are in the order of `columns`; None in a cell means not known.
    """

    kind: str
    count: int | None
    status: CollectionStatus
    reason: str = ""
    note: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True)
class FlowEdge:
    """Data that one app moves from a source to a target, by names a reader knows.

    `source` is empty where the app itself is where the data begins. `boundary` is internal, partner or external and
    `classification` public, internal, confidential or restricted; both are None where not known.
    """

    source: str
    app: str
    target: str
    host: str = ""
    boundary: str | None = None
    classification: str | None = None
    is_declared: bool = False


@dataclass(frozen=True)
class FlowMap:
    """The data flows of a platform. `status` and `reason` are those of the table they come from."""

    status: CollectionStatus
    reason: str = ""
    edges: tuple[FlowEdge, ...] = ()


@dataclass(frozen=True)
class Digest:
    """The SHA-256 of something the report rests on, such as a file of the snapshot, a pack or a register."""

    what: str
    sha256: str


@dataclass(frozen=True)
class Provenance:
    """How the report was made, for an auditor who wants to make it again."""

    passmuster_version: str
    generated_at: datetime
    digests: tuple[Digest, ...] = ()
    registers: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BaseSummary:
    """The headline numbers of the review this one is compared with. Failing controls are counted by severity."""

    snapshot_id: str
    taken_at: datetime
    answered: int
    applicable: int
    fails: Mapping[Severity, int]


@dataclass(frozen=True)
class PatchReport:
    """Which advisories concern what runs, who must act by when, and the plan; `problem` and `plan` come together.

    `left_out` are decisions that take no maintenance window: (what, why).
    """

    decisions: tuple[Decision, ...]
    as_of: datetime
    policy: str
    warnings: tuple[str, ...] = ()
    problem: Problem | None = None
    plan: Plan | None = None
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ReviewReport:
    """Everything the report of one platform shows. `drift` and `base` are None where nothing was compared.

    `patches` is None where no store of advisories was handed over.
    """

    evaluation: Evaluation
    provenance: Provenance
    drift: Drift | None = None
    base: BaseSummary | None = None
    inventory: tuple[InventoryItem, ...] = ()
    flows: FlowMap | None = None
    declared: tuple[DeclaredFact, ...] = ()
    patches: PatchReport | None = None
    findings_file: str = "findings.csv"
    registers: RegisterView | None = None
    registers_file: str = "registers.xlsx"
    left_out: tuple[tuple[str, str], ...] = ()
    """What people did not look at in this review: (what, why); the automatic controls looked at all."""


@dataclass(frozen=True)
class FailingControl:
    """One control that fails on one platform, with the worst severity no exception covers."""

    pack: str
    control: str
    title: str
    severity: Severity
    violation_count: int


@dataclass(frozen=True)
class FleetLine:
    """One platform of a fleet in one line. `problem` says why, where there is no evaluation of it.

    `href` is the address of the platform's own report, relative to the fleet page; empty where there is none.
    """

    name: str
    product: str
    snapshot_id: str = ""
    taken_at: datetime | None = None
    answered: int = 0
    applicable: int = 0
    counts: Mapping[Outcome, int] = field(default_factory=dict)
    failing: tuple[FailingControl, ...] = ()
    problem: str = ""
    href: str = ""

    @property
    def worst(self) -> Severity | None:
        """The worst severity among its failing controls; None where none fails."""
        found = [control.severity for control in self.failing]
        return min(found, key=lambda severity: severity.rank) if found else None


@dataclass(frozen=True)
class FleetAccount:
    """One person's account on one platform of a fleet. What is not known is None.

    `privileged` are the names of roles that can administer it; None where who holds what could not be read in full.
    """

    platform: str
    is_enabled: bool | None = None
    left_on: date | None = None
    last_used_on: date | None = None
    privileged: tuple[str, ...] | None = None


@dataclass(frozen=True)
class FleetPerson:
    """A person whose mail address is the sign-in on several platforms, and what that shows, worst first."""

    address: str
    accounts: tuple[FleetAccount, ...]
    concerns: tuple[str, ...] = ()


@dataclass(frozen=True)
class FleetReport:
    """Many platforms at one instant. `patches` is of all of them together, None where no store was handed over.

    `people` are those tied by an address, worst first; `untold` names platforms whose accounts could not be read.
    """

    as_of: datetime
    lines: tuple[FleetLine, ...]
    passmuster_version: str = ""
    patches: PatchReport | None = None
    people: tuple[FleetPerson, ...] = ()
    untold: tuple[tuple[str, str], ...] = ()
