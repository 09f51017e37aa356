"""A vendor's file in which nothing is left open on the day of the tests, and ways to change it."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from passmuster.model.assurance import AssuranceLimits, VendorAssurance, VendorGaps
from passmuster.snapshot.assurance.gaps import gaps_of
from passmuster.snapshot.assurance.read import read_assurance

TODAY = date(2026, 6, 1)
SCOPE = {"services": ["Desk", "Flows"], "regions": "all"}
READ = {"read_by": "ines.costa@example.com", "read_on": "2026-03-02"}
TERMS = {
    "incident_notice_hours": 48,
    "critical_fix_days": 14,
    "evidence_access": True,
    "audit_right": True,
    "subprocessor_notice_days": 30,
    "processing_agreement": True,
    "data_return": True,
    "data_deletion_days": 30,
    "exit_support": True,
    "availability_percent": 99.9,
}
DOCUMENTS: list[dict[str, Any]] = [
    {"id": "soc2", "kind": "soc2", "status": "received", "type": 2, "issuer": "Auditors LLP"}
    | {"period": {"from": "2025-01-01", "to": "2025-12-31"}, "opinion": "unqualified", "scope": SCOPE, **READ}
    | {"exceptions": [{"id": "CC6.1", "text": "two late removals", "answer": "we remove leavers ourselves"}]}
    | {"user_controls": [{"id": "CUEC-1", "text": "the customer reviews access", "answer": "quarterly"}]},
    {"id": "letter", "kind": "bridge_letter", "status": "received", "of": "soc2"}
    | {"period": {"from": "2026-01-01", "to": "2026-09-30"}},
    {"id": "iso", "kind": "certificate", "standard": "ISO/IEC 27001", "status": "received", "exceptions": []}
    | {"issued_on": "2025-01-01", "expires_on": "2027-12-31", "scope": SCOPE, **READ},
    {"id": "test", "kind": "penetration_test", "status": "received", "dated_on": "2026-01-15", "scope": SCOPE}
    | {"open_findings": 0, **READ},
    {"id": "subs", "kind": "subprocessors", "status": "received", "dated_on": "2026-05-01", "changes": []}
    | {"subprocessors": [{"name": "Hosting Ltd", "service": "hosting", "country": "IE"}]},
    {"id": "bom", "kind": "bill_of_materials", "status": "received", "dated_on": "2026-05-01"},
    {"id": "split", "kind": "responsibility_split", "status": "received", "dated_on": "2026-02-01"},
    {"id": "exercise", "kind": "incident_exercise", "status": "received", "dated_on": "2026-02-01"},
    {"id": "contract", "kind": "contract", "status": "received", "expires_on": "9999-12-31", "terms": TERMS},
]
VENDOR: dict[str, Any] = {
    "schema": "passmuster/assurance@1",
    "vendor": "Example Cloud",
    "tier": "critical",
    "contact": {"security": "security@vendor.example", "tested_on": "2026-02-01"},
    "platforms": [{"id": "test:1", "services": ["desk"], "regions": ["eu-central"]}],
    "documents": DOCUMENTS,
}


def changed(changes: Mapping[str, Mapping[str, Any]], **own: Any) -> dict[str, Any]:
    """The file with fields of documents changed by the document's id; `...` takes a field away."""
    vendor = copy.deepcopy({**VENDOR, **own})
    for name, fields in changes.items():
        document = next(entry for entry in vendor["documents"] if entry["id"] == name)
        for field, value in fields.items():
            if value is ...:
                document.pop(field, None)
            else:
                document[field] = value
    return vendor


def write(folder: Path, *vendors: Mapping[str, Any]) -> Path:
    """The files in a folder `assurance` (JSON is YAML)."""
    inner = folder / "assurance"
    inner.mkdir(parents=True, exist_ok=True)
    for number, vendor in enumerate(vendors):
        (inner / f"vendor-{number}.yaml").write_text(json.dumps(vendor), encoding="utf-8")
    return folder


def read(folder: Path, vendor: Mapping[str, Any]) -> VendorAssurance:
    """The vendor as read back; fails where it has mistakes."""
    complaints: list[str] = []
    found = read_assurance(write(folder, vendor) / "assurance", complaints)
    assert complaints == []
    return found[0]


def gaps(folder: Path, vendor: Mapping[str, Any], **limits: int) -> VendorGaps:
    """The gaps of a file on the day of the tests."""
    return gaps_of(read(folder, vendor), today=TODAY, limits=AssuranceLimits(**limits))
