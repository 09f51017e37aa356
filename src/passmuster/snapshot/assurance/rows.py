"""The assurance of all vendors as the register tables that controls read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from passmuster.model.assurance import AssuranceDocument, ServedPlatform, Term, VendorAssurance
from passmuster.snapshot.assurance.contract_gaps import TERMS
from passmuster.snapshot.assurance.coverage import (
    coverage_of,
    covered_until,
    open_count,
    open_user_controls,
)


def document_rows(vendors: Sequence[VendorAssurance]) -> list[dict[str, Any]]:
    """Rows of `assurance_documents`: one a document and platform that rests on the vendor."""
    return [
        _document_row(vendor, document, platform)
        for vendor in vendors
        for document in vendor.documents
        for platform in vendor.platforms
    ]


def term_rows(vendors: Sequence[VendorAssurance]) -> list[dict[str, Any]]:
    """Rows of `assurance_terms`: every term of each contract we hold, with NULL where nothing is written down."""
    return [
        {
            "vendor": vendor.name,
            "document_id": document.id,
            "platform_id": platform.id,
            "term": term,
            "ends_on": document.ends_on,
            **_value(document.terms.get(term)),
        }
        for vendor in vendors
        for document in vendor.documents
        if document.kind == "contract" and document.is_received
        for platform in vendor.platforms
        for term in TERMS
    ]


def _document_row(vendor: VendorAssurance, document: AssuranceDocument, platform: ServedPlatform) -> dict[str, Any]:
    return {
        "vendor": vendor.name,
        "document_id": document.id,
        "platform_id": platform.id,
        "kind": document.kind,
        "standard": document.standard or None,
        "report_type": document.report_type,
        "status": document.status,
        "is_independent": document.is_independent,
        "covered_from_on": document.starts_on,
        "covered_until_on": covered_until(document, vendor),
        "dated_on": document.dated_on,
        "issued_on": document.issued_on,
        "read_on": document.read_on,
        "covers_platform": coverage_of(document, platform).covers,
        "exceptions_open": open_count(document.exceptions),
        "user_controls_open": open_user_controls(document),
        "changes_open": open_count(document.changes),
        "findings_open": document.open_findings,
        "subprocessor_count": None if document.subprocessors is None else len(document.subprocessors),
        "sha256": document.sha256 or None,
    }


def _value(value: Term | None) -> dict[str, Any]:
    """Whether a term is agreed, and on which amount; both NULL where nothing is written down."""
    if value is None or isinstance(value, bool):
        return {"is_agreed": value, "amount": None}
    return {"is_agreed": True, "amount": str(value)}
