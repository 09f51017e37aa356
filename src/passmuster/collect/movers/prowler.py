"""Prowler's OCSF output (`prowler ... -M json-ocsf`): each failed check of a resource, as a finding.

Fields as in Prowler's `lib/outputs/ocsf/ocsf.py` and in the OCSF schema's classes Compliance Finding (2003) and
Detection Finding (2004). The id of the check is `metadata.event_code`, the verdict `status_code`; the former class may
have both in `compliance`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passmuster.collect.movers.brought import Asked, Brought, Found, Remark, findings, refuse

SOURCE = "prowler"
_CLASSES = (2003, 2004)
_SEVERITIES = {
    "informational": "info",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "critical": "critical",
    "fatal": "critical",
}
_SEVERITY_IDS = {1: "info", 2: "low", 3: "medium", 4: "high", 5: "critical", 6: "critical"}
_STATES = {"new": "open", "in progress": "in_progress", "suppressed": "accepted", "resolved": "closed", "": "open"}
_STATE_IDS = {1: "new", 2: "in progress", 3: "suppressed", 4: "resolved"}


def recognises(document: Any) -> bool:
    """Whether these are OCSF findings, of whatever product."""
    return any(isinstance(each, dict) and "class_uid" in each and "metadata" in each for each in _records(document))


def read(document: Any, where: str, asked: Asked) -> Brought:
    """Findings for findings.csv; raises UnreadableInput with every mistake. What passed is no finding."""
    complaints: list[str] = []
    remarks: list[Remark] = []
    found: list[Found] = []
    records = _records(document)
    for number, record in enumerate(records, 1):
        complaint = _complaint(record)
        if complaint:
            complaints.append(f"record {number}: {complaint}")
            continue
        left = _left(record)
        if left:
            remarks.append(Remark(left, f"record {number}"))
        else:
            found.append(_found(record, f"record {number}", asked))
    if complaints:
        refuse(where, complaints)
    if found:
        remarks.append(Remark("Prowler gives no owner and no due date: fill those columns, GOV-02 asks for both"))
    return findings(found, len(records), remarks)


def _records(document: Any) -> list[Any]:
    """Prowler writes a list; one record alone stands for a list of it."""
    return document if isinstance(document, list) else [document] if isinstance(document, dict) else []


def _complaint(record: Any) -> str:
    if not isinstance(record, dict) or not isinstance(record.get("metadata"), dict):
        return "is no OCSF finding"
    product = _word(record, "metadata", "product", "name") or _word(record, "metadata", "product", "uid")
    if product.lower() != SOURCE:
        return f"comes from {product[:40] or 'an unnamed product'}, not from Prowler"
    if record.get("class_uid") not in _CLASSES:
        kind = f"class {str(record.get('class_uid'))[:20]}"
        return f"is of {kind}; 2003 and 2004 are read, which Prowler 4 and later write"
    if not _word(record, "finding_info", "uid"):
        return "has no finding_info.uid"
    return ""


def _left(record: Mapping[str, Any]) -> str:
    verdict = (_word(record, "status_code") or _word(record, "compliance", "status")).upper()
    if verdict == "FAIL":
        return ""
    if verdict == "PASS":
        return "passed: no finding"
    if verdict == "MANUAL":
        return "must be judged by a person (MANUAL): left, judge it"
    return f"has the verdict {verdict[:20] or 'none'}, which is neither FAIL nor PASS: left"


def _found(record: Mapping[str, Any], place: str, asked: Asked) -> Found:
    remarks: list[Remark] = []
    given = record.get("resources")
    resources = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    if len(resources) > 1:
        remarks.append(Remark("names several resources; the first is kept", place))
    resource = (_word(resources[0], "uid") or _word(resources[0], "name")) if resources else ""
    row = {
        "finding_id": _word(record, "finding_info", "uid"),
        "title": _word(record, "finding_info", "title") or _word(record, "message"),
        "severity": _severity(record, place, remarks),
        "control_id": _word(record, "metadata", "event_code") or _word(record, "compliance", "control"),
        "resource_id": resource,
        "source": "/".join(filter(None, (SOURCE, asked.platform))),
        **_status(record, place, remarks, asked),
    }
    return Found(row, place, tuple(remarks))


def _severity(record: Mapping[str, Any], place: str, remarks: list[Remark]) -> str:
    word, number = _word(record, "severity"), record.get("severity_id")
    severity = _SEVERITIES.get(word.lower()) or (_SEVERITY_IDS.get(number) if isinstance(number, int) else None)
    if not severity:
        remarks.append(Remark(f"has the severity {word[:20] or 'none'}, not known here: left empty", place))
    return severity or ""


def _status(record: Mapping[str, Any], place: str, remarks: list[Remark], asked: Asked) -> dict[str, str]:
    number = record.get("status_id")
    word = _word(record, "status") or (_STATE_IDS.get(number, str(number)) if isinstance(number, int) else "")
    status = _STATES.get(word.lower())
    if status is None:
        remarks.append(Remark(f"has the status {word[:20]!r}, not known here: left empty", place))
        return {"status": ""}
    if status != "accepted":
        return {"status": status}
    if not asked.by:
        remarks.append(Remark("is muted in Prowler: comes in open; --by NAME takes the decision over", place))
        return {"status": "open"}
    return {"status": "accepted", "accepted_by": asked.by}


def _word(record: Mapping[str, Any], *path: str) -> str:
    value: Any = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
