"""Which tool a file is of, told by what is in it, and the reader for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from passmuster.collect.movers import defectdojo, n8n_audit, prowler, scubagear
from passmuster.collect.movers.brought import Asked, Brought
from passmuster.documents.csv_file import parse_csv
from passmuster.documents.json_file import parse_json
from passmuster.errors import UnreadableInput


@dataclass(frozen=True)
class Format:
    """One kind of file: what people call it, whether it is JSON or CSV, and its reader."""

    title: str
    is_json: bool
    recognises: Callable[[Any], bool]
    read: Callable[[Any, str, Asked], Brought]


FORMATS = {
    "scubagear-action-plan": Format("ScubaGear's ActionPlan.csv", False, scubagear.recognises, scubagear.read),
    "n8n-audit": Format("n8n's audit", True, n8n_audit.recognises, n8n_audit.read),
    "prowler-ocsf": Format("Prowler's OCSF JSON", True, prowler.recognises, prowler.read),
    "defectdojo-csv": Format("DefectDojo's CSV of findings", False, defectdojo.recognises, defectdojo.read),
}


def read_movers_file(text: str, where: str, asked: Asked, *, kind: str | None = None) -> tuple[str, Brought]:
    """The kind of the file and what it brings; raises UnreadableInput that says what it is not, or every mistake."""
    is_json = FORMATS[kind].is_json if kind else text.lstrip()[:1] in ("{", "[")
    document: Any = parse_json(text, where) if is_json else parse_csv(text, where, keeps_twins=True)
    told_by = document if is_json else document[0]
    fitting = [name for name, each in FORMATS.items() if each.is_json == is_json and each.recognises(told_by)]
    if kind and (kind in fitting or document == []):
        fitting = [kind]
    if not fitting or (kind and kind not in fitting):
        raise UnreadableInput(f"{where}: {_strange(told_by, kind, is_json=is_json)}")
    return fitting[0], FORMATS[fitting[0]].read(document, where, asked)


def _strange(told_by: Any, kind: str | None, *, is_json: bool) -> str:
    if told_by == [] and is_json:
        return "is an empty list, which several tools write; say which by --kind"
    if not is_json and scubagear.looks_like_results(told_by):
        return "lists all results of ScubaGear; hand over ActionPlan.csv, in which the reasons stand"
    wanted = FORMATS[kind].title if kind else f"none of {', '.join(each.title for each in FORMATS.values())}"
    names = list(told_by) if isinstance(told_by, dict) or not is_json else []
    seen = f"; it begins with {', '.join(str(name)[:40] for name in names[:4])}" if names else ""
    return f"is {'not ' if kind else ''}{wanted}{seen}; export it again from that tool, or name another --kind"
