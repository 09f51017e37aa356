"""The gaps of a vendor's assurance on one day, in plain words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from passmuster.model.assurance import (
    KINDS,
    AssuranceDocument,
    AssuranceGap,
    AssuranceLimits,
    DocumentLine,
    VendorAssurance,
    VendorGaps,
)
from passmuster.model.words import Severity
from passmuster.snapshot.assurance.contract_gaps import contract_gaps
from passmuster.snapshot.assurance.coverage import (
    ASKED_SCOPE,
    coverage_of,
    covered_until,
    is_current,
    is_detached,
    is_superseded,
    open_user_controls,
    unanswered,
)
from passmuster.snapshot.assurance.expected import missing_documents

_WITH_PERIOD = ("soc1", "soc2", "soc3", "certificate", "attestation", "contract")
_WITH_EXCEPTIONS = ("soc1", "soc2", "certificate", "attestation")
_MOST_NAMED = 5


def gaps_of(vendor: VendorAssurance, *, today: date, limits: AssuranceLimits) -> VendorGaps:
    """Every gap of the vendor's file on that day, the worst first."""
    found = list(missing_documents(vendor))
    found += _contact_gaps(vendor)
    for document in vendor.documents:
        if is_current(document, vendor):
            found += _document_gaps(document, vendor, today, limits)
    found.sort(
        key=lambda gap: (gap.severity.rank, gap.is_open_question, gap.due_on or date.max, gap.document, gap.code)
    )
    lines = tuple(
        DocumentLine(document, covered_until(document, vendor), is_current(document, vendor))
        for document in vendor.documents
    )
    return VendorGaps(vendor, tuple(found), lines)


def _document_gaps(
    document: AssuranceDocument, vendor: VendorAssurance, today: date, limits: AssuranceLimits
) -> Iterator[AssuranceGap]:
    if not document.is_received:
        # A letter is wanted only where a report has ended, which is told there.
        if document.kind != "bridge_letter":
            yield _not_received(document)
        return
    yield from _period_gaps(document, vendor, today, limits)
    yield from _date_gaps(document, today, limits)
    yield from _scope_gaps(document, vendor)
    yield from _word_gaps(document)
    yield from _point_gaps(document, today)
    yield from contract_gaps(document, limits)


def _not_received(document: AssuranceDocument) -> AssuranceGap:
    what = KINDS[document.kind]
    if document.status == "refused":
        return AssuranceGap("refused", Severity.HIGH, f"the vendor refused: {what}", document=document.id)
    if document.status == "requested":
        return AssuranceGap("not_received", Severity.MEDIUM, f"asked for and not here: {what}", document=document.id)
    return AssuranceGap(
        "not_received", Severity.MEDIUM, f"nobody has asked for it: {what}", document=document.id, is_open_question=True
    )


def _period_gaps(
    document: AssuranceDocument, vendor: VendorAssurance, today: date, limits: AssuranceLimits
) -> Iterator[AssuranceGap]:
    if document.kind == "bridge_letter" and is_detached(document, vendor):
        yield AssuranceGap(
            "letter_leaves_hole",
            Severity.MEDIUM,
            f"begins on {document.starts_on}, days after what {document.of} covers; it bridges nothing",
            document=document.id,
        )
    is_design_only = document.kind in ("soc1", "soc2") and document.report_type == 1
    if document.kind not in _WITH_PERIOD or is_design_only:
        return
    until = covered_until(document, vendor)
    if until is None or (document.starts_on is None and document.kind != "contract"):
        yield _open("period_not_known", "from when to when it speaks is not written down", document)
    if until is not None and until < today:
        text = f"ended on {until}, {(today - until).days} days ago; nothing covers the time since"
        yield AssuranceGap("not_covered", Severity.HIGH, text, document=document.id, due_on=until)
    elif until is not None and until <= today + timedelta(days=limits.warning_days):
        text = f"ends on {until}, in {(until - today).days} days"
        yield AssuranceGap("ends_soon", Severity.LOW, text, document=document.id, due_on=until)
    if document.starts_on and document.starts_on > today:
        text = f"begins on {document.starts_on} only"
        yield AssuranceGap("not_begun", Severity.MEDIUM, text, document=document.id)


def _date_gaps(document: AssuranceDocument, today: date, limits: AssuranceLimits) -> Iterator[AssuranceGap]:
    most = {
        "penetration_test": limits.penetration_test_days,
        "subprocessors": limits.review_days,
        "responsibility_split": limits.review_days,
        "incident_exercise": limits.review_days,
        "bill_of_materials": limits.review_days,
    }.get(document.kind)
    if most is None:
        return
    if document.dated_on is None:
        yield _open("date_not_known", "of which day it is, is not written down", document)
    elif document.dated_on > today:
        yield AssuranceGap(
            "not_begun", Severity.MEDIUM, f"is of {document.dated_on}, still to come", document=document.id
        )
    else:
        ends_on = document.dated_on + timedelta(days=most)
        age = (today - document.dated_on).days
        if ends_on < today:
            text = f"is {age} days old; at most {most} are allowed"
            yield AssuranceGap("too_old", Severity.MEDIUM, text, document=document.id, due_on=ends_on)
        elif ends_on <= today + timedelta(days=limits.warning_days):
            text = f"is {age} days old and due again by {ends_on}"
            yield AssuranceGap("ends_soon", Severity.LOW, text, document=document.id, due_on=ends_on)


def _scope_gaps(document: AssuranceDocument, vendor: VendorAssurance) -> Iterator[AssuranceGap]:
    for platform in vendor.platforms:
        if is_superseded(document, platform, vendor):
            continue
        coverage = coverage_of(document, platform)
        if coverage.lacking:
            text = f"its scope leaves out {_named(coverage.lacking)}"
            yield AssuranceGap("scope_lacks", Severity.HIGH, text, platform.id, document.id)
        if coverage.unwritten:
            text = f"which {' and '.join(coverage.unwritten)} it covers is not written down"
            yield AssuranceGap(
                "scope_not_known", Severity.MEDIUM, text, platform.id, document.id, is_open_question=True
            )


def _word_gaps(document: AssuranceDocument) -> Iterator[AssuranceGap]:
    """What the document as a whole is worth."""
    if document.kind in ASKED_SCOPE and document.read_on is None:
        yield _open("not_read", "nobody wrote down that it was read", document)
    if document.opinion and document.opinion != "unqualified":
        text = f"the auditor's opinion is {document.opinion}"
        yield AssuranceGap("opinion", Severity.HIGH, text, document=document.id)
    if document.kind in ("soc1", "soc2") and document.report_type is None:
        yield _open("type_not_known", "whether it is of type 1 or 2 is not written down", document)
    if document.kind in ("soc1", "soc2") and document.report_type == 1:
        text = "tells how controls are designed, not that they worked; ask for type 2"
        yield AssuranceGap("design_only", Severity.MEDIUM, text, document=document.id)
    if document.kind == "attestation" and document.is_by_auditor is False:
        yield AssuranceGap("self_assessed", Severity.LOW, "is the vendor's own word", document=document.id)
    if document.kind == "penetration_test":
        if document.open_findings is None:
            yield _open("findings_not_known", "how many findings are still open is not written down", document)
        elif document.open_findings:
            text = f"{document.open_findings} of its findings still open"
            yield AssuranceGap("findings_open", Severity.MEDIUM, text, document=document.id)


def _point_gaps(document: AssuranceDocument, today: date) -> Iterator[AssuranceGap]:
    if document.kind in _WITH_EXCEPTIONS and document.is_by_auditor is not False:
        if document.exceptions is None:
            yield _open("exceptions_not_known", "whether it holds exceptions is not written down", document)
        if open_user_controls(document) is None:
            yield _open("user_controls_not_known", "which controls it leaves to us is not written down", document)
    for code, points, words in (
        ("exception_without_answer", document.exceptions, "exception without an answer of ours"),
        ("user_control_without_answer", document.user_controls, "control left to us without an answer"),
    ):
        for point in unanswered(points):
            yield AssuranceGap(code, Severity.MEDIUM, f"{words}: {point.id}: {point.text}", document=document.id)
    if document.kind == "subprocessors" and document.subprocessors is None:
        yield _open("subprocessors_not_known", "who they are is not written down", document)
    if document.kind == "subprocessors" and document.changes is None:
        yield _open("changes_not_known", "whether changes were announced is not written down", document)
    for point in unanswered(document.changes):
        is_in_force = point.effective_on is not None and point.effective_on <= today
        text = f"change {'in force' if is_in_force else 'announced'} without an answer: {point.id}: {point.text}"
        severity = Severity.HIGH if is_in_force else Severity.MEDIUM
        yield AssuranceGap("change_without_answer", severity, text, document=document.id, due_on=point.effective_on)


def _contact_gaps(vendor: VendorAssurance) -> Iterator[AssuranceGap]:
    if not vendor.contact:
        yield AssuranceGap(
            "contact_not_known", Severity.LOW, "no security contact is written down", is_open_question=True
        )
    elif vendor.contact_tested_on is None:
        text = "nobody wrote down that the security contact was tried"
        yield AssuranceGap("contact_not_tried", Severity.LOW, text, is_open_question=True)


def _open(code: str, text: str, document: AssuranceDocument) -> AssuranceGap:
    return AssuranceGap(code, Severity.MEDIUM, text, document=document.id, is_open_question=True)


def _named(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
