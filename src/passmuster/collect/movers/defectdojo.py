"""DefectDojo's CSV: its own export of findings, and the table that its generic import takes.

The export (`CSVExportView`) names every field of a finding in small letters and gives the column `test` twice. The
generic table has `Title`, `Severity`, `Active`, ... and no ids: one is made of what tells findings apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence, Set
from typing import Any

from passmuster.collect.movers.brought import Asked, Brought, Found, Remark, findings, refuse
from passmuster.collect.movers.days import read_day
from passmuster.documents.csv_file import Rows
from passmuster.documents.secrets import strip_url

SOURCE = "defectdojo"
_EXPORT, _EXPORT_TELLS = frozenset({"id", "title", "severity"}), frozenset({"active", "is_mitigated", "mitigated"})
_GENERIC, _GENERIC_TELLS = frozenset({"Title", "Severity"}), frozenset({"CweId", "Description", "Active"})
_SEVERITIES = {
    "info": "info",
    "informational": "info",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "critical": "critical",
}
_FLAGS = {"true": True, "t": True, "yes": True, "1": True, "false": False, "f": False, "no": False, "0": False}
_EMPTY = ("", "none", "null", "value not supported")
_DUE = ("sla_expiration_date", "sla_deadline", "planned_remediation_date")
# What the generic table calls the fields of the export.
_SPELLING = {
    "Title": "title",
    "Severity": "severity",
    "CweId": "cwe",
    "Url": "endpoints",
    "Description": "description",
    "Active": "active",
    "FalsePositive": "false_p",
    "Duplicate": "duplicate",
    "IsMitigated": "is_mitigated",
    "MitigatedDate": "mitigated",
}
_USED = frozenset(
    """
    id title severity cwe endpoints description active false_p duplicate out_of_scope is_mitigated mitigated
    risk_accepted under_review vuln_id_from_tool component_name component_version file_path
    """.split()
) | frozenset(_DUE)
_NO_FINDING = {"false_p": "a false positive", "out_of_scope": "out of scope", "duplicate": "a duplicate"}


def recognises(header: Sequence[str]) -> bool:
    """Whether the columns are those of the export or of the generic table."""
    names = set(header)
    return _is_export(names) or (names >= _GENERIC and bool(names & _GENERIC_TELLS))


def read(table: tuple[Sequence[str], Rows], where: str, asked: Asked) -> Brought:
    """Findings for findings.csv; raises UnreadableInput with every mistake."""
    header, lines = table
    is_export = _is_export(set(header))
    names = {column: name for column in header if (name := _SPELLING.get(column, column)) in _USED}
    complaints: list[str] = []
    remarks: list[Remark] = []
    found: list[Found] = []
    for number, cells in lines:
        line = {names[column]: _text(cell) for column, cell in cells.items() if column in names}
        place = f"line {number}"
        lacking = [name for name in (("id", "title") if is_export else ("title",)) if not line.get(name)]
        if lacking:
            complaints.append(f"{place}: has no {' and no '.join(lacking)}")
            continue
        said = [text for name, text in _NO_FINDING.items() if _flag(line, name, place, remarks)]
        if said:
            remarks.append(Remark(f"is {said[0]} there: left", place))
        else:
            found.append(_found(line, place, asked, is_export=is_export))
    if complaints:
        refuse(where, complaints)
    if found:
        remarks.append(Remark("DefectDojo gives no owner: fill that column, GOV-02 asks for one"))
    return findings(found, len(lines), remarks)


def _is_export(names: Set[str]) -> bool:
    return names >= _EXPORT and bool(names & _EXPORT_TELLS)


def _found(line: Mapping[str, str], place: str, asked: Asked, *, is_export: bool) -> Found:
    remarks: list[Remark] = []
    severity = _SEVERITIES.get(line.get("severity", "").lower(), "")
    if not severity:
        said = line.get("severity", "")[:20] or "none"
        remarks.append(Remark(f"has the severity {said}, not known here: left empty", place))
    endpoints = [strip_url(part.strip()) for part in line.get("endpoints", "").split(";") if part.strip()]
    if len(endpoints) > 1:
        remarks.append(Remark("names several endpoints; the first is kept", place))
    source = "/".join(filter(None, (SOURCE, asked.platform)))
    row = {
        "finding_id": f"{source}/{line['id'] if is_export else _made_id(line)}",
        "title": line["title"],
        "severity": severity,
        "due_on": _due(line, place, remarks, asked),
        "control_id": _control(line),
        "resource_id": (endpoints or [_component(line)])[0],
        "source": source,
        **_status(line, place, remarks, asked),
    }
    return Found(row, place, tuple(remarks))


def _status(line: Mapping[str, str], place: str, remarks: list[Remark], asked: Asked) -> dict[str, str]:
    is_active = _flag(line, "active", place, remarks)
    if _flag(line, "is_mitigated", place, remarks) or (line.get("mitigated") and not is_active):
        return {"status": "closed"}
    if _flag(line, "risk_accepted", place, remarks):
        if asked.by:
            return {"status": "accepted", "accepted_by": asked.by}
        remarks.append(Remark("is risk-accepted there: comes in open; --by NAME takes the decision over", place))
        return {"status": "open"}
    if is_active:
        return {"status": "in_progress" if _flag(line, "under_review", place, remarks) else "open"}
    if is_active is None and "active" not in line:
        # The generic import takes a finding as active where the table does not say.
        return {"status": "open"}
    remarks.append(Remark("is neither active nor mitigated there: its status is left empty, decide it", place))
    return {"status": ""}


def _flag(line: Mapping[str, str], name: str, place: str, remarks: list[Remark]) -> bool | None:
    text = line.get(name, "").lower()
    if not text:
        return None
    if text not in _FLAGS:
        remarks.append(Remark(f"says {text[:20]!r} for {name}, which is neither true nor false: not counted", place))
    return _FLAGS.get(text)


def _due(line: Mapping[str, str], place: str, remarks: list[Remark], asked: Asked) -> str:
    text = next((line[name] for name in _DUE if line.get(name)), "")
    try:
        return read_day(text, day_first=asked.day_first).isoformat() if text else ""
    except ValueError as error:
        remarks.append(Remark(f"has a due date that cannot be read: {error}", place))
        return ""


def _control(line: Mapping[str, str]) -> str:
    number = line.get("cwe", "")
    return line.get("vuln_id_from_tool") or (f"CWE-{number}" if number.isdigit() and int(number) else "")


def _component(line: Mapping[str, str]) -> str:
    return "@".join(filter(None, (line.get("component_name"), line.get("component_version")))) or line.get(
        "file_path", ""
    )


def _made_id(line: Mapping[str, Any]) -> str:
    """What stays the same when a finding is graded anew: title, place, weakness and description."""
    parts = [line.get(name, "") for name in ("title", "endpoints", "cwe", "description")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _text(cell: str) -> str:
    text = " ".join(cell.replace(" NEWLINE ", " ").split())
    return "" if text.lower() in _EMPTY else text
