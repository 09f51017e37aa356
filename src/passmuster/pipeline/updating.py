"""The register of updates kept in step with triage and plan, without losing a word of what people wrote into it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passmuster.documents.atomic import write_text
from passmuster.documents.csv_file import read_csv
from passmuster.documents.json_file import read_json
from passmuster.errors import UnreadableInput
from passmuster.report.csv_writer import safe_cell
from passmuster.snapshot.register_tables import REGISTERS
from passmuster.snapshot.registers import plain_cell, read_registers

_TABLE = REGISTERS["updates"]
_FILE = "updates.csv"
_TRIAGE, _PLAN, _PROBLEM = "passmuster/triage@1", "passmuster/plan@1", "passmuster/plan-problem@1"
Row = dict[str, str]
Key = tuple[str, ...]


@dataclass(frozen=True)
class Updated:
    """How many rows came, changed, and stayed as they were."""

    added: int
    changed: int
    kept: int


def update_register(registers: Path, triage: Path, *, plan: tuple[Path, Path] | None = None) -> Updated:
    """Write the decisions of `triage` into updates.csv of the folder; `plan` is the plan and its problem.

    What triage tells (dates, severity, who patches) is refreshed, what people wrote stays, no row is taken away.
    """
    read_registers(registers)
    path = registers / _FILE
    header, lines = read_csv(path) if path.exists() else (list(_TABLE.column_names), [])
    held = [{name: plain_cell(cell) for name, cell in row.items()} for _, row in lines]
    before: dict[Key, Row] = {_key(row): row for row in held}
    after = {key: dict(row) for key, row in before.items()}
    windows = _windows(*plan) if plan else {}
    for told in _rows(_decisions(triage), windows):
        after[_key(told)] = _joined(after.get(_key(told), {}), told)
    columns = [*header, *(name for name in _TABLE.column_names if name not in header)]
    write_text(path, _spell(columns, list(after.values())))
    changed = sum(_differs(before[key], after[key]) for key in before)
    return Updated(len(after) - len(before), changed, len(before) - changed)


def _differs(before: Row, after: Row) -> bool:
    return {name: text for name, text in before.items() if text} != {name: text for name, text in after.items() if text}


def _key(row: Mapping[str, str]) -> Key:
    return tuple(row.get(name, "") for name in _TABLE.key)


def _joined(held: Row, told: Row) -> Row:
    """Triage's own columns as it tells them now; a decision that a person took is theirs."""
    row = {**held, **{name: text for name, text in told.items() if text}}
    if held.get("decision") not in (None, "", "pending", "scheduled"):
        row["decision"] = held["decision"]
    return row


def _decisions(path: Path) -> list[Mapping[str, Any]]:
    document = _read(path, _TRIAGE, "passmuster triage ... --format json")
    decisions = document.get("decisions")
    if not isinstance(decisions, list) or not all(isinstance(each, dict) for each in decisions):
        raise UnreadableInput(f"{path}: holds no list of decisions; write it again with `passmuster triage`")
    return decisions


def _read(path: Path, schema: str, maker: str) -> dict[str, Any]:
    document = read_json(path)
    if not isinstance(document, dict) or document.get("schema") != schema:
        raise UnreadableInput(f"{path}: is no {schema} document; make one with `{maker}`")
    return document


def _windows(plan: Path, problem: Path) -> dict[str, tuple[str, str]]:
    """Start and end of the window in which each advisory's last job stands, by advisory."""
    stated = _read(problem, _PROBLEM, "passmuster plan-problem")
    starts = {str(each["id"]): str(each["start"]) for each in stated.get("windows", []) if "start" in each}
    placed = {
        str(each["job"]): (_start_of(str(each["window"]), starts), str(each["completed_at"]))
        for each in _read(plan, _PLAN, "passmuster plan PROBLEM --format json").get("placements", [])
        if each.get("window")
    }
    jobs = {(job.get("patch"), job["environment"]): placed.get(job["id"]) for job in stated.get("jobs", [])}
    found: dict[str, tuple[str, str]] = {}
    for patch in stated.get("patches", []):
        window = jobs.get((patch["id"], patch["environment"]))
        if window:
            # One advisory in several environments is done when the last of them is.
            found |= {
                each: max(window, found.get(each, window), key=lambda span: span[1]) for each in patch["advisories"]
            }
    return found


def _start_of(window: str, starts: Mapping[str, str]) -> str:
    """The start of a window; an expanded one bears it behind the `@` of its id."""
    return starts.get(window, "") or window.rpartition("@")[2]


def _rows(decisions: Sequence[Mapping[str, Any]], windows: Mapping[str, tuple[str, str]]) -> Iterator[Row]:
    for each in decisions:
        if each.get("advisory") and each.get("component") and each.get("verdict") != "not_affected":
            row = _row(each)
            window = windows.get(each["advisory"])
            if window:
                row |= {"window_start_at": window[0], "window_end_at": window[1], "decision": "scheduled"}
            yield row


def _row(each: Mapping[str, Any]) -> Row:
    times = each.get("times") or {}
    fixed = each.get("fixed_versions") or []
    in_kev = (each.get("points") or {}).get("in_kev")
    verified_at = times.get("verified_at")
    texts = {
        "update_id": each["advisory"],
        "component_kind": "add_on" if each.get("component_id") else "component",
        "component_id": each.get("component_id") or each["component"],
        "environment_id": each.get("environment"),
        "advisory_ids": json.dumps([each["advisory"]]),
        "severity": {"none": "info"}.get(str(each.get("severity")), each.get("severity")),
        "kev": {"yes": "true", "no": "false"}.get(str(in_kev)),
        "published_at": times.get("disclosed_at"),
        "clock_started_at": each.get("clock_started_at"),
        "due_at": each.get("due_at"),
        "target_version": " / ".join(map(str, fixed[:3])),
        "decision": "pending",
        "who_patches": each.get("who_patches"),
        "verified_at": verified_at,
        "verified_by": "version" if verified_at else None,
    }
    texts |= {name: times.get(name) for name in ("available_at", "disclosed_at", "vendor_fixed_at", "learned_at")}
    texts["enforced_at"] = times.get("enforced_at")
    return {name: str(text or "") for name, text in texts.items()}


def _spell(columns: Sequence[str], rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([safe_cell(row.get(name, "")) for name in columns] for row in rows)
    return text.getvalue()
