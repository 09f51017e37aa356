"""The security audit of n8n (`POST /audit`, or `n8n audit`): each place it points at, as a finding.

Shapes: recorded answers of an instance, and the public API's description. n8n gives no severity, and none is made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from passmuster.collect.movers.brought import Asked, Brought, Found, Remark, findings, refuse

SOURCE = "n8n-audit"
_REPORT = re.compile(r".* Risk Report")
_KNOWN = frozenset({"credentials", "database", "filesystem", "nodes", "instance"})
_NO_FINDING = "lists settings as they are, which is no finding: left; `passmuster review n8n` judges them"


def recognises(document: Any) -> bool:
    """Whether this is an audit, bare or as a recorded answer."""
    body = _body(document)
    return isinstance(body, dict) and any(_REPORT.fullmatch(str(name)) for name in body)


def read(document: Any, where: str, asked: Asked) -> Brought:
    """Findings for findings.csv; raises UnreadableInput with every mistake. An empty list is an audit without any."""
    body = _body(document)
    if body == []:
        return findings([], 0)
    complaints: list[str] = []
    remarks: list[Remark] = []
    found: list[Found] = []
    entries = 0
    for name, report in body.items():
        for place, risk, section in _sections(str(name), report, complaints, remarks):
            entries += 1
            found += _found(section, (place, risk), asked, complaints, remarks)
    if complaints:
        refuse(where, complaints)
    if found:
        remarks.append(Remark("n8n gives no severity, owner or due date: fill them in; GOV-02 asks for two of them"))
    return findings(found, entries, remarks)


def _body(document: Any) -> Any:
    """The audit itself; a recorded answer holds it in `body`."""
    if isinstance(document, dict) and "body" in document and not any(map(_REPORT.fullmatch, map(str, document))):
        return document["body"]
    return document


def _sections(
    name: str, report: Any, complaints: list[str], remarks: list[Remark]
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    if not _REPORT.fullmatch(name):
        remarks.append(Remark("is no risk report: left", name[:60]))
        return
    sections = report.get("sections") if isinstance(report, dict) else None
    if not isinstance(sections, list):
        complaints.append(f"{name}: holds no list `sections`; ask n8n for the audit again")
        return
    risk = str(report.get("risk") or name.removesuffix(" Risk Report")).lower()
    if risk not in _KNOWN:
        remarks.append(Remark("is a kind of risk not known here: taken as it stands", name[:60]))
    for number, section in enumerate(sections, 1):
        if isinstance(section, dict) and isinstance(section.get("title"), str) and section["title"].strip():
            yield f"{name}, section {number}", risk, section
        else:
            complaints.append(f"{name}, section {number}: has no title")


def _found(
    section: Mapping[str, Any], at: tuple[str, str], asked: Asked, complaints: list[str], remarks: list[Remark]
) -> Iterator[Found]:
    place, risk = at
    title = " ".join(section["title"].split())
    locations = section.get("location")
    if locations is None and "settings" in section:
        remarks.append(Remark(_NO_FINDING, f"{place} ({title[:60]})"))
        return
    source = "/".join(filter(None, (SOURCE, asked.platform)))
    control = f"{risk}/{_slug(title)}"
    row = {"title": title, "control_id": control, "source": source, "status": "open"}
    if locations is None:
        yield Found({"finding_id": f"{source}/{control}", **row}, place)
        return
    if not isinstance(locations, list):
        complaints.append(f"{place}: `location` is no list")
        return
    for number, location in enumerate(locations, 1):
        where = f"{place}, location {number}"
        resource = _resource(location) if isinstance(location, dict) else ""
        if resource:
            named = {**row, "finding_id": f"{source}/{control}/{resource}", "resource_id": resource}
            yield Found(named, where, _strange(location, where))
        else:
            complaints.append(f"{where}: names no credential, node or package")


def _resource(location: Mapping[str, Any]) -> str:
    """The id of what is pointed at, as snapshots of n8n spell it: a credential, a node in its workflow, a package."""
    workflow, node = _word(location, "workflowId"), _word(location, "nodeId")
    if workflow and node:
        return f"{workflow}/{node}"
    return workflow or _word(location, "id") or _word(location, "nodeType") or _word(location, "name")


def _strange(location: Mapping[str, Any], where: str) -> tuple[Remark, ...]:
    known = location.get("kind") in ("credential", "node", "community", "custom")
    return () if known else (Remark(f"points at a kind {str(location.get('kind'))[:30]!r} not known here", where),)


def _word(location: Mapping[str, Any], name: str) -> str:
    value = location.get(name)
    return str(value).strip() if isinstance(value, str | int) else ""


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
