"""CSAF documents to test with, made by us: one that is valid, and changes at paths of it."""

from __future__ import annotations

import copy
from typing import Any

from passmuster.intel.feeds.interface import Document

GONE = "<removed>"
"""As a value: the key is removed."""

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
_ADVISORY: dict[str, Any] = {
    "document": {
        "category": "csaf_security_advisory",
        "csaf_version": "2.0",
        "lang": "en",
        "publisher": {"category": "vendor", "name": "Acme PSIRT", "namespace": "https://psirt.acme.example"},
        "references": [{"category": "self", "summary": "This advisory", "url": "https://psirt.acme.example/a-1.json"}],
        "title": "Flowmaker lets anybody in",
        "tracking": {
            "current_release_date": "2026-03-02T09:00:00Z",
            "id": "ACME-2026-01",
            "initial_release_date": "2026-03-01T09:00:00Z",
            "revision_history": [
                {"date": "2026-03-01T09:00:00Z", "number": "1", "summary": "First"},
                {"date": "2026-03-02T09:00:00Z", "number": "2", "summary": "Second"},
            ],
            "status": "final",
            "version": "2",
        },
    },
    "product_tree": {
        "branches": [
            {
                "category": "vendor",
                "name": "Acme",
                "branches": [
                    {
                        "category": "product_name",
                        "name": "Flowmaker",
                        "branches": [
                            {
                                "category": "product_version_range",
                                "name": "vers:semver/>=1.0.0|<2.4.1",
                                "product": {"name": "Acme Flowmaker before 2.4.1", "product_id": "OLD"},
                            },
                            {
                                "category": "product_version",
                                "name": "2.4.1",
                                "product": {"name": "Acme Flowmaker 2.4.1", "product_id": "NEW"},
                            },
                        ],
                    }
                ],
            }
        ],
        "product_groups": [{"group_id": "BOTH", "product_ids": ["OLD", "NEW"]}],
    },
    "vulnerabilities": [
        {
            "cve": "CVE-2026-10001",
            "cwe": {"id": "CWE-287", "name": "Improper Authentication"},
            "notes": [{"category": "description", "text": "Sign-in can be skipped."}],
            "product_status": {"known_affected": ["OLD"], "fixed": ["NEW"]},
            "remediations": [
                {
                    "category": "vendor_fix",
                    "date": "2026-02-27T00:00:00Z",
                    "details": "Update to 2.4.1.",
                    "product_ids": ["OLD"],
                    "url": "https://acme.example/2.4.1",
                }
            ],
            "scores": [
                {
                    "cvss_v3": {
                        "version": "3.1",
                        "vectorString": VECTOR,
                        "baseScore": 9.8,
                        "baseSeverity": "CRITICAL",
                    },
                    "products": ["OLD"],
                }
            ],
        }
    ],
}


def advisory(changes: dict[str, Any] | None = None, *, version: str = "2.0") -> dict[str, Any]:
    """A valid advisory with changes: dotted path to value, or GONE; a path ending in `+` appends to a list."""
    found = copy.deepcopy(_ADVISORY)
    if version == "2.1":
        for path, value in _TO_2_1.items():
            _change(found, path, copy.deepcopy(value))
    for path, value in (changes or {}).items():
        _change(found, path, copy.deepcopy(value))
    return found


def document(value: Any) -> Document:
    """The value as it comes from a file `a.json`."""
    return Document("a.json", "", value)


def _change(holder: Any, path: str, value: Any) -> None:
    *steps, last = path.split(".")
    for step in steps:
        holder = holder[int(step)] if isinstance(holder, list) else holder.setdefault(step, {})
    if last == "+":
        holder.append(value)
    elif value == GONE:
        del holder[int(last) if isinstance(holder, list) else last]
    elif isinstance(holder, list):
        holder[int(last)] = value
    else:
        holder[last] = value


_TO_2_1: dict[str, Any] = {
    "$schema": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json",
    "document.csaf_version": "2.1",
    "document.distribution": {"tlp": {"label": "CLEAR"}},
    "vulnerabilities.0.cwe": GONE,
    "vulnerabilities.0.cwes": [{"id": "CWE-287", "name": "Improper Authentication", "version": "4.13"}],
    "vulnerabilities.0.scores": GONE,
    "vulnerabilities.0.metrics": [
        {
            "content": {
                "cvss_v3": {"version": "3.1", "vectorString": VECTOR, "baseScore": 9.8, "baseSeverity": "CRITICAL"}
            },
            "products": ["OLD"],
        }
    ],
}
