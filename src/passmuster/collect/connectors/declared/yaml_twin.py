"""The YAML twin of the workbook: `passmuster/declared-platform@1`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from passmuster.collect.connectors.declared.checking import Given, GivenRow, GivenTable, check_declaration
from passmuster.collect.connectors.declared.declaration import (
    KNOWN_HELP,
    Declaration,
    DeclaredTable,
    asked_tables,
    columns_of,
)
from passmuster.collect.declared_rows import shown
from passmuster.documents.yaml_file import read_yaml
from passmuster.snapshot.columns import Column, Table

SCHEMA = "passmuster/declared-platform@1"
_HEAD = ("known", "said_by", "said_at", "source", "note")
_WIDTH = 120


def read_yaml_twin(path: Path, *, is_draft: bool = False) -> Declaration:
    """The declaration of a YAML file; raises UnreadableInput that lists every mistake with its place."""
    document = read_yaml(path)
    complaints: list[str] = []
    if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
        complaints.append(f"the file must begin with `schema: {SCHEMA}` and hold a mapping `tables`")
        return check_declaration(str(path), (), complaints)
    for key in document:
        if key not in ("schema", "tables", "said_by", "said_at", "source"):
            complaints.append(f"{shown(key)}: is not known here; take it out")
    # Who said it may stand once for the whole file.
    common = {name: Given(name, document[name]) for name in ("said_by", "said_at", "source") if document.get(name)}
    tables = document.get("tables")
    if not isinstance(tables, Mapping):
        complaints.append("tables: must be a mapping of tables")
        tables = {}
    asked = {table.name for table in asked_tables()}
    given = []
    for name, body in tables.items():
        if name not in asked:
            complaints.append(f"tables.{shown(name)}: is not asked for; one of {', '.join(sorted(asked))}")
        else:
            given.append(_given(name, body, common, complaints))
    return check_declaration(str(path), tuple(given), complaints, is_draft=is_draft)


def _given(name: str, body: Any, common: Mapping[str, Given], complaints: list[str]) -> GivenTable:
    place = f"tables.{name}"
    if not isinstance(body, Mapping):
        complaints.append(f"{place}: must be a mapping with {', '.join(_HEAD)}, rows")
        return GivenTable(name, place)
    for key in body:
        if key not in (*_HEAD, "rows"):
            complaints.append(f"{place}.{shown(key)}: is not known here; take it out")
    rows = body.get("rows") or []
    if not isinstance(rows, list):
        complaints.append(f"{place}.rows: must be a list")
        rows = []
    head = {**common, **{key: Given(f"{place}.{key}", body[key]) for key in _HEAD if body.get(key) is not None}}
    return GivenTable(name, place, head, tuple(_rows(place, rows, complaints)))


def _rows(place: str, rows: list[Any], complaints: list[str]) -> Iterator[GivenRow]:
    for number, row in enumerate(rows, start=1):
        at = f"{place}, row {number}"
        if isinstance(row, Mapping):
            yield GivenRow(at, {str(key): Given(f"{at}, {shown(key)}", value) for key, value in row.items()})
        else:
            complaints.append(f"{at}: must be a mapping of columns to values")


def yaml_twin_of(declaration: Declaration) -> str:
    """The declaration as YAML, with the columns and words explained beside each table."""
    parts = [f"schema: {SCHEMA}", "# known is one of:"]
    parts += [f"#   {word!s}: {text}" for word, text in KNOWN_HELP.items()]
    parts.append("# Times are UTC, such as 2026-11-23T09:30:00Z or 2026-11-23. Leave out what is not known.")
    parts.append("tables:")
    for table in asked_tables():
        parts += _spell_table(table, declaration.tables.get(table.name, DeclaredTable()))
    return "\n".join(parts) + "\n"


def _spell_table(table: Table, declared: DeclaredTable) -> Iterator[str]:
    yield ""
    yield f"  # {table.text}"
    yield from (f"  #   {column.name}: {_told(column)}" for column in columns_of(table))
    yield f"  {table.name}:"
    head = {
        "known": str(declared.known),
        "said_by": declared.said_by,
        "said_at": declared.said_at,
        "source": declared.source,
        "note": declared.note,
    }
    rows = [{name: _plain(value) for name, value in row.items()} for row in declared.rows]
    body = {name: _plain(value) for name, value in head.items() if value not in ("", None)}
    text = yaml.safe_dump({**body, "rows": rows}, sort_keys=False, allow_unicode=True, width=_WIDTH)
    yield from (f"    {line}" for line in text.splitlines())


def _told(column: Column) -> str:
    kinds = {"BOOLEAN": "true or false", "INTEGER": "number", "TIMESTAMP": "time", "DATE": "day", "JSON": "list"}
    kind = " | ".join(column.values) if column.values else kinds.get(column.type, "text")
    return f"{kind}; {column.text}" if column.text else kind


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        is_day = (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)
        return moment.date().isoformat() if is_day else moment.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
