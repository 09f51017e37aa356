"""From what was written to a declaration: every mistake at its place, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from passmuster.collect.connectors.declared.declaration import (
    ASKED,
    Declaration,
    DeclaredTable,
    Known,
    is_open_question,
)
from passmuster.collect.declared_rows import NEVER, DeclaredMistake, moment_of, read_row, shown
from passmuster.errors import UnreadableInput
from passmuster.snapshot.columns import Table
from passmuster.snapshot.tables import TABLES


@dataclass(frozen=True)
class Given:
    """A value as it was written, where, and what is already known to be wrong with it."""

    place: str
    value: Any
    mistake: str = ""


@dataclass(frozen=True)
class GivenRow:
    """One row: its place and its cells by column."""

    place: str
    cells: Mapping[str, Given]


@dataclass(frozen=True)
class GivenTable:
    """One table as it was written; `head` holds `known`, `said_by`, `said_at`, `source`, `note` where given."""

    name: str
    place: str
    head: Mapping[str, Given] = field(default_factory=dict)
    rows: tuple[GivenRow, ...] = ()


def check_declaration(
    where: str, tables: tuple[GivenTable, ...], complaints: list[str], *, is_draft: bool = False
) -> Declaration:
    """The declaration; raises UnreadableInput with these complaints and all further ones.

    A draft need not say yet how much is known and who said so.
    """
    found = {given.name: _table(given, complaints, is_draft=is_draft) for given in tables if given.name in ASKED}
    if len(found.get("platforms", DeclaredTable()).rows) != 1:
        place = next((given.place for given in tables if given.name == "platforms"), "platforms")
        complaints.append(f"{place}: must hold exactly one row, the platform itself")
    if complaints:
        lines = "\n".join(f"  - {complaint}" for complaint in complaints)
        raise UnreadableInput(f"{where}: {len(complaints)} mistake(s)\n{lines}")
    return Declaration({name: found.get(name, DeclaredTable()) for name in ASKED})


def _table(given: GivenTable, complaints: list[str], *, is_draft: bool) -> DeclaredTable:
    table = TABLES[given.name]
    rows = tuple(_row(table, row, complaints) for row in given.rows)
    known = _known(given, complaints, is_draft=is_draft)
    said_by, source, note = (_text(given.head.get(name), complaints) for name in ("said_by", "source", "note"))
    said_at = _said_at(given.head.get("said_at"), complaints)
    if known is not Known.NOT_KNOWN and not is_draft:
        for name, value, what in (
            ("said_by", said_by, "the person who answers for it"),
            ("said_at", said_at, "the day it was said, such as 2026-11-23"),
            ("source", source, "where it can be looked up"),
        ):
            # A value with a mistake was complained about already.
            if not value and not (given.head.get(name) and given.head[name].value):
                complaints.append(f"{_place(given, name)}: is missing; write {what}")
    return DeclaredTable(known, said_by, said_at, source, note, rows)


def _known(given: GivenTable, complaints: list[str], *, is_draft: bool) -> Known:
    head = given.head.get("known")
    place = _place(given, "known")
    words = ", ".join(Known)
    if head is None or head.value is None:
        if given.rows and not is_draft:
            complaints.append(f"{place}: say how much is known; one of {words}")
        return Known.NOT_KNOWN
    if head.value not in set(Known):
        complaints.append(f"{place}: {shown(head.value)!r} is not in the list; one of {words}")
        return Known.NOT_KNOWN
    known = Known(head.value)
    has_rows = known in (Known.COMPLETE, Known.PARTLY)
    told = [row for row in given.rows if not is_open_question(given.name, dict.fromkeys(_told(row), 1))]
    if told and not has_rows and not is_draft:
        complaints.append(f"{place}: says {known!s}, but {len(told)} row(s) are given; choose complete or partly")
    if not told and has_rows and not is_draft:
        complaints.append(f"{place}: says {known!s}, but no row is given; choose {Known.NOTHING_THERE!s} if that is so")
    return known


def _told(row: GivenRow) -> list[str]:
    return [name for name, cell in row.cells.items() if cell.value is not None]


def _place(given: GivenTable, name: str) -> str:
    return given.head[name].place if name in given.head else f"{given.place}, {name}"


def _text(given: Given | None, complaints: list[str]) -> str:
    if given is None or given.value is None:
        return ""
    if not isinstance(given.value, str):
        complaints.append(f"{given.place}: must be text")
        return ""
    return given.value.strip()


def _said_at(given: Given | None, complaints: list[str]) -> datetime | None:
    if given is None or given.value is None:
        return None
    try:
        return moment_of(given.value)
    except DeclaredMistake as mistake:
        complaints.append(f"{given.place}: {mistake}")
        return None


def _row(table: Table, row: GivenRow, complaints: list[str]) -> dict[str, Any]:
    def complain(column: str, text: str) -> None:
        cell = row.cells.get(column)
        named = f"{column} " if column and cell is None else ""
        complaints.append(f"{cell.place if cell else row.place}: {named}{text}")

    complaints += [f"{cell.place}: {cell.mistake}" for cell in row.cells.values() if cell.mistake]
    wrong = {name for name, cell in row.cells.items() if cell.mistake}
    values = {name: cell.value for name, cell in row.cells.items() if cell.value is not None and name not in wrong}
    typed = read_row(table, values, complain) if values or not wrong else {}
    # What follows from a value is worked out anew whenever it is read.
    kept = {name: value if value == NEVER else typed.get(name) for name, value in values.items()}
    return {name: value for name, value in kept.items() if value is not None}
