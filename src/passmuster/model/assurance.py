"""What a vendor's own assurance says, and where it falls short of what we rest on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from passmuster.model.words import Severity

KINDS = {
    "soc1": "SOC 1 report",
    "soc2": "SOC 2 report",
    "soc3": "SOC 3 report",
    "bridge_letter": "Bridge letter",
    "certificate": "Certificate",
    "attestation": "Attestation",
    "penetration_test": "Penetration test",
    "subprocessors": "List of subprocessors",
    "bill_of_materials": "Bill of materials",
    "responsibility_split": "Split of responsibilities",
    "incident_exercise": "Incident exercise",
    "contract": "Contract",
}
STATES = ("pending", "requested", "received", "refused")

Term = bool | int | float


@dataclass(frozen=True)
class Point:
    """Something a document leaves to us or admits: an exception, a control of ours, a change. `answer` is ours."""

    id: str
    text: str
    answer: str = ""
    effective_on: date | None = None

    @property
    def is_answered(self) -> bool:
        """Whether somebody wrote down what it means for us."""
        return bool(self.answer.strip())


@dataclass(frozen=True)
class Scope:
    """What a document is about. None means that nobody wrote it down; `covers_all` names what it covers whole."""

    services: tuple[str, ...] | None = None
    regions: tuple[str, ...] | None = None
    covers_all: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Subprocessor:
    """Somebody the vendor hands data to."""

    name: str
    service: str = ""
    country: str = ""
    since_on: date | None = None


@dataclass(frozen=True)
class AssuranceDocument:
    """One document of a vendor. None means not known; an empty tuple that there is known to be none.

    `starts_on` and `ends_on` bound what it speaks of (a period, a validity), the last day included; `dated_on` is the
    day of what happened once (a test's end, a list looked at, an exercise held, a split agreed).
    """

    id: str
    kind: str
    status: str
    title: str = ""
    issuer: str = ""
    standard: str = ""
    report_type: int | None = None
    is_by_auditor: bool | None = None
    of: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    dated_on: date | None = None
    issued_on: date | None = None
    read_on: date | None = None
    read_by: str = ""
    opinion: str = ""
    scope: Scope = Scope()
    exceptions: tuple[Point, ...] | None = None
    user_controls: tuple[Point, ...] | None = None
    changes: tuple[Point, ...] | None = None
    subprocessors: tuple[Subprocessor, ...] | None = None
    open_findings: int | None = None
    terms: Mapping[str, Term] = field(default_factory=dict)
    sha256: str = ""

    @property
    def is_received(self) -> bool:
        """Whether we hold it."""
        return self.status == "received"

    @property
    def is_independent(self) -> bool:
        """Whether an auditor tells by it that security works, not only that it is designed or claimed."""
        if self.kind == "soc2":
            return self.report_type == 2
        if self.kind == "certificate":
            return "27001" in self.standard
        return self.kind == "attestation" and self.is_by_auditor is True


@dataclass(frozen=True)
class ServedPlatform:
    """A platform of ours that rests on the vendor: which of its services we use, and where our data lies."""

    id: str
    services: tuple[str, ...]
    regions: tuple[str, ...] | None = None


@dataclass(frozen=True)
class VendorAssurance:
    """Everything in one vendor's file. `expects` replaces what the tier would ask for."""

    name: str
    file: str
    tier: str
    platforms: tuple[ServedPlatform, ...]
    documents: tuple[AssuranceDocument, ...]
    expects: tuple[str, ...] | None = None
    contact: str = ""
    contact_tested_on: date | None = None


@dataclass(frozen=True)
class AssuranceLimits:
    """House limits for assurance, in days, and in hours for the notice of an incident."""

    warning_days: int = 90
    penetration_test_days: int = 365
    review_days: int = 365
    incident_notice_hours: int = 72


@dataclass(frozen=True)
class AssuranceGap:
    """One way in which a vendor's assurance falls short. `platform` and `document` are empty where it is of neither.

    With `is_open_question` nobody wrote down what would tell; it is no shortcoming of the vendor yet.
    """

    code: str
    severity: Severity
    text: str
    platform: str = ""
    document: str = ""
    due_on: date | None = None
    is_open_question: bool = False


@dataclass(frozen=True)
class DocumentLine:
    """A document as a list shows it: until when it covers with its letters, and whether anything still rests on it."""

    document: AssuranceDocument
    covered_until: date | None
    is_current: bool


@dataclass(frozen=True)
class VendorGaps:
    """A vendor's file held against one day: its documents, and its gaps, the worst first."""

    vendor: VendorAssurance
    gaps: tuple[AssuranceGap, ...]
    lines: tuple[DocumentLine, ...]
