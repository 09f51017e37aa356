"""What a file of another tool brings: rows of one register, and what is to be told about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from passmuster.errors import UnreadableInput
from passmuster.model.words import Severity

Row = Mapping[str, str]
_MOST_COMPLAINTS = 50
_OPENNESS = {"open": 0, "in_progress": 1, "": 2, "accepted": 3, "closed": 4}


@dataclass(frozen=True)
class Asked:
    """What the file itself cannot tell: today, who answers for exceptions ("" nobody), which platform it is about
    ("" not told), and whether 3/4/2026 is a day in April (None: not told).
    """

    today: date
    by: str = ""
    platform: str = ""
    day_first: bool | None = None


@dataclass(frozen=True)
class Remark:
    """Something a person should know; remarks of one text are told together with their places."""

    text: str
    place: str = ""


@dataclass(frozen=True)
class Found:
    """One row as a register would hold it, where it stands in the file, and what is to be said about it."""

    row: Row
    place: str
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Brought:
    """The rows for one register, how many entries the file has, and every remark."""

    register: str
    rows: tuple[Row, ...]
    entries: int
    remarks: tuple[Remark, ...]


def refuse(where: str, complaints: Sequence[str]) -> NoReturn:
    """Raise UnreadableInput with every complaint about a file, at most 50 of them spelled out."""
    shown = [f"  - {complaint}" for complaint in complaints[:_MOST_COMPLAINTS]]
    if len(complaints) > _MOST_COMPLAINTS:
        shown.append(f"  - and {len(complaints) - _MOST_COMPLAINTS:,} more")
    raise UnreadableInput("\n".join((f"{where}: {len(complaints)} mistake(s); nothing was taken", *shown)))


def findings(found: Sequence[Found], entries: int, remarks: Iterable[Remark] = ()) -> Brought:
    """Findings as they go into the register: none twice, and two that share an id told apart by their resource."""
    by_id: dict[str, list[Found]] = {}
    for each in found:
        by_id.setdefault(each.row["finding_id"], []).append(each)
    told = [*remarks, *(remark for each in found for remark in each.remarks)]
    rows: list[Row] = []
    for group in by_id.values():
        rows += [group[0].row] if len(group) == 1 else _apart(group, told)
    return Brought("findings", tuple(rows), entries, tuple(told))


def _apart(group: Sequence[Found], told: list[Remark]) -> list[Row]:
    by_resource: dict[str, list[Found]] = {}
    for each in group:
        by_resource.setdefault(each.row.get("resource_id", ""), []).append(each)
    told += [
        Remark("stands in the file more than once; taken once, as its worst", those[0].place)
        for those in by_resource.values()
        if len(those) > 1
    ]
    worst = [min(those, key=_gravity).row for those in by_resource.values()]
    if len(worst) == 1:
        return worst
    return [{**row, "finding_id": f"{row['finding_id']} @ {row.get('resource_id', '')}"} for row in worst]


def _gravity(found: Found) -> tuple[int, int]:
    """The more open first, then the more severe; a severity that is not known lies behind those that are."""
    severity = found.row.get("severity", "")
    return _OPENNESS[found.row.get("status", "")], Severity(severity).rank if severity else len(Severity)
