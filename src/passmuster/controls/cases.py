"""Reading a control's own cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from passmuster.controls.cases_format import AS_OF, Case
from passmuster.controls.complaints import schema_complaints
from passmuster.controls.settings_cases import generated_cases
from passmuster.documents.yaml_file import plain, read_yaml
from passmuster.errors import UnreadableInput
from passmuster.model.control import Control, Pack


def read_cases(pack: Pack, control: Control) -> tuple[list[Case], list[str]]:
    """A control's cases, and complaints about the file; a control without cases is a complaint.

    Cases of a control of settings.csv are made from its rules.
    """
    if control.is_tabled:
        return generated_cases(control, pack.params), []
    path = pack.folder / control.id / "cases.yaml"
    where = f"{control.id}/cases.yaml"
    if not path.is_file():
        return [], [f"{where}: is missing; every control has cases"]
    try:
        document = plain(read_yaml(path))
    except UnreadableInput as error:
        return [], [str(error).replace(str(path), where)]
    complaints = schema_complaints("cases", document, where)
    if complaints:
        return [], complaints
    return [_case(entry) for entry in document["cases"]], []


def coverage_complaints(control: Control, cases: Sequence[Case]) -> list[str]:
    """What a control's cases leave untried: a pass, a fail, a table that could not be read, a NULL."""
    where = f"{control.id}/cases.yaml"
    seen = {case.status for case in cases}
    found = [f"{where}: no case expects {status}" for status in ("pass", "fail") if status not in seen]
    # Tables read from the manifest itself can always be read.
    can_be_blind = any(set(look.needs) - {"snapshots", "collection"} for look in control.looks)
    # Where a statement may answer instead, a person is asked about what cannot be read.
    when_blind = ("unknown", "pass", "fail", *(("manual",) if control.statement_suffices else ()))
    if can_be_blind and not any(case.unreadable and case.status in when_blind for case in cases):
        found.append(f"{where}: no case has a table that could not be read")
    if control.looks and not any(case.status in ("unknown", "manual") and not case.unreadable for case in cases):
        found.append(f"{where}: no case has a missing row or a NULL that leaves the answer open")
    if not control.looks and "manual" not in seen:
        found.append(f"{where}: no case expects manual")
    return found


def _case(entry: Mapping[str, Any]) -> Case:
    expect = entry["expect"]
    return Case(
        name=entry["name"],
        status=expect["status"],
        product=entry.get("product", "other"),
        hosting=entry.get("hosting", ""),
        as_of=entry.get("as_of", AS_OF),
        tables=entry.get("tables", {}),
        unreadable=entry.get("unreadable", {}),
        registers=entry.get("registers", {}),
        params=entry.get("params", {}),
        resources=tuple(sorted(expect["resources"])) if "resources" in expect else None,
        population=expect.get("population"),
        severities=expect.get("severities", {}),
        details=expect.get("details", {}),
        reason=expect.get("reason", ""),
    )
