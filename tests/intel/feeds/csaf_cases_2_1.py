"""For tests that 2.1 adds a change that breaks each, and one close by that does not."""

from __future__ import annotations

from typing import Any

from tests.intel.feeds.csaf_documents import GONE

_V = "vulnerabilities.0"
_D = "document.distribution"
_NEW = "product_tree.branches.0.branches.0.branches.1"
_RANGE = "product_tree.branches.0.branches.0.branches.0"
_EVERYBODY = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_NOBODY = "00000000-0000-0000-0000-000000000000"
_OWN = "5868d6be-b28a-404e-a245-0b5093b31b8b"
_HELPER = f"{_NEW}.product.product_identification_helper"
_TWO = {"documentation": "another"}
_EPSS = {"percentile": "0.9", "probability": "0.5", "timestamp": "2026-03-01T00:00:00Z"}


def _involvement(**action: Any) -> dict[str, Any]:
    told = {
        "acting_entity_refs": ["EID-1"],
        "action_id": "first",
        "category": "notification",
        "date": "2026-02-01T00:00:00Z",
        "receiving_entity_refs": ["EID-2"],
        "status": "completed",
    }
    kept = {key: value for key, value in (told | action).items() if value is not None}
    entities = [{"category": "discoverer", "entity_id": "EID-1"}, {"category": "vendor", "entity_id": "EID-2"}]
    answer = {**told, "action_id": "answer", "category": "confirmation", "date": "2026-02-02T00:00:00Z"}
    answer |= {"acting_entity_refs": ["EID-2"], "receiving_entity_refs": ["EID-1"], "referenced_action_ids": ["first"]}
    return {"document.involvement": {"actions": [kept, answer], "entities": entities}}


def _purls(*texts: str) -> dict[str, Any]:
    return {_HELPER: {"purls": list(texts)}}


def _sha256(digits: int) -> dict[str, Any]:
    return {_HELPER: {"hashes": [{"filename": "a", "file_hashes": [{"algorithm": "sha256", "value": "0" * digits}]}]}}


def _exploited(date: str, seen: str) -> dict[str, Any]:
    told = {"date": f"2026-{date}T00:00:00Z", "exploitation_date": f"2026-{seen}T00:00:00Z", "product_ids": ["OLD"]}
    return {f"{_V}.first_known_exploitation_dates": [told]}


def _ssvc(**told: Any) -> dict[str, Any]:
    point = {"key": "E", "namespace": "ssvc", "version": "1.1.0", "values": [{"key": "A", "name": "Active"}]}
    content = {"schemaVersion": "2.0.0", "selections": [point], "timestamp": "2026-03-01T00:00:00Z"} | told
    return {f"{_V}.metrics.+": {"content": {"ssvc_v2": content}, "products": ["OLD"]}}


def _point(**told: Any) -> dict[str, Any]:
    point = {"key": "E", "namespace": "ssvc", "version": "1.1.0", "values": [{"key": "A"}]}
    return _ssvc(selections=[point | told])


def _keys(keys: str) -> list[dict[str, str]]:
    return [{"key": key} for key in keys]


def _license(expression: str, *notes: tuple[str, str]) -> dict[str, Any]:
    told = [{"category": category, "text": "Copy it freely.", "title": title} for category, title in notes]
    return {"document.license_expression": expression, **({"document.notes": told} if told else {})}


def _extended(*parts: dict[str, Any], name: str = "12") -> dict[str, Any]:
    url = f"https://raw.githubusercontent.com/oasis-tcs/csaf/x/documentation-{name}-content_1.0.0.json"
    told = {"$schema": url, "category": "supplementary", "content": {"documentation": "ours"}, "critical": False}
    return {"x_extensions": [told | part for part in parts]}


def _named_by(products: list[str]) -> dict[str, Any]:
    """A VEX document whose vulnerability has an id of some products only."""
    name = {"product_ids": products, "system_name": "Acme", "text": "7"}
    return {"document.category": "csaf_vex", f"{_V}.cve": GONE, f"{_V}.ids": [name]}


def _ended(title: str, category: str = "description") -> dict[str, Any]:
    note = {"category": category, "text": "It was wrong.", "title": title}
    return {
        "document.category": "csaf_withdrawn",
        "document.notes": [note],
        "product_tree": GONE,
        "vulnerabilities": GONE,
    }


CASES_2_1: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("6.1.8", {f"{_V}.metrics.0.content.cvss_v3.mood": "GRIM"}, {f"{_V}.metrics.0.content.cvss_v3.scope": "UNCHANGED"}),
    ("6.1.11", {f"{_V}.cwes.0.version": "1.0", f"{_V}.cwes.0.id": "CWE-1419"}, {f"{_V}.cwes.0.version": "99.0"}),
    ("6.1.13", _purls("pkg:oci/acme/flowmaker@sha256%3Aab"), _purls("pkg:oci/flowmaker@sha256%3Aab")),
    ("6.1.27", {f"{_V}.cve": GONE}, {f"{_V}.cve": GONE, f"{_V}.ids": [{"system_name": "Acme", "text": "7"}]}),
    ("6.1.27", _named_by(["OLD"]), _named_by(["OLD", "NEW"])),
    ("6.1.27", {f"{_V}.product_status": {"fixed": ["NEW"]}}, {f"{_V}.product_status": {"known_affected": ["OLD"]}}),
    ("6.1.27", _ended("Why"), _ended("Reasoning for Withdrawal")),
    ("6.1.27", _ended("Reasoning for Withdrawal", "summary"), {**_ended("Warum"), "document.lang": "de"}),
    (
        "6.1.35",
        {f"{_V}.remediations.+": {"category": "no_fix_planned", "details": "No.", "product_ids": ["OLD"]}},
        {f"{_V}.remediations.+": {"category": "workaround", "details": "Close it.", "product_ids": ["OLD"]}},
    ),
    (
        "6.1.36",
        {f"{_V}.remediations.0.product_ids": ["OLD", "NEW"]},
        {f"{_V}.remediations.+": {"category": "optional_patch", "details": "As you like.", "product_ids": ["NEW"]}},
    ),
    ("6.1.37", {f"{_V}.discovery_date": "2016-12-31T23:59:60Z"}, {f"{_V}.discovery_date": "2016-12-31T23:59:59Z"}),
    (
        "6.1.38",
        {f"{_D}.sharing_group": {"id": _EVERYBODY, "name": "Public"}, f"{_D}.tlp.label": "RED"},
        {f"{_D}.sharing_group": {"id": _EVERYBODY, "name": "Public"}},
    ),
    (
        "6.1.39",
        {f"{_D}.sharing_group": {"id": _OWN}},
        {f"{_D}.sharing_group": {"id": _OWN}, f"{_D}.tlp.label": "GREEN"},
    ),
    (
        "6.1.40",
        {f"{_D}.sharing_group": {"id": _OWN, "name": "Public"}, f"{_D}.tlp.label": "GREEN"},
        {f"{_D}.sharing_group": {"id": _OWN, "name": "Friends"}, f"{_D}.tlp.label": "GREEN"},
    ),
    (
        "6.1.41",
        {f"{_D}.sharing_group": {"id": _NOBODY}, f"{_D}.tlp.label": "RED"},
        {f"{_D}.sharing_group": {"id": _NOBODY, "name": "No sharing allowed"}, f"{_D}.tlp.label": "RED"},
    ),
    ("6.1.42", _purls("pkg:npm/a@1", "pkg:npm/b@1"), _purls("pkg:npm/a@1?x=1", "pkg:npm/a@1?x=2")),
    ("6.1.43", {_HELPER: {"model_numbers": ["A*B*"]}}, {_HELPER: {"model_numbers": ["A*B\\*"]}}),
    (
        "6.1.45",
        {f"{_V}.disclosure_date": "2026-04-01T00:00:00Z"},
        {f"{_V}.disclosure_date": "2026-04-01T00:00:00Z", f"{_D}.tlp.label": "AMBER"},
    ),
    ("6.1.46", _ssvc(selections=[]), _ssvc()),
    ("6.1.46", _point(namespace="ssvc//.acme.example$ez-nn"), _point(namespace="ssvc//.acme.example$de-CH")),
    ("6.1.46", _point(version="1.1"), _point(version="1.1.0")),
    ("6.1.47", _ssvc(target_ids=["CVE-2026-99999"]), _ssvc(target_ids=["CVE-2026-10001"])),
    ("6.1.48", _point(key="EE"), _point(key="EE", namespace="x_acme.example#ours")),
    ("6.1.48", _point(version="1.0.1"), _point(version="7.0.0")),
    ("6.1.48", _point(values=_keys("AX")), _point(values=_keys("PA"))),
    ("6.1.48", _point(values=_keys("AP")), _point(values=_keys("NPA"))),
    ("6.1.48", _point(values=_keys("AA")), _point(namespace="cisa", key="MP", version="1.0.0")),
    ("6.1.48", _point(name="Ausbeutung"), _point(name="Ausbeutung", namespace="ssvc//.acme.example$de-DE")),
    ("6.1.48", _point(values=[{"key": "A", "name": "Passive"}]), _point(name="Exploitation")),
    ("6.1.48", _point(namespace="invalid"), _point(namespace="test")),
    ("6.1.49", _ssvc(timestamp="2026-05-01T00:00:00Z"), _ssvc(timestamp="2026-03-02T09:00:00Z")),
    ("6.1.50", {f"{_RANGE}.name": "all versions < 2"}, {f"{_RANGE}.name": ">=1|<2"}),
    ("6.1.50", {f"{_RANGE}.name": "vers:all/<2"}, {f"{_RANGE}.name": "vers:all/*"}),
    ("6.1.50", {f"{_RANGE}.name": "<1|<>1.5|<2"}, {f"{_RANGE}.name": "<1|=1.5|>=1.7|<2"}),
    (
        "6.1.51",
        {f"{_V}.metrics.0.content.epss": {**_EPSS, "timestamp": "2027-01-01T00:00:00Z"}},
        {f"{_V}.metrics.0.content.epss": _EPSS},
    ),
    ("6.1.52", _exploited("04-01", "02-01"), _exploited("03-01", "02-01")),
    ("6.1.53", _exploited("02-01", "02-02"), _exploited("02-02", "02-01")),
    ("6.1.54", _license("Do as you like."), _license("CC-BY-4.0 OR (MIT AND BSD-3-Clause)")),
    ("6.1.55", _license("LicenseRef-acme"), _license("LicenseRef-acme", ("legal_disclaimer", "License"))),
    ("6.1.55", _license("LicenseRef-acme", ("other", "License")), _license("LicenseRef-scancode-acme")),
    (
        "6.1.55",
        _license("MIT WITH AdditionRef-acme", ("legal_disclaimer", "Lizenz")),
        {**_license("LicenseRef-acme", ("legal_disclaimer", "Lizenz")), "document.lang": "de"},
    ),
    (
        "6.1.56",
        {f"{_V}.metrics.+": {"content": {"qualitative_severity_rating": "high"}, "products": ["OLD"]}},
        {f"{_V}.metrics.+": {"content": {"qualitative_severity_rating": "high"}, "products": ["NEW"]}},
    ),
    ("6.1.57", {"product_tree.branches.0.category": "product_name"}, {"product_tree.branches.0.category": "vendor"}),
    ("6.1.59", {f"{_RANGE}.name": "vers:semver/2.0.0"}, {f"{_RANGE}.name": "vers:semver/<2.0.0"}),
    ("6.1.60.1", _extended({"critical": "no"}), _extended({"critical": True, "category": "essential"})),
    ("6.1.60.1", _extended({"mood": "grim"}), _extended({"$schema": "https://acme.example/1.0.0.json"})),
    ("6.1.60.2", _extended({"content": {"notes": ["x"]}}), _extended({"content": {"documentation": "x"}})),
    ("6.1.60.3", _extended({}, {"content": _TWO}, name="11"), _extended({}, {"content": _TWO})),
    (
        "6.1.60.3",
        {**_extended({}), "document.x_extensions": _extended({}, name="11")["x_extensions"]},
        {**_extended({}), "document.x_extensions": _extended({})["x_extensions"]},
    ),
    (
        "6.1.60.3",
        {f"{_V}.metrics.0.content.x_extensions": _extended({})["x_extensions"]},
        {f"{_V}.x_extensions": _extended({})["x_extensions"]},
    ),
    ("6.1.62", {f"{_V}.discovery_date": "2026-06-01T00:00:00Z"}, {f"{_V}.discovery_date": "2026-01-01T00:00:00Z"}),
    ("6.1.63", _sha256(62), _sha256(64)),
    ("6.1.64.1", _involvement(receiving_entity_refs=None), _involvement()),
    ("6.1.64.4", _involvement(receiving_entity_refs=["EID-1", "EID-2"]), _involvement()),
    ("6.1.64.5", _involvement(acting_entity_refs=["EID-9"]), _involvement()),
    ("6.1.64.6", _involvement(action_id="answer", referenced_action_ids=None), _involvement()),
    ("6.1.64.11", _involvement(referenced_action_ids=["answer"]), _involvement(summary="By mail.")),
    ("6.1.65.1", _involvement(dl_vuln_ids=["VULN-1"]), {**_involvement(dl_vuln_ids=["V"]), **_involvement()}),
    ("6.1.66", {"document.tracking.initial_release_date": "2026-01-01T00:00:00Z"}, {}),
]
