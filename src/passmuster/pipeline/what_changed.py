"""What changed between two looks, thing by thing: from a kept drift and the names of the newer look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passmuster.documents.json_file import read_json
from passmuster.errors import UnreadableInput, UsageError
from passmuster.snapshot.names import id_column, name_columns, names_of
from passmuster.snapshot.read import Snapshot, open_snapshot
from passmuster.snapshot.tables import TABLES

MOST_THINGS = 200
"""Of one table and kind; the document holds them all."""
_MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class Value:
    """One column: what it was, and what it is; of what is new or gone, only one of the two."""

    column: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Thing:
    """One row of a table: `how` is `added`, `removed` or `changed`."""

    how: str
    id: str
    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class ChangedTable:
    """The things of one table; `more` of them are not told here."""

    table: str
    things: tuple[Thing, ...]
    more: int


@dataclass(frozen=True)
class WhatChanged:
    """All tables that differ, and those of which nothing may be concluded, with the reason."""

    tables: tuple[ChangedTable, ...]
    not_comparable: Mapping[str, str]
    warnings: tuple[str, ...]


def read_changes(document: Path, head: Path) -> WhatChanged:
    """The kept drift `document` with names from the snapshot in `head`.

    Raises UnreadableInput where it is gone or damaged, UsageError where it is too large to be shown.
    """
    try:
        size = document.stat().st_size
    except OSError:
        raise UnreadableInput("how these looks differ is not kept here any more; look at the platform again") from None
    if size > _MOST_BYTES:
        raise UsageError("too much changed to be shown on a page; take the whole document")
    told = read_json(document)
    snapshot = open_snapshot(head)
    try:
        tables = [_changed_table(snapshot, name, found) for name, found in told["tables"].items() if name in TABLES]
        blind = {name: str(found["reason"]) for name, found in told["tables"].items() if found["not_comparable"]}
        warnings = tuple(map(str, told["warnings"]))
    except (KeyError, TypeError, AttributeError):
        raise UnreadableInput(f"{document.name}: is damaged; look at the platform again") from None
    return WhatChanged(tuple(each for each in tables if each.things), blind, warnings)


def _changed_table(snapshot: Snapshot, table: str, found: Mapping[str, Any]) -> ChangedTable:
    changed = _by_key(found["changed"])
    shown = dict(list(changed.items())[:MOST_THINGS])
    names = names_of(snapshot, table, {_id(table, dict(key)) for key in shown})
    things = [
        *(_whole(table, "added", row) for row in found["added"][:MOST_THINGS]),
        *(_whole(table, "removed", row) for row in found["removed"][:MOST_THINGS]),
        *(_altered(table, dict(key), values, names) for key, values in shown.items()),
    ]
    return ChangedTable(table, tuple(things), len(found["added"]) + len(found["removed"]) + len(changed) - len(things))


def _by_key(changes: list[dict[str, Any]]) -> dict[tuple[tuple[str, Any], ...], list[Value]]:
    """Columns that changed, together by the row they are of."""
    rows: dict[tuple[tuple[str, Any], ...], list[Value]] = {}
    for each in changes:
        values = rows.setdefault(tuple(each["key"].items()), [])
        values.append(Value(each["column"], each["before"], each["after"]))
    return rows


def _altered(table: str, key: Mapping[str, Any], values: list[Value], names: Mapping[str, str]) -> Thing:
    known = _id(table, key)
    return Thing("changed", known, names.get(known, ""), tuple(values))


def _whole(table: str, how: str, row: Mapping[str, Any]) -> Thing:
    name = next((row[column] for column in name_columns(table) if row.get(column)), "")
    told = (
        Value(*(column, value, None) if how == "removed" else (column, None, value))
        for column, value in _facts(table, row)
    )
    return Thing(how, _id(table, row), str(name), tuple(told))


def _id(table: str, row: Mapping[str, Any]) -> str:
    return str(row.get(id_column(table), ""))


def _facts(table: str, row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is worth reading of a whole row: all but its id, its name and what the platform said word for word."""
    told_elsewhere = {"platform_id", "raw", id_column(table), *name_columns(table)[:1]}
    return ((column, value) for column, value in row.items() if column not in told_elsewhere)
