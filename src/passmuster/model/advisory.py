"""What documents from outside say of vulnerabilities and of changes, in one form whatever the format.

A *record* is one document's word on one advisory at one time; an advisory is what all records of it say together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class RecordKind(StrEnum):
    """The format a record was read from."""

    KEV = "kev"
    CVE = "cve"
    OSV = "osv"
    CSAF = "csaf"
    CYCLONEDX = "cyclonedx"
    EPSS = "epss"
    NOTICE = "notice"
    ADVISORY = "advisory"


class RangeStatus(StrEnum):
    """What a range of versions is said to be."""

    AFFECTED = "affected"
    UNAFFECTED = "unaffected"
    UNKNOWN = "unknown"


class NoticeKind(StrEnum):
    """What a vendor's notice announces."""

    SECURITY_FIX = "security_fix"
    MAINTENANCE = "maintenance"
    RELEASE = "release"
    DEPRECATION = "deprecation"
    RETIREMENT = "retirement"
    BEHAVIOUR_CHANGE = "behaviour_change"
    EMERGENCY_CHANGE = "emergency_change"
    INCIDENT = "incident"


class RemediationKind(StrEnum):
    """What the publisher says can be done."""

    VENDOR_FIX = "vendor_fix"
    CONFIGURATION = "configuration"
    MITIGATION = "mitigation"
    NONE_AVAILABLE = "none_available"
    NO_FIX_PLANNED = "no_fix_planned"


@dataclass(frozen=True)
class VersionRange:
    """Versions from `introduced` (inclusive; None or "0": from the first) to one of the ends (None: open).

    Texts are the record's own, unparsed but for the operators around them; `fixed` is exclusive, `last_affected`
    inclusive, `exact` names one version and stands alone. `scheme` is the record's word (semver, custom, git, ...).
    """

    status: RangeStatus = RangeStatus.AFFECTED
    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    exact: str | None = None
    scheme: str = ""


@dataclass(frozen=True)
class AffectedProduct:
    """A product as one record names it, and which versions of it are concerned."""

    vendor: str = ""
    product: str = ""
    package: str = ""
    """The name within `collection`, such as an npm package."""
    collection: str = ""
    """An ecosystem's name, or the address of a collection, as the record gives it."""
    purl: str = ""
    cpes: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    default_status: RangeStatus = RangeStatus.UNKNOWN
    ranges: tuple[VersionRange, ...] = ()
    fixed_versions: tuple[str, ...] = ()
    """First versions with the fix, one a branch, whether told as the end of a range or apart from it."""
    is_hosted_only: bool = False
    """Told to be a service that its vendor alone runs."""
    is_cloud_spared: bool = False
    """Told that the vendor's own hosting is not affected (or was mended before disclosure), while self-hosting is."""
    by: str = ""
    """Who added it, where that is not the record's publisher (`CISA-ADP`)."""


@dataclass(frozen=True)
class Score:
    """A CVSS score as stated, beside what its own vector gives; either may be missing."""

    version: str
    vector: str = ""
    stated: float | None = None
    computed: float | None = None
    by: str = ""

    @property
    def differs(self) -> bool:
        """Whether the stated score is not the one of its vector."""
        return self.stated is not None and self.computed is not None and abs(self.stated - self.computed) > 0.05


@dataclass(frozen=True)
class SsvcPoint:
    """One SSVC decision point as a source judged it; `name` and `value` are in CERT/CC's spelling, lower snake case."""

    name: str
    value: str
    by: str
    judged_at: datetime | None = None


@dataclass(frozen=True)
class KevEntry:
    """An entry of CISA's catalogue of known exploited vulnerabilities."""

    added_on: date
    due_on: date | None
    ransomware: str = ""
    required_action: str = ""
    catalogue_version: str = ""
    forensic_triage: str = ""
    """`Yes` where BOD 26-04 asks to look for traces of an attack before fixing; told since September 2026."""

    @property
    def asks_for_forensics(self) -> bool:
        """Whether the catalogue says that traces must be looked for."""
        return self.forensic_triage.strip().lower() == "yes"


@dataclass(frozen=True)
class Epss:
    """The probability (0 to 1) that exploitation is seen within 30 days, as modelled on a day."""

    probability: float
    percentile: float | None
    scored_on: date
    model: str = ""


@dataclass(frozen=True)
class Remediation:
    """What to do, as the publisher says it."""

    kind: RemediationKind
    text: str = ""
    url: str = ""


@dataclass(frozen=True)
class Wave:
    """When a vendor acts in some regions, where it does not act everywhere at once."""

    regions: tuple[str, ...]
    preview_at: datetime | None = None
    earliest_at: datetime | None = None
    latest_at: datetime | None = None
    enforced_at: datetime | None = None


@dataclass(frozen=True)
class Notice:
    """A vendor's notice (`passmuster/notice@1`); times are aware, None where nothing was said."""

    kind: NoticeKind
    vendor: str
    platforms: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    announced_at: datetime | None = None
    preview_at: datetime | None = None
    earliest_at: datetime | None = None
    latest_at: datetime | None = None
    enforced_at: datetime | None = None
    defer_until: datetime | None = None
    is_reversible: bool | None = None
    connectors: tuple[str, ...] = ()
    """Connectors, interfaces or modules it touches, as the vendor names them."""
    severity: str = ""
    text: str = ""
    source: str = ""
    revision: str = ""
    waves: tuple[Wave, ...] = ()
    """Dates region by region; the notice's own span all of them."""


@dataclass(frozen=True)
class Record:
    """One document's word on one advisory. `id` is the document's own; `aliases` are other names of the same thing."""

    kind: RecordKind
    feed: str
    """Who publishes it: `cisa-kev`, a CVE numbering authority, an OSV database, a CSAF publisher, a vendor."""
    id: str
    aliases: tuple[str, ...] = ()
    title: str = ""
    description: str = ""
    published_at: datetime | None = None
    modified_at: datetime | None = None
    withdrawn_at: datetime | None = None
    vendor_fixed_at: datetime | None = None
    is_rejected: bool = False
    is_disputed: bool = False
    is_hosted_only: bool = False
    severity: str = ""
    scores: tuple[Score, ...] = ()
    ssvc: tuple[SsvcPoint, ...] = ()
    kev: KevEntry | None = None
    epss: Epss | None = None
    notice: Notice | None = None
    affected: tuple[AffectedProduct, ...] = ()
    remediations: tuple[Remediation, ...] = ()
    references: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What only this format tells and a reader may ask for (JSON)."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its own id and its aliases."""
        return (self.id, *self.aliases)


@dataclass(frozen=True)
class Advisory:
    """What all records known at an instant say together of one vulnerability (or notice).

    `id` is the CVE where there is one, else the oldest record's own. Of `ssvc` the strongest of each point stands,
    with who judged it and when; `scores` are all that were given, the publisher's own first.
    """

    id: str
    aliases: tuple[str, ...] = ()
    title: str = ""
    severity: str = ""
    records: tuple[Record, ...] = ()
    scores: tuple[Score, ...] = ()
    ssvc: tuple[SsvcPoint, ...] = ()
    kev: KevEntry | None = None
    epss: Epss | None = None
    notice: Notice | None = None
    affected: tuple[AffectedProduct, ...] = ()
    remediations: tuple[Remediation, ...] = ()
    is_hosted_only: bool = False
    is_disputed: bool = False
    is_withdrawn: bool = False
    disclosed_at: datetime | None = None
    vendor_fixed_at: datetime | None = None
    learned_at: datetime | None = None
    """When the first record of it was seen by us."""
