"""The closed lists of words every stage shares."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How bad a violation is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst; larger is milder."""
        return _SEVERITY_RANK[self]

    def is_at_least(self, other: Severity) -> bool:
        """Whether this is as bad as `other` or worse."""
        return self.rank <= other.rank


class Responsibility(StrEnum):
    """Whose job it is to mend a violation."""

    VENDOR = "vendor"
    CUSTOMER = "customer"
    SHARED = "shared"


class Hosting(StrEnum):
    """Who runs the platform's servers."""

    VENDOR = "vendor"
    SELF = "self"
    HYBRID = "hybrid"


class Outcome(StrEnum):
    """What is known of a control after looking."""

    FAIL = "fail"
    ERROR = "error"
    UNKNOWN = "unknown"
    MANUAL = "manual"
    PASS = "pass"  # noqa: S105 - a verdict
    NOT_APPLICABLE = "not_applicable"

    @property
    def is_answered(self) -> bool:
        """Whether the data gave a yes or a no."""
        return self in (Outcome.PASS, Outcome.FAIL)


class CollectionStatus(StrEnum):
    """What became of the attempt to read one table, best first."""

    OK = "ok"
    EMPTY = "empty"
    NOT_LICENSED = "not_licensed"
    PARTIAL = "partial"
    UNSUPPORTED = "unsupported"
    DENIED = "denied"
    ERROR = "error"

    @property
    def is_readable(self) -> bool:
        """Whether controls may judge the table."""
        return self in (CollectionStatus.OK, CollectionStatus.EMPTY)

    @property
    def is_incomplete(self) -> bool:
        """Whether the collection fell short of what the platform could have told."""
        return self in (CollectionStatus.PARTIAL, CollectionStatus.DENIED, CollectionStatus.ERROR)

    @property
    def rank(self) -> int:
        """0 for the best; a derived table has the largest rank of its inputs."""
        return _STATUS_RANK[self]


_SEVERITY_RANK = {severity: rank for rank, severity in enumerate(Severity)}
_STATUS_RANK = {status: rank for rank, status in enumerate(CollectionStatus)}
