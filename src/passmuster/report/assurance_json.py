"""Vendors' assurance and its gaps as JSON (`passmuster/assurance-check@1`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TextIO

from passmuster.model.assurance import AssuranceGap, VendorGaps
from passmuster.report.text import rfc3339


def write_assurance_json(found: Sequence[VendorGaps], out: TextIO, *, as_of: datetime) -> None:
    """One document: every vendor with its documents and gaps, the worst first."""
    gaps = [gap for each in found for gap in each.gaps]
    open_questions = sum(gap.is_open_question for gap in gaps)
    document = {
        "schema": "passmuster/assurance-check@1",
        "as_of": rfc3339(as_of),
        "vendors": [_vendor(each) for each in found],
        "summary": {"vendors": len(found), "gaps": len(gaps) - open_questions, "open_questions": open_questions},
    }
    json.dump(document, out, indent=1, ensure_ascii=False)
    out.write("\n")


def _vendor(each: VendorGaps) -> dict[str, Any]:
    vendor = each.vendor
    return {
        "vendor": vendor.name,
        "file": vendor.file,
        "tier": vendor.tier,
        "platforms": [platform.id for platform in vendor.platforms],
        "documents": [
            {
                "id": line.document.id,
                "kind": line.document.kind,
                "status": line.document.status,
                "covered_until_on": _day(line.covered_until),
                "is_current": line.is_current,
            }
            for line in each.lines
        ],
        "gaps": [_gap(gap) for gap in each.gaps],
    }


def _gap(gap: AssuranceGap) -> dict[str, Any]:
    return {
        "code": gap.code,
        "severity": str(gap.severity),
        "platform": gap.platform or None,
        "document": gap.document or None,
        "text": gap.text,
        "due_on": _day(gap.due_on),
        "is_open_question": gap.is_open_question,
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
