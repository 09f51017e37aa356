"""Which documents a vendor should have given us, by how much rests on it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from passmuster.model.assurance import KINDS, AssuranceDocument, AssuranceGap, VendorAssurance
from passmuster.model.words import Severity

INDEPENDENT = "independent_report"
_LOW = ("contract",)
_MEDIUM = (INDEPENDENT, *_LOW, "subprocessors", "responsibility_split")
_HIGH = (*_MEDIUM, "penetration_test")
EXPECTED = {"low": _LOW, "medium": _MEDIUM, "high": _HIGH, "critical": (*_HIGH, "incident_exercise")}
_GRAVE = ("high", "critical")


def missing_documents(vendor: VendorAssurance) -> Iterator[AssuranceGap]:
    """A gap for each sort of document the tier (or `expects`) asks for and the file does not name at all."""
    asked = vendor.expects if vendor.expects is not None else EXPECTED[vendor.tier]
    reason = "" if vendor.expects is not None else f"; a vendor of tier {vendor.tier} is asked for it"
    for kind in asked:
        if any(_serves(document, kind) for document in vendor.documents):
            continue
        what = "report of an independent auditor" if kind == INDEPENDENT else KINDS[kind]
        severity = Severity.HIGH if vendor.tier in _GRAVE and kind in (INDEPENDENT, "contract") else Severity.MEDIUM
        yield AssuranceGap("missing", severity, f"not listed: {what}{reason}")


def _serves(document: AssuranceDocument, kind: str) -> bool:
    if kind != INDEPENDENT:
        return document.kind == kind
    may_become_type_2 = document.kind == "soc2" and document.report_type is None
    return document.is_independent or may_become_type_2
