"""A declaration filled with what an earlier snapshot holds, for its owner to confirm or correct."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq

from passmuster.collect.connectors.declared.declaration import (
    Declaration,
    DeclaredTable,
    Known,
    asked_tables,
    columns_of,
)
from passmuster.collect.declared_rows import NEVER
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.columns import Table
from passmuster.snapshot.read import Snapshot

_KNOWN: Mapping[CollectionStatus, Known] = {
    CollectionStatus.OK: Known.COMPLETE,
    CollectionStatus.EMPTY: Known.NOTHING_THERE,
    CollectionStatus.PARTIAL: Known.PARTLY,
    CollectionStatus.NOT_LICENSED: Known.NOT_LICENSED,
}


def declaration_of(snapshot: Snapshot) -> Declaration:
    """Its rows; who says so now is left empty, since an old answer must be given again."""
    found = {}
    for table in asked_tables():
        entry = snapshot.manifest.tables.get(table.name)
        known = _KNOWN.get(entry.status, Known.NOT_KNOWN) if entry else Known.NOT_KNOWN
        rows = _rows(snapshot, table) if known in (Known.COMPLETE, Known.PARTLY) else ()
        found[table.name] = DeclaredTable(known, rows=rows)
    return Declaration(found)


def _rows(snapshot: Snapshot, table: Table) -> tuple[dict[str, Any], ...]:
    if not snapshot.file(table.name).is_file():
        return ()
    names = [column.name for column in columns_of(table)]
    rows = pq.read_table(snapshot.file(table.name), columns=names).to_pylist()
    return tuple(_row(table, row) for row in rows)


def _row(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: _value(table, name, value) for name, value in row.items() if value is not None}
    if given.get("has_expiry") is False:
        given["expires_at"] = NEVER
    # What follows from another column need not be written twice.
    for name, companion in (("expires_at", "has_expiry"), ("last_sign_in_at", "never_signed_in")):
        if name in given:
            given.pop(companion, None)
    return given


def _value(table: Table, name: str, value: Any) -> Any:
    if table.column(name).type == "JSON":
        return json.loads(value)
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
