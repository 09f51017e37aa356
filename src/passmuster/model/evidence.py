"""What evidence is: its kinds, and what is said about a file when it is handed in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

MAX_BYTES = 100 * 2**20
# How far the clocks of the world are behind and ahead of UTC.
_BEHIND, _AHEAD = timedelta(hours=12), timedelta(hours=14)


class EvidenceKind(StrEnum):
    """What a file shows."""

    REPORT = "report"
    CERTIFICATE = "certificate"
    STATEMENT = "statement"
    SCREENSHOT = "screenshot"
    EXPORT = "export"
    LOG = "log"
    TEST_RESULT = "test_result"
    BACKUP_PROOF = "backup_proof"
    APPROVAL = "approval"
    CONTRACT = "contract"
    OTHER = "other"
    # Those that the policy of reviews asks for by name, and finds by their kind; last, so that nobody takes one unseen.
    INDEPENDENT_AUDIT_REPORT = "independent_audit_report"
    PENETRATION_TEST_SUMMARY = "penetration_test_summary"
    RESTORE_TEST = "restore_test"
    INCIDENT_NOTICES = "incident_notices"
    # What binds a vendor beside the contract; their ends and changes are for legal and privacy.
    DATA_PROCESSING_TERMS = "data_processing_terms"
    SUBPROCESSORS = "subprocessors"


@dataclass(frozen=True)
class EvidenceFacts:
    """What is said about a file: what it shows, which days it covers, until when it counts, what it belongs to.

    `platform`, `vendor`, `owner`, `reviews` and `request` (to a vendor) are keys of records; None where there is none.
    """

    title: str
    kind: EvidenceKind
    platform: int | None = None
    vendor: int | None = None
    owner: int | None = None
    period_from: date | None = None
    period_to: date | None = None
    expires_on: date | None = None
    controls: tuple[str, ...] = ()
    reviews: tuple[int, ...] = ()
    request: int | None = None

    def problems(self) -> tuple[str, ...]:
        """What cannot be, each with its mend."""
        found = []
        if not self.title.strip():
            found.append("say in a title what it shows")
        if len(self.title) > 300:
            found.append("the title is longer than 300 characters; shorten it")
        if self.period_from and self.period_to and self.period_from > self.period_to:
            found.append("the period ends before it begins; exchange the dates")
        if self.expires_on and self.period_from and self.expires_on < self.period_from:
            found.append("it expires before the period it covers; check the dates")
        if len(self.controls) > 200 or any(not name or len(name) > 100 for name in self.controls):
            found.append("name at most 200 controls, each by its identifier")
        return tuple(found)

    def problems_at(self, now: datetime) -> tuple[str, ...]:
        """What cannot be of a file that is handed in at `now`, wherever on Earth that is."""
        found = []
        if self.expires_on and self.expires_on < (now - _BEHIND).date():
            found.append(f"it expired on {self.expires_on} already; hand in what still counts, or mend the date")
        if self.period_from and self.period_from > (now + _AHEAD).date():
            found.append(f"the period begins on {self.period_from}, which has not come yet; check the dates")
        return tuple(found)
