"""The tables of a snapshot and the registers under their names, left in their files; none is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from passmuster.model.words import CollectionStatus
from passmuster.snapshot.columns import Table
from passmuster.snapshot.read import SCAN, Snapshot
from passmuster.snapshot.register_tables import REGISTERS
from passmuster.snapshot.registers import Registers
from passmuster.snapshot.tables import TABLES

_TYPES = {"TEXT": "VARCHAR", "JSON": "VARCHAR", "INTEGER": "BIGINT"}


@dataclass(frozen=True)
class Opened:
    """A connection in which every table has its name; unlike for controls, a table read in part shows its part."""

    connection: duckdb.DuckDBPyConnection
    snapshot: Snapshot
    as_of: datetime
    limits: Mapping[str, Any]

    def status_of(self, table: str) -> tuple[CollectionStatus, str]:
        """What became of reading a table, and why."""
        entry = self.snapshot.manifest.tables.get(table)
        if entry is None:
            return CollectionStatus.UNSUPPORTED, "this snapshot is older than the table"
        return entry.status, entry.reason

    @property
    def now(self) -> datetime:
        """The instant judged for, naive UTC as the tables' times are."""
        return self.as_of.astimezone(UTC).replace(tzinfo=None)

    def days(self, name: str) -> int | None:
        """A house limit as a whole number; None where no chosen pack has it."""
        value = self.limits.get(name)
        return int(value) if isinstance(value, int | float) else None

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a SELECT; `$as_of` is naive UTC."""
        given = {"as_of": self.now, **values}
        used = {name: value for name, value in given.items() if f"${name}" in sql}
        return self.connection.execute(sql, used).fetchall()


def open_tables(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], opened: Opened, registers: Registers
) -> None:
    """Give each named table of the snapshot, and each register, its name in the connection."""
    for name in names:
        if name in REGISTERS:
            rows = registers.tables.get(name)
            connection.register(name, rows if rows is not None else REGISTERS[name].schema.empty_table())
        else:
            _open_collected(connection, TABLES[name], opened.snapshot)


def _open_collected(connection: duckdb.DuckDBPyConnection, table: Table, snapshot: Snapshot) -> None:
    if table.name not in snapshot.manifest.tables:
        connection.register(table.name, table.schema.empty_table())
        return
    stored = set(snapshot.stored_columns(table.name))
    columns = ", ".join(
        f'"{column.name}"'
        if column.name in stored
        else f'CAST(NULL AS {_TYPES.get(column.type, column.type)}) AS "{column.name}"'
        for column in table.columns
    )
    # A view takes no parameters, so the file's name is quoted into it.
    scan = SCAN.replace("?", "'" + snapshot.pattern(table.name).replace("'", "''") + "'")
    connection.execute(f'CREATE VIEW "{table.name}" AS SELECT {columns} FROM {scan}')  # noqa: S608 - quoted
