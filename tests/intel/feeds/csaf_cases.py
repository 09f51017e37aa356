"""For each mandatory test of CSAF 2.0 a change that breaks it, and one close by that does not."""

from __future__ import annotations

from typing import Any

from tests.intel.feeds.csaf_documents import GONE, VECTOR

_V = "vulnerabilities.0"
_T = "document.tracking"
_H = f"{_T}.revision_history"
_RANGE = "product_tree.branches.0.branches.0.branches.0"
_NEW = "product_tree.branches.0.branches.0.branches.1"
_SCORE = f"{_V}.scores.0.cvss_v3"
_TREE_GONE = {"product_tree": GONE, "vulnerabilities": GONE}
_BASE = {"document.category": "csaf_base"}
_VEX = {"document.category": "csaf_vex", f"{_V}.product_status": {"known_not_affected": ["OLD"]}}
_VEX |= {f"{_V}.remediations": GONE}
_TALK = {"document.category": "csaf_informational_advisory", "vulnerabilities": GONE}
_NOTE = {"document.notes": [{"category": "summary", "text": "Read this."}]}
_LINK = {"document.references.+": {"category": "external", "summary": "More", "url": "https://acme.example/more"}}


def _revision(number: str, day: int) -> dict[str, str]:
    return {"date": f"2026-03-{day:02}T09:00:00Z", "number": number, "summary": "Changed"}


def _relation(name: str, part: str, whole: str) -> dict[str, Any]:
    return {
        "category": "installed_on",
        "full_product_name": {"name": name, "product_id": name},
        "product_reference": part,
        "relates_to_product_reference": whole,
    }


def _hashes(*algorithms: str) -> dict[str, Any]:
    return {
        "hashes": [{"filename": "a", "file_hashes": [{"algorithm": each, "value": "0" * 64} for each in algorithms]}]
    }


def _versions(*numbers: str, status: str = "final", version: str = "") -> dict[str, Any]:
    """The revision history with these numbers, a day apart."""
    return {
        _H: [_revision(number, day + 1) for day, number in enumerate(numbers)],
        f"{_T}.version": version or numbers[-1],
        f"{_T}.status": status,
    }


_TWICE = {"cvss_v3": {"version": "3.1", "vectorString": VECTOR, "baseScore": 9.8, "baseSeverity": "CRITICAL"}}
_OLD_SCORE = {"cvss_v2": {"version": "2.0", "vectorString": "AV:N/AC:L/Au:N/C:C/I:C/A:C", "baseScore": 10.0}}
_OTHER = {"cve": "CVE-2026-10002", "notes": [{"category": "description", "text": "x"}]}
_OTHER |= {"product_status": {"known_affected": ["OLD"]}}
_PARTY = {"party": "vendor", "status": "completed", "date": "2026-03-01T00:00:00Z"}
_FLAG = {"label": "component_not_present", "product_ids": ["OLD"]}

# Number, what breaks it, what does not.
CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("6.1.1", {f"{_V}.product_status.known_affected": ["NOBODY"]}, {f"{_V}.product_status.known_affected": ["OLD"]}),
    ("6.1.2", {f"{_NEW}.product.product_id": "OLD", f"{_V}.product_status": {"known_affected": ["OLD"]}}, {}),
    (
        "6.1.3",
        {"product_tree.relationships": [_relation("A", "B", "OLD"), _relation("B", "A", "NEW")]},
        {"product_tree.relationships": [_relation("A", "OLD", "NEW"), _relation("B", "A", "NEW")]},
    ),
    ("6.1.4", {f"{_V}.remediations.0.group_ids": ["NONE"]}, {f"{_V}.remediations.0.group_ids": ["BOTH"]}),
    (
        "6.1.5",
        {"product_tree.product_groups.+": {"group_id": "BOTH", "product_ids": ["NEW", "OLD"]}},
        {"product_tree.product_groups.+": {"group_id": "AGAIN", "product_ids": ["NEW", "OLD"]}},
    ),
    (
        "6.1.6",
        {f"{_V}.product_status.known_not_affected": ["OLD"]},
        {f"{_V}.product_status.last_affected": ["OLD"], f"{_V}.product_status.recommended": ["NEW"]},
    ),
    (
        "6.1.7",
        {f"{_V}.scores.+": {**_TWICE, "products": ["OLD"]}},
        {f"{_V}.scores.+": {**_OLD_SCORE, "products": ["OLD"]}},
    ),
    ("6.1.8", {f"{_SCORE}.baseSeverity": GONE}, {f"{_SCORE}.attackVector": "NETWORK"}),
    ("6.1.8", {f"{_SCORE}.vectorString": "CVSS:3.1/AV:N"}, {f"{_SCORE}.vectorString": VECTOR}),
    ("6.1.8", {f"{_SCORE}.attackVector": "INTERNET"}, {f"{_SCORE}.scope": "UNCHANGED"}),
    ("6.1.9", {f"{_SCORE}.baseScore": 10.0, f"{_SCORE}.baseSeverity": "LOW"}, {f"{_SCORE}.temporalScore": 9.8}),
    ("6.1.9", {f"{_SCORE}.temporalScore": 5.0}, {f"{_SCORE}.environmentalScore": 9.8}),
    ("6.1.10", {f"{_SCORE}.attackVector": "LOCAL"}, {f"{_SCORE}.exploitCodeMaturity": "NOT_DEFINED"}),
    ("6.1.11", {f"{_V}.cwe.name": "Improper Input Validation"}, {f"{_V}.cwe.id": "CWE-99999"}),
    ("6.1.12", {"document.lang": "ez"}, {"document.lang": "de-CH"}),
    ("6.1.12", {"document.lang": "en-WW"}, {"document.lang": "zh-Hant-TW"}),
    (
        "6.1.13",
        {f"{_NEW}.product.product_identification_helper": {"purl": "pkg:maven//@1.0"}},
        {f"{_NEW}.product.product_identification_helper": {"purl": "pkg:npm/%40acme/flowmaker@2.4.1"}},
    ),
    (
        "6.1.14",
        {f"{_H}.0.date": "2026-03-02T12:00:00+01:00", f"{_T}.version": "1"},
        {f"{_H}.0.date": "2026-03-02T12:00:00+03:30"},
    ),
    ("6.1.15", {"document.publisher.category": "translator"}, {"document.source_lang": "de"}),
    ("6.1.16", {f"{_T}.version": "1"}, {f"{_T}.version": "2"}),
    ("6.1.16", _versions("1.0.0", version="1.0.1"), _versions("1.0.0", version="1.0.0+build7")),
    ("6.1.17", _versions("0", status="final"), _versions("0", status="draft")),
    ("6.1.18", _versions("0", "1"), _versions("0", "1", status="draft")),
    ("6.1.19", _versions("1.0.0-rc", "1.0.0"), _versions("1.0.0", "1.0.1")),
    (
        "6.1.20",
        _versions("1.0.0", version="1.0.0-alpha"),
        _versions("1.0.0", version="1.0.0-alpha", status="draft"),
    ),
    ("6.1.21", _versions("1", "3"), _versions("1", "2", "3")),
    ("6.1.21", _versions("2", "3"), _versions("1.0.0", "1.2.0", "2.0.0")),
    ("6.1.22", _versions("1", "1", version="1"), _versions("1", "2")),
    ("6.1.23", {"vulnerabilities.+": {**_OTHER, "cve": "CVE-2026-10001"}}, {"vulnerabilities.+": _OTHER}),
    (
        "6.1.24",
        {f"{_V}.involvements": [_PARTY, {**_PARTY, "status": "open"}]},
        {f"{_V}.involvements": [_PARTY, {**_PARTY, "party": "discoverer"}]},
    ),
    (
        "6.1.25",
        {f"{_NEW}.product.product_identification_helper": _hashes("sha256", "sha256")},
        {f"{_NEW}.product.product_identification_helper": _hashes("sha256", "sha3-256")},
    ),
    ("6.1.26", {"document.category": "Security-Advisory"}, {"document.category": "Acme Security Advisory"}),
    ("6.1.26", {"document.category": "csaf_bulletin"}, _BASE),
    ("6.1.27", {**_TALK, **_LINK}, {**_TALK, **_LINK, **_NOTE}),
    ("6.1.27", {**_TALK, **_NOTE}, {**_TALK, **_LINK, **_NOTE, "document.category": "csaf_security_incident_response"}),
    ("6.1.27", {"document.category": "csaf_informational_advisory", **_LINK, **_NOTE}, {**_TALK, **_LINK, **_NOTE}),
    ("6.1.27", {**_TREE_GONE}, {**_TREE_GONE, **_BASE}),
    ("6.1.27", {f"{_V}.notes": GONE}, {f"{_V}.notes": GONE, **_BASE}),
    ("6.1.27", {f"{_V}.product_status": GONE}, {f"{_V}.product_status": GONE, **_BASE}),
    ("6.1.27", {"vulnerabilities": GONE}, {"vulnerabilities": GONE, **_BASE}),
    ("6.1.27", {**_VEX, f"{_V}.product_status": {"recommended": ["NEW"]}}, {**_VEX, f"{_V}.flags": [_FLAG]}),
    (
        "6.1.27",
        {**_VEX, f"{_V}.flags": [_FLAG], f"{_V}.cve": GONE},
        {**_VEX, f"{_V}.flags": [_FLAG], f"{_V}.cve": GONE, f"{_V}.ids": [{"system_name": "Acme", "text": "A-7"}]},
    ),
    (
        "6.1.27",
        _VEX,
        {**_VEX, f"{_V}.threats": [{"category": "impact", "details": "Not built in.", "group_ids": ["BOTH"]}]},
    ),
    (
        "6.1.27",
        {"document.category": "csaf_vex", f"{_V}.remediations": GONE},
        {"document.category": "csaf_vex"},
    ),
    ("6.1.28", {"document.source_lang": "EN"}, {"document.source_lang": "fr"}),
    ("6.1.29", {f"{_V}.remediations.0.product_ids": GONE}, {f"{_V}.remediations.0.product_ids": ["OLD"]}),
    ("6.1.30", _versions("1", "2.0.0"), _versions("1.0.0", "2.0.0")),
    ("6.1.31", {f"{_NEW}.name": "2.4 and later"}, {f"{_NEW}.name": "after-eight"}),
    ("6.1.31", {f"{_NEW}.name": "<= 2.4"}, {f"{_RANGE}.name": "<= 2.4"}),
    ("6.1.32", {f"{_V}.flags": [{"label": "component_not_present"}]}, {f"{_V}.flags": [_FLAG]}),
    (
        "6.1.33",
        {f"{_V}.flags": [_FLAG, {"label": "vulnerable_code_not_present", "group_ids": ["BOTH"]}]},
        {f"{_V}.flags": [_FLAG, {"label": "vulnerable_code_not_present", "product_ids": ["NEW"]}]},
    ),
]
