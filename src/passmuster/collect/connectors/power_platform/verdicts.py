"""Verdicts that ScubaGear reached itself, from `ScubaResults_*.json` or `TestResults.json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from passmuster.collect.connectors.power_platform.identifiers import as_id
from passmuster.collect.connectors.power_platform.odd_parts import OddParts
from passmuster.collect.connectors.power_platform.powershell import as_list, as_object, as_text, as_time

Row = dict[str, Any]
TOOL = "ScubaGear"
_RESULTS = {"pass": "pass", "fail": "fail", "warning": "warning", "omitted": "omitted", "incorrect result": "omitted"}
_PREFIX = "MS.POWERPLATFORM."


def verdict_rows(document: Mapping[str, Any], odd: OddParts) -> list[Row]:
    """The verdicts on Power Platform that a ScubaResults document holds."""
    judged_at = as_time((as_object(document.get("MetaData")) or {}).get("TimestampZulu"))
    rows = []
    for control in _controls(document):
        policy_id = as_id(control.get("Control ID"))
        if policy_id is None:
            odd.gap("Results.PowerPlatform holds a verdict without a Control ID")
            continue
        criticality = as_text(control.get("Criticality")) or ""
        result = _result(as_text(control.get("Result")) or "", criticality)
        rows.append(_row(policy_id, criticality, result, control.get("Details"), judged_at))
    return rows


def is_test_results(document: Any) -> bool:
    """Whether the document is a list of Rego test results, as `TestResults.json` holds."""
    return isinstance(document, list) and any(isinstance(item, dict) and "PolicyId" in item for item in document)


def verdict_rows_of_tests(tests: list[Any]) -> list[Row]:
    """The verdicts on Power Platform in a list of Rego test results; those of other products are passed over."""
    rows = []
    for test in tests:
        policy_id = as_id(test.get("PolicyId")) if isinstance(test, dict) else None
        if policy_id is None or not policy_id.startswith(_PREFIX):
            continue
        criticality, details = as_text(test.get("Criticality")) or "", as_text(test.get("ReportDetails")) or ""
        rows.append(_row(policy_id, criticality, _met(test.get("RequirementMet"), criticality, details), details, None))
    return rows


def _controls(document: Mapping[str, Any]) -> Iterator[Row]:
    results = as_object(document.get("Results")) or {}
    for group in as_list(results.get("PowerPlatform")):
        for control in as_list((as_object(group) or {}).get("Controls")):
            yield as_object(control) or {}


def _needs_person(criticality: str) -> bool:
    return "not-implemented" in criticality.lower() or "3rd party" in criticality.lower()


def _result(word: str, criticality: str) -> str:
    if word.lower() == "n/a":
        return "manual" if _needs_person(criticality) else "not_applicable"
    return _RESULTS.get(word.lower(), "error")


def _met(met: Any, criticality: str, details: str) -> str:
    if _needs_person(criticality):
        return "manual"
    if details == "PowerShell Error" or not isinstance(met, bool):
        return "error"
    if met:
        return "pass"
    return "fail" if criticality.lower().startswith("shall") else "warning"


def _row(policy_id: str, criticality: str, result: str, details: Any, judged_at: datetime | None) -> Row:
    return {
        "tool": TOOL,
        "policy_id": policy_id,
        "criticality": criticality or None,
        "result": result,
        "details": as_text(details),
        "judged_at": judged_at,
    }
