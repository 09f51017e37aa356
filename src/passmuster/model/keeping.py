"""The closed lists of the keeper's records, and which step of a life may follow which. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class DutyRole(StrEnum):
    """What a person answers for, on one platform or everywhere."""

    SPONSOR = "sponsor"
    PLATFORM_OWNER = "platform_owner"
    REVIEWER = "reviewer"
    REMEDIATION_OWNER = "remediation_owner"
    APPROVER = "approver"
    LEGAL = "legal"
    AUDITOR = "auditor"
    VENDOR_CONTACT = "vendor_contact"
    ADMINISTRATOR = "administrator"


class Tier(StrEnum):
    """How much depends on a platform; cadence and gates follow from it."""

    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


class DataClass(StrEnum):
    """The most sensitive data a platform holds."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


class Stage(StrEnum):
    """What an environment is for."""

    PRODUCTION = "production"
    STAGING = "staging"
    TEST = "test"
    DEVELOPMENT = "development"


class CollectionState(StrEnum):
    """A look at a platform."""

    RUNNING = "running"
    DONE = "done"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


# How the occasions begin for which a review opens because its day came; others are events.
BY_CADENCE = "cadence:"


class EventKind(StrEnum):
    """What may happen to a platform between its reviews, so that one opens."""

    EXPLOITED = "exploited"
    INCIDENT = "incident"
    RELEASE = "release"

    @property
    def label(self) -> str:
        """As people read it."""
        return _EVENTS[self]


_EVENTS = {
    EventKind.EXPLOITED: "an exploited vulnerability",
    EventKind.INCIDENT: "an incident of the vendor",
    EventKind.RELEASE: "a major release",
}


class ReviewStatus(StrEnum):
    """The life of a review; sealed is the end."""

    OPENING = "opening"
    OPEN = "open"
    SIGNED = "signed"
    SEALED = "sealed"
    CANCELLED = "cancelled"

    def can_become(self, other: ReviewStatus) -> bool:
        """Whether that may follow."""
        return other in _REVIEW[self]


_REVIEW: Mapping[ReviewStatus, frozenset[ReviewStatus]] = {
    ReviewStatus.OPENING: frozenset({ReviewStatus.OPEN, ReviewStatus.CANCELLED}),
    ReviewStatus.OPEN: frozenset({ReviewStatus.SIGNED, ReviewStatus.CANCELLED}),
    ReviewStatus.SIGNED: frozenset({ReviewStatus.SEALED, ReviewStatus.OPEN}),
    ReviewStatus.SEALED: frozenset(),
    ReviewStatus.CANCELLED: frozenset(),
}


class ItemKind(StrEnum):
    """A line of a review's checklist."""

    CONTROL = "control"
    QUESTION = "question"
    EVIDENCE = "evidence"
    DEVIATION = "deviation"
    PATCH = "patch"


class ItemStatus(StrEnum):
    """Whether a line was dealt with."""

    OPEN = "open"
    DONE = "done"
    NOT_APPLICABLE = "not_applicable"


class FindingStatus(StrEnum):
    """The life of a finding; closed by evidence alone, back when it is seen again."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    ACCEPTED = "accepted"
    CLOSED = "closed"

    def can_become(self, other: FindingStatus) -> bool:
        """Whether that may follow."""
        return other in _FINDING[self]


_FINDING: Mapping[FindingStatus, frozenset[FindingStatus]] = {
    FindingStatus.OPEN: frozenset({FindingStatus.IN_PROGRESS, FindingStatus.ACCEPTED, FindingStatus.CLOSED}),
    FindingStatus.IN_PROGRESS: frozenset({FindingStatus.OPEN, FindingStatus.ACCEPTED, FindingStatus.CLOSED}),
    FindingStatus.ACCEPTED: frozenset({FindingStatus.OPEN, FindingStatus.CLOSED}),
    FindingStatus.CLOSED: frozenset({FindingStatus.OPEN}),
}


class DeviationStatus(StrEnum):
    """The life of an exception."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"

    def can_become(self, other: DeviationStatus) -> bool:
        """Whether that may follow."""
        return other in _DEVIATION[self]


_DEVIATION: Mapping[DeviationStatus, frozenset[DeviationStatus]] = {
    DeviationStatus.REQUESTED: frozenset(
        {DeviationStatus.APPROVED, DeviationStatus.REFUSED, DeviationStatus.WITHDRAWN}
    ),
    DeviationStatus.APPROVED: frozenset({DeviationStatus.EXPIRED, DeviationStatus.WITHDRAWN}),
    DeviationStatus.REFUSED: frozenset(),
    DeviationStatus.EXPIRED: frozenset(),
    DeviationStatus.WITHDRAWN: frozenset(),
}


class ChangeStatus(StrEnum):
    """The life of a change: deployed is not done."""

    PLANNED = "planned"
    APPROVED = "approved"
    DEPLOYED = "deployed"
    VERIFIED = "verified"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    REGRESSED = "regressed"
    CANCELLED = "cancelled"

    def can_become(self, other: ChangeStatus) -> bool:
        """Whether that may follow."""
        return other in _CHANGE[self]


_CHANGE: Mapping[ChangeStatus, frozenset[ChangeStatus]] = {
    ChangeStatus.PLANNED: frozenset({ChangeStatus.APPROVED, ChangeStatus.DEPLOYED, ChangeStatus.CANCELLED}),
    ChangeStatus.APPROVED: frozenset(
        {ChangeStatus.DEPLOYED, ChangeStatus.FAILED, ChangeStatus.PLANNED, ChangeStatus.CANCELLED}
    ),
    ChangeStatus.DEPLOYED: frozenset({ChangeStatus.VERIFIED, ChangeStatus.FAILED, ChangeStatus.ROLLED_BACK}),
    ChangeStatus.VERIFIED: frozenset({ChangeStatus.REGRESSED}),
    ChangeStatus.FAILED: frozenset({ChangeStatus.ROLLED_BACK, ChangeStatus.PLANNED}),
    ChangeStatus.ROLLED_BACK: frozenset({ChangeStatus.PLANNED, ChangeStatus.CANCELLED}),
    ChangeStatus.REGRESSED: frozenset({ChangeStatus.PLANNED}),
    ChangeStatus.CANCELLED: frozenset(),
}


class GateKind(StrEnum):
    """A condition a change must meet; which ones apply is a policy of the platform's tier."""

    TESTED_IN_STAGING = "tested_in_staging"
    SOAK_OVER = "soak_over"
    BACKUP_VERIFIED = "backup_verified"
    ROLLBACK_PLAN = "rollback_plan"
    USERS_TOLD = "users_told"
    MIGRATION_REHEARSED = "migration_rehearsed"
    FORENSIC_TRIAGE = "forensic_triage"
    APPROVAL = "approval"
    TESTED_IN_PREVIEW = "tested_in_preview"
    APPS_NAMED = "apps_named"
    CONFIGURATION_EXPORTED = "configuration_exported"
    DEFERRAL_KNOWN = "deferral_known"
    CASE_OPEN = "case_open"


class GateStatus(StrEnum):
    """Whether a condition holds."""

    OPEN = "open"
    MET = "met"
    FAILED = "failed"
    WAIVED = "waived"


class AskedStatus(StrEnum):
    """The life of a request to a vendor; what is sent back is open again."""

    OPEN = "open"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"

    def can_become(self, other: AskedStatus) -> bool:
        """Whether that may follow."""
        return other in _ASKED[self]


_ASKED: Mapping[AskedStatus, frozenset[AskedStatus]] = {
    AskedStatus.OPEN: frozenset({AskedStatus.ANSWERED, AskedStatus.WITHDRAWN}),
    AskedStatus.ANSWERED: frozenset(
        {AskedStatus.ANSWERED, AskedStatus.ACCEPTED, AskedStatus.OPEN, AskedStatus.WITHDRAWN}
    ),
    AskedStatus.ACCEPTED: frozenset(),
    AskedStatus.WITHDRAWN: frozenset(),
}


class WorkState(StrEnum):
    """Work in the background, as people see it."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
