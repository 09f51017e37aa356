"""What differs between two snapshots, table by table. A table either side could not fully read proves nothing."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow.parquet as pq

from passmuster.model.drift import Change, TableDrift
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.columns import Table
from passmuster.snapshot.read import SCAN, Snapshot
from passmuster.snapshot.tables import TABLES

_NOT_COMPARED = frozenset({"origin"})
_VARIES = object()


def compare_snapshots(base: Snapshot, head: Snapshot, *, tables: tuple[str, ...] = ()) -> tuple[TableDrift, ...]:
    """The drift of every table but logs, or of those named; files that are the same byte for byte are not opened."""
    wanted = [each for name, each in TABLES.items() if not each.is_log and (not tables or name in tables)]
    with duckdb.connect() as connection:
        return tuple(_compare_table(connection, base, head, table) for table in wanted)


def _compare_table(connection: duckdb.DuckDBPyConnection, base: Snapshot, head: Snapshot, table: Table) -> TableDrift:
    entries = [snapshot.manifest.tables.get(table.name) for snapshot in (base, head)]
    if entries[0] is None or entries[1] is None:
        return TableDrift(table.name, not_comparable="one of the snapshots is older than the table")
    statuses = {entry.status for entry in entries if entry is not None}
    if statuses == {CollectionStatus.NOT_LICENSED}:
        return TableDrift(table.name)
    for side, entry in zip(("base", "head"), entries, strict=True):
        if entry is not None and not entry.status.is_readable:
            return TableDrift(table.name, not_comparable=f"{side}: {entry.status} ({entry.reason})")
    if entries[0].sha256 == entries[1].sha256:
        return TableDrift(table.name)
    return _differences(connection, base, head, table)


def _differences(connection: duckdb.DuckDBPyConnection, base: Snapshot, head: Snapshot, table: Table) -> TableDrift:
    stored = set(base.stored_columns(table.name)) & set(head.stored_columns(table.name))
    # A column only one side could fill (another key, a login more) did not change; it was not looked at.
    stored -= {gap.column for side in (base, head) for gap in side.manifest.tables[table.name].gaps} - set(table.key)
    columns = [
        column.name
        for column in table.columns
        if column.name in stored and column.name not in _NOT_COMPARED and not column.is_volatile
    ]
    files = [str(base.file(table.name)), str(head.file(table.name))]
    constants = _constants(files, [name for name in columns if name not in table.key[:1]])
    read = [name for name in columns if name not in constants]
    cursor = connection.execute(_query(table, read), [base.pattern(table.name), head.pattern(table.name)])
    names = [name for name in columns if name in read]
    added, removed, changed = [], [], []
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            before = dict(zip(names, row[: len(names)], strict=True))
            after = dict(zip(names, row[len(names) :], strict=True))
            if before[table.key[0]] is None:
                added.append(_known(columns, constants | after))
            elif after[table.key[0]] is None:
                removed.append(_known(columns, constants | before))
            else:
                whole = constants | before
                key = {name: whole[name] for name in table.key if name != "platform_id" or len(table.key) == 1}
                changed += [
                    Change(key, name, before[name], after[name]) for name in names if before[name] != after[name]
                ]
    return TableDrift(table.name, tuple(_sorted(added)), tuple(_sorted(removed)), tuple(sorted(changed, key=str)))


def _constants(files: list[str], columns: list[str]) -> dict[str, Any]:
    """The columns that hold one and the same value in every row of all files, as the files' own statistics tell."""
    seen: dict[str, set[Any]] = {name: set() for name in columns}
    for file in files:
        metadata = pq.ParquetFile(file).metadata
        places = {metadata.schema.column(place).name: place for place in range(metadata.num_columns)}
        for name in columns:
            for group in range(metadata.num_row_groups):
                seen[name] |= _extremes(metadata.row_group(group).column(places[name]))
    return {name: next(iter(values)) for name, values in seen.items() if len(values) == 1 and values != {_VARIES}}


def _extremes(chunk: pq.ColumnChunkMetaData) -> set[Any]:
    """The smallest and largest value of a stretch of rows, NULL among them; _VARIES where that is not told."""
    found = chunk.statistics
    if found is None or not found.has_null_count:
        return {_VARIES}
    if found.null_count == chunk.num_values:
        return {None}
    if found.null_count or not found.has_min_max:
        return {_VARIES}
    # A writer that cuts long values short cuts the largest one upwards, so two that are equal are whole.
    return {found.min, found.max}


def _query(table: Table, columns: list[str]) -> str:
    """One full outer join on the key; only rows that differ come out."""
    key = [name for name in table.key if name in columns]
    compared = [name for name in columns if name not in key]
    both = ", ".join([*(f'a."{name}"' for name in columns), *(f'b."{name}"' for name in columns)])
    # The first key column is never NULL; the others may be (a permission on everything).
    on = " AND ".join(
        f'a."{name}" = b."{name}"' if name == table.key[0] else f'a."{name}" IS NOT DISTINCT FROM b."{name}"'
        for name in key
    )
    differs = " OR ".join(f'a."{name}" IS DISTINCT FROM b."{name}"' for name in compared) or "false"
    first = table.key[0]
    return f"""SELECT {both} FROM {SCAN} a FULL OUTER JOIN {SCAN} b ON {on}
        WHERE a."{first}" IS NULL OR b."{first}" IS NULL OR {differs}"""  # noqa: S608 - declared names


def _known(columns: list[str], row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in columns if row[name] is not None}


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])
