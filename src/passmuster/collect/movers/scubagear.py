"""ScubaGear's and ScubaGoggles' `ActionPlan.csv`: what an agency wrote about each failed policy, as exceptions.

The columns are those of `ConvertTo-ResultsCsv` in ScubaGear's `Orchestrator.psm1` and of `convert_to_result_csv` in
ScubaGoggles' `orchestrator.py`. A cell nobody filled holds a single blank.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from passmuster.collect.movers.brought import Asked, Brought, Found, Remark, refuse
from passmuster.collect.movers.days import read_day
from passmuster.documents.csv_file import Rows

_POLICY = re.compile(r"(?:MS|GWS)\.[A-Z0-9]+\.\d+\.\d+v\d+[A-Za-z0-9.]*")
_OURS = ("noncompliancereason", "remediationcompletiondate", "justification")
_RESULTS = ("controlid", "requirement", "result", "criticality", "details")


def recognises(header: Sequence[str]) -> bool:
    """Whether the columns are those of an action plan."""
    return {"controlid", *_OURS} <= _names(header)


def looks_like_results(header: Sequence[str]) -> bool:
    """Whether it is the list of all results, which has no column for a reason."""
    return set(_RESULTS) <= _names(header) and not recognises(header)


def read(table: tuple[Sequence[str], Rows], where: str, asked: Asked) -> Brought:
    """Exceptions for attestations.csv; raises UnreadableInput with every mistake.

    Only a row with a reason, a day to come and somebody who answers for it is an approved one; others stay pending.
    """
    _, lines = table
    complaints: list[str] = []
    remarks: list[Remark] = []
    found: dict[str, Found] = {}
    for number, cells in lines:
        line = {_name(name): _text(cell) for name, cell in cells.items()}
        policy, result = line["controlid"], line.get("result", "")
        if not _POLICY.fullmatch(policy):
            complaints.append(f"line {number}: {policy[:60]!r} is no policy id such as MS.POWERPLATFORM.1.1v1")
        elif result.lower() not in ("fail", "failed", ""):
            remarks.append(Remark(f"the result is {result[:30]!r}, not Fail: left", f"line {number}"))
        else:
            new = _exception(policy, line, f"line {number}", asked)
            if policy in found and found[policy].row != new.row:
                complaints.append(f"line {number}: speaks of {policy} again ({found[policy].place}), and differently")
            found.setdefault(policy, new)
    if complaints:
        refuse(where, complaints)
    if found and not asked.platform:
        remarks.append(Remark("names no tenant: its exceptions cover every platform; --platform-id says which"))
    told = (*remarks, *(remark for each in found.values() for remark in each.remarks))
    return Brought("attestations", tuple(each.row for each in found.values()), len(lines), told)


def _exception(policy: str, line: Mapping[str, str], place: str, asked: Asked) -> Found:
    reasons = [line["noncompliancereason"], line["justification"]]
    statement = "; ".join(dict.fromkeys(reason for reason in reasons if reason))
    until, lacking = "", [] if statement else ["no reason or justification"]
    try:
        if not line["remediationcompletiondate"]:
            lacking.append("no completion date")
        else:
            day = read_day(line["remediationcompletiondate"], day_first=asked.day_first)
            # A day that has passed is left out, so that a later plan can bring another.
            until = day.isoformat() if day >= asked.today else ""
            lacking += [] if until else ["a completion date that has passed"]
    except ValueError as error:
        lacking.append(f"a completion date that cannot be read: {error}")
    if not asked.by:
        lacking.append("nobody who answers for it (--by NAME)")
    scope = {"scope_kind": "platform", "scope_id": asked.platform} if asked.platform else {}
    approval = {} if lacking else {"made_by": asked.by, "made_at": asked.today.isoformat()}
    row = {
        "attestation_id": "/".join(filter(None, ("scubagear", asked.platform, policy))),
        "control_id": policy,
        "statement": statement,
        "valid_until": until,
        "kind": "exception",
        **scope,
        **approval,
    }
    remarks = (Remark(f"pending: has {' and '.join(lacking)}", f"{place} ({policy})"),) if lacking else ()
    return Found(row, place, remarks)


def _name(column: str) -> str:
    return re.sub(r"[^a-z]", "", column.lower())


def _names(header: Sequence[str]) -> set[str]:
    """The columns; where nothing failed, ScubaGear forgets a comma between two of them, which leaves a quote inside."""
    return {_name(part) for column in header for part in column.split('"')}


def _text(cell: str) -> str:
    # PowerShell's name for a list it could not spell.
    return "" if cell.strip() == "System.Object[]" else " ".join(cell.split())
