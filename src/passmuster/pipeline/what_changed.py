"""What changed between two looks, thing by thing: from a kept drift and the names of the newer look."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from passmuster.documents.json_file import read_json
from passmuster.errors import UnreadableInput, UsageError
from passmuster.snapshot.columns import Column
from passmuster.snapshot.names import id_column, name_columns, names_of
from passmuster.snapshot.read import Snapshot, open_snapshot
from passmuster.snapshot.referring import kind_column, table_referred_to
from passmuster.snapshot.tables import TABLES

MOST_THINGS = 200
"""Of one table and kind; the document holds them all."""
_MOST_BYTES = 50_000_000
_NEEDS_NO_TELLING = frozenset({"platform_id", "ordinal"})
# Rows that only bring others together: they are called by those.
_JOINING = frozenset({"data_flows", "grants", "role_permissions"})

Names = Mapping[str, Mapping[str, str]]
"""What ids are called, by table."""


@dataclass(frozen=True)
class Value:
    """One column: what it was, and what it is; of what is new or gone, only one of the two.

    JSON is read. `names` are those of the ids in it, as far as they are known.
    """

    column: Column
    before: Any
    after: Any
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Thing:
    """One row of a table: `how` is `added`, `removed` or `changed`; `where` tells rows of the same id apart."""

    how: str
    id: str
    name: str
    values: tuple[Value, ...]
    where: tuple[Value, ...] = ()


@dataclass(frozen=True)
class ChangedTable:
    """The things of one table; `more` of them are not told here. `columns` are those told of that need words."""

    table: str
    things: tuple[Thing, ...]
    more: int
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class WhatChanged:
    """All tables that differ, and those of which nothing may be concluded, with the reason."""

    tables: tuple[ChangedTable, ...]
    not_comparable: Mapping[str, str]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    """A row of the document: all that it tells of it, and the columns that differ as (name, before, after)."""

    how: str
    table: str
    row: Mapping[str, Any]
    values: tuple[tuple[str, Any, Any], ...]

    @property
    def id(self) -> str:
        return str(self.row.get(id_column(self.table), ""))

    @property
    def where(self) -> tuple[str, ...]:
        """The other columns of its key, where only these are told beside what differs."""
        key = TABLES[self.table].key if self.how == "changed" else ()
        told = (name for name in key[:-1] if name not in _NEEDS_NO_TELLING and not name.endswith("_kind"))
        return tuple(name for name in told if self.row.get(name) not in (None, ""))


def read_changes(document: Path, head: Path) -> WhatChanged:
    """The kept drift `document` with names from the snapshot in `head`, and from what is gone.

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
        rows = {name: _rows(name, found) for name, found in told["tables"].items() if name in TABLES}
        names = _names(snapshot, told["tables"], [row for each in rows.values() for row in each])
        tables = [_changed_table(name, each, names, _count(told["tables"][name])) for name, each in rows.items()]
        blind = {name: str(found["reason"]) for name, found in told["tables"].items() if found["not_comparable"]}
        warnings = tuple(map(str, told["warnings"]))
    except (KeyError, TypeError, AttributeError):
        raise UnreadableInput(f"{document.name}: is damaged; look at the platform again") from None
    return WhatChanged(tuple(each for each in tables if each.things), blind, warnings)


def _rows(table: str, found: Mapping[str, Any]) -> list[_Row]:
    """The rows to show of one table: at most so many of each kind."""
    return [
        *(_Row("added", table, row, _facts(table, row, is_new=True)) for row in found["added"][:MOST_THINGS]),
        *(_Row("removed", table, row, _facts(table, row, is_new=False)) for row in found["removed"][:MOST_THINGS]),
        *(
            _Row("changed", table, dict(key), tuple(values))
            for key, values in islice(_by_key(found["changed"]).items(), MOST_THINGS)
        ),
    ]


def _count(found: Mapping[str, Any]) -> int:
    return len(found["added"]) + len(found["removed"]) + len(_by_key(found["changed"]))


def _by_key(changes: list[dict[str, Any]]) -> dict[tuple[tuple[str, Any], ...], list[tuple[str, Any, Any]]]:
    """Columns that changed, together by the row they are of."""
    rows: dict[tuple[tuple[str, Any], ...], list[tuple[str, Any, Any]]] = {}
    for each in changes:
        rows.setdefault(tuple(each["key"].items()), []).append((each["column"], each["before"], each["after"]))
    return rows


def _facts(table: str, row: Mapping[str, Any], *, is_new: bool) -> tuple[tuple[str, Any, Any], ...]:
    """What is worth reading of a whole row: all but its id, its name and what the platform said word for word."""
    told_elsewhere = {"platform_id", "raw", id_column(table), *name_columns(table)[:1]}
    told = ((column, value) for column, value in row.items() if column not in told_elsewhere)
    return tuple((column, None, value) if is_new else (column, value, None) for column, value in told)


def _names(snapshot: Snapshot, tables: Mapping[str, Any], rows: Sequence[_Row]) -> Names:
    """What is called how, of all ids the rows tell of; of what is gone as it was called last."""
    ids: dict[str, set[str]] = {}
    for row in rows:
        if row.how == "changed":
            ids.setdefault(row.table, set()).add(row.id)
        for table, each in _references(row):
            ids.setdefault(table, set()).add(each)
    names = {}
    for table, wanted in ids.items():
        gone = tables[table]["removed"] if table in tables else ()
        were = {str(row.get(id_column(table))): _own_name(table, row) for row in gone}
        names[table] = {each: were[each] for each in wanted if were.get(each)} | names_of(snapshot, table, wanted)
    return names


def _references(row: _Row) -> Iterator[tuple[str, str]]:
    """(table, id) of every row that this one names by its id."""
    told = [(name, row.row[name]) for name in (*row.where, id_column(row.table)) if row.row.get(name)]
    for column, value in [*told, *((each, value) for each, *both in row.values for value in both)]:
        table = table_referred_to(row.table, column, row.row)
        if table is not None:
            yield from ((table, each) for each in _ids(value))


def _ids(value: Any) -> list[str]:
    read = _read(value)
    return [str(each) for each in (read if isinstance(read, list) else [read]) if each not in (None, "")]


def _read(value: Any) -> Any:
    """A JSON list or object, which the tables keep as text, read; anything else as it is."""
    if not isinstance(value, str) or value[:1] not in ("[", "{"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _own_name(table: str, row: Mapping[str, Any]) -> str:
    return str(next((row[column] for column in name_columns(table) if row.get(column)), ""))


def _changed_table(table: str, rows: Sequence[_Row], names: Names, count: int) -> ChangedTable:
    things = tuple(_thing(row, names) for row in rows)
    told = {value.column.name for thing in things for value in (*thing.where, *thing.values)}
    columns = tuple(column for column in TABLES[table].columns if column.name in told and column.text)
    return ChangedTable(table, things, count - len(things), columns)


def _thing(row: _Row, names: Names) -> Thing:
    told = tuple(_value(row, each, names) for each in row.values)
    # Of what is told by its name, the kind goes without saying.
    plain = {kind_column(each.column.name) for each in told if each.names}
    values = tuple(each for each in told if row.how == "changed" or each.column.name not in plain)
    where = tuple(_value(row, (name, row.row[name], row.row[name]), names) for name in row.where)
    return Thing(row.how, row.id, _called(row, names), values, where)


def _called(row: _Row, names: Names) -> str:
    """Its name; else the name of what its id stands for, or of all that it brings together, such as a grant."""
    own = names.get(row.table, {}).get(row.id, "") if row.how == "changed" else _own_name(row.table, row.row)
    if own:
        return own
    meant = table_referred_to(row.table, id_column(row.table), row.row)
    if meant is not None and meant != row.table:
        return names.get(meant, {}).get(row.id, "")
    if row.table not in _JOINING:
        return ""
    return ", ".join(dict.fromkeys(names[table][each] for table, each in _references(row) if each in names[table]))


def _value(row: _Row, told: tuple[str, Any, Any], names: Names) -> Value:
    column, before, after = told
    table = table_referred_to(row.table, column, row.row)
    known = names.get(table, {}) if table is not None else {}
    called = {each: known[each] for value in (before, after) for each in _ids(value) if each in known}
    return Value(TABLES[row.table].column(column), _read(before), _read(after), called)
