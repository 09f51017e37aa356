"""What a contract leaves out. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from passmuster.model.assurance import AssuranceDocument, AssuranceGap, AssuranceLimits
from passmuster.model.words import Severity

TERMS = {
    "incident_notice_hours": "hours to the notice of an incident",
    "critical_fix_days": "days to the fix of a critical weakness",
    "evidence_access": "access to logs and evidence",
    "audit_right": "a right to audit",
    "subprocessor_notice_days": "days of notice of a new subprocessor",
    "processing_agreement": "a data processing agreement",
    "data_return": "return of data at the end",
    "data_deletion_days": "days to deletion of data at the end",
    "exit_support": "help with leaving",
    "availability_percent": "availability",
}
_GRAVE = ("incident_notice_hours", "critical_fix_days", "evidence_access")


def contract_gaps(document: AssuranceDocument, limits: AssuranceLimits) -> Iterator[AssuranceGap]:
    """A gap for each term the contract is known to lack, or of which nothing is written down."""
    if document.kind != "contract":
        return
    for term, words in TERMS.items():
        severity = Severity.HIGH if term in _GRAVE else Severity.MEDIUM
        value = document.terms.get(term)
        if value is None:
            text = f"not written down whether it sets {words}"
            yield AssuranceGap("term_not_known", Severity.LOW, text, document=document.id, is_open_question=True)
        elif value is False:
            yield AssuranceGap("term_lacking", severity, f"does not set {words}", document=document.id)
    hours = document.terms.get("incident_notice_hours")
    if hours and not isinstance(hours, bool) and hours > limits.incident_notice_hours:
        text = f"gives {hours:g} hours to the notice of an incident; at most {limits.incident_notice_hours} are wanted"
        yield AssuranceGap("term_too_weak", Severity.MEDIUM, text, document=document.id)
