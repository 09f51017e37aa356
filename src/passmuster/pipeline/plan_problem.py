"""From triaged decisions and a calendar file to a plan's problem."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from passmuster.documents.atomic import write_text
from passmuster.documents.json_file import read_json
from passmuster.documents.limits import read_text
from passmuster.documents.yaml_file import plain, read_yaml
from passmuster.errors import UnreadableInput
from passmuster.plan.calendar.decisions import Decided, read_decisions
from passmuster.plan.calendar.jobs import jobs_of
from passmuster.plan.calendar.patches import LeftOut, group
from passmuster.plan.calendar.problem_document import problem_document
from passmuster.plan.calendar.read import read_calendar, vendor_files
from passmuster.plan.calendar.values import Calendar

_MOST_CALENDAR_BYTES = 16 * 1024 * 1024
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class BuiltProblem:
    """The problem's document, and the decisions that make no job."""

    document: dict[str, Any]
    left_out: tuple[LeftOut, ...]


def build_problem(triage: Path, calendar: Path) -> BuiltProblem:
    """The problem of a triage document and a calendar file; raises UnreadableInput with all mistakes of both."""
    complaints: list[str] = []
    decided = _decided(triage, complaints)
    as_of = decided[1] if decided else None
    found = _calendar(calendar, as_of, complaints)
    if complaints or decided is None or found is None:
        raise UnreadableInput("\n".join(complaints))
    patches, left_out = group(decided[0], found)
    jobs = jobs_of(patches, found, as_of=as_of or found.horizon.start)
    return BuiltProblem(problem_document(found, jobs, patches, left_out), left_out)


def build_problem_of(triage: Any, calendar: Any, *, where: str) -> BuiltProblem:
    """The same of documents that were made here; a vendor's calendar cannot be asked for. Raises UnreadableInput."""
    decisions, as_of = read_decisions(triage, f"{where} (decisions)")
    found = read_calendar(calendar, f"{where} (calendar)", as_of=as_of, files={})
    patches, left_out = group(decisions, found)
    jobs = jobs_of(patches, found, as_of=as_of or found.horizon.start)
    return BuiltProblem(problem_document(found, jobs, patches, left_out), left_out)


def write_problem(built: BuiltProblem, out: Path) -> None:
    """Write the document whole; raises OutputRefused."""
    write_text(out, json.dumps(built.document, indent=1, ensure_ascii=False) + "\n")


def _decided(path: Path, complaints: list[str]) -> tuple[tuple[Decided, ...], datetime | None] | None:
    try:
        return read_decisions(read_json(path), str(path))
    except UnreadableInput as error:
        complaints.append(str(error))
        return None


def _calendar(path: Path, as_of: datetime | None, complaints: list[str]) -> Calendar | None:
    try:
        document = plain(read_yaml(path))
        # Decisions that cannot be read tell no time; that is no mistake of the calendar.
        start = as_of or _ANY_TIME if complaints else as_of
        files = _vendor_files(document, path.parent, complaints)
        return read_calendar(document, str(path), as_of=start, files=files)
    except UnreadableInput as error:
        complaints.append(str(error))
        return None


def _vendor_files(document: Any, folder: Path, complaints: list[str]) -> dict[str, str]:
    """The texts of the vendors' calendars by name, from `folder`."""
    files = {}
    for name in vendor_files(document):
        try:
            files[name] = read_text(folder / name, max_bytes=_MOST_CALENDAR_BYTES)
        except UnreadableInput as error:
            complaints.append(str(error))
    return files
