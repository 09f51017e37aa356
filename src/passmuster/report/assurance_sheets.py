"""Vendors' assurance as lists: documents, gaps, what contracts set, subprocessors. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from passmuster.model.assurance import KINDS, AssuranceDocument, DocumentLine, VendorGaps
from passmuster.model.register_view import Cell, Sheet
from passmuster.report.text import counted

_MOST_SUBPROCESSORS = 20_000


def assurance_sheets(vendors: Sequence[VendorGaps]) -> tuple[Sheet, ...]:
    """The four lists over all vendors; none where no vendor's file was handed over."""
    if not vendors:
        return ()
    made = (gap_sheet(vendors), document_sheet(vendors), _terms(vendors), _subprocessors(vendors))
    return tuple(sheet for sheet in made if sheet.rows or sheet.key in ("assurance-documents", "assurance-gaps"))


def document_sheet(vendors: Sequence[VendorGaps]) -> Sheet:
    """Every document, what it covers and what of it is open."""
    rows: list[tuple[Cell, ...]] = []
    marks = []
    for each in vendors:
        bad = {gap.document for gap in each.gaps if not gap.is_open_question}
        unsure = {gap.document for gap in each.gaps if gap.is_open_question}
        for line in each.lines:
            rows.append((each.vendor.name, *_document_cells(line)))
            name = line.document.id
            marks.append("bad" if name in bad else "open" if name in unsure else "")
    return Sheet(
        key="assurance-documents",
        title="Documents of vendors",
        intro="Covered until counts bridge letters. A document that a later one replaced no longer makes gaps.",
        columns=(
            *("Vendor", "Document", "Kind", "Status", "Covers from", "Covered until", "Dated", "Read"),
            *("Exceptions", "Controls left to us", "Replaced"),
        ),
        rows=tuple(rows),
        marks=tuple(marks),
        count=len(rows),
    )


def gap_sheet(vendors: Sequence[VendorGaps]) -> Sheet:
    """Every gap, the worst first within a vendor."""
    rows = tuple(
        (
            each.vendor.name,
            "to answer" if gap.is_open_question else str(gap.severity),
            gap.document or "all of them",
            gap.text,
            gap.platform or "all of them",
            gap.due_on if gap.due_on else "",
        )
        for each in vendors
        for gap in each.gaps
    )
    marks = tuple("open" if gap.is_open_question else "bad" for each in vendors for gap in each.gaps)
    return Sheet(
        key="assurance-gaps",
        title="Gaps in vendors' assurance",
        intro="To answer: nobody wrote down what would tell; it is no shortcoming of the vendor yet.",
        columns=("Vendor", "Severity", "Document", "Gap", "Platform", "Day"),
        rows=rows,
        marks=marks,
        count=len(rows),
        shown=50,
    )


def _document_cells(line: DocumentLine) -> tuple[Cell, ...]:
    document = line.document
    kind = KINDS[document.kind] + (f" type {document.report_type}" if document.report_type else "")
    return (
        document.title or document.standard or document.id,
        kind,
        document.status,
        document.starts_on or _unless(document, "of a period"),
        _until(line),
        document.dated_on or _unless(document, "of one day"),
        document.read_on or _unless(document, "to be read"),
        _points(document, "exceptions"),
        _points(document, "user_controls"),
        "" if line.is_current else "yes",
    )


_OF = {
    "of a period": ("soc1", "soc2", "soc3", "bridge_letter", "certificate", "attestation", "contract"),
    "of one day": (
        *("penetration_test", "subprocessors", "bill_of_materials", "responsibility_split", "incident_exercise"),
    ),
    "to be read": ("soc1", "soc2", "soc3", "certificate", "attestation", "penetration_test"),
    "exceptions": ("soc1", "soc2", "certificate", "attestation"),
    "user_controls": ("soc1", "soc2", "attestation"),
}


def _until(line: DocumentLine) -> Cell:
    if line.covered_until == date.max:
        return "until somebody ends it"
    return line.covered_until or _unless(line.document, "of a period")


def _unless(document: AssuranceDocument, what: str) -> str | None:
    """Not known where the kind of document has such a thing; else nothing."""
    return None if document.kind in _OF[what] else ""


def _points(document: AssuranceDocument, field: str) -> str | None:
    points = document.exceptions if field == "exceptions" else document.user_controls
    if document.kind not in _OF[field]:
        return ""
    if points is None:
        return None
    unanswered = sum(not point.is_answered for point in points)
    if not points:
        return "none"
    return f"{counted(len(points), 'point')}, {unanswered} without an answer"


def _terms(vendors: Sequence[VendorGaps]) -> Sheet:
    found = [
        (each.vendor.name, line.document.id, term.replace("_", " "), value)
        for each in vendors
        for line in each.lines
        for term, value in line.document.terms.items()
    ]
    rows = tuple(
        (*row[:3], "not agreed" if row[3] is False else "agreed" if row[3] is True else row[3]) for row in found
    )
    marks = tuple("bad" if row[3] is False else "" for row in found)
    columns = ("Vendor", "Contract", "Term", "Agreed")
    intro = (
        "What the contracts set; a number is in the unit of the term's name. What is not written down is not listed."
    )
    return Sheet("contract-terms", "Terms of contracts", intro, columns, rows, marks, len(rows))


def _subprocessors(vendors: Sequence[VendorGaps]) -> Sheet:
    rows = tuple(
        (each.vendor.name, entry.name, entry.service or None, entry.country or None, entry.since_on)
        for each in vendors
        for line in each.lines
        if line.is_current
        for entry in line.document.subprocessors or ()
    )
    columns = ("Vendor", "Subprocessor", "Service", "Country", "Since")
    intro = "Whom the vendors hand data to, as their lists said when we last looked."
    kept = rows[:_MOST_SUBPROCESSORS]
    return Sheet("subprocessors", "Subprocessors", intro, columns, kept, ("",) * len(kept), len(rows))
