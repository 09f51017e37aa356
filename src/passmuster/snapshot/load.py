"""One load of a snapshot's tables for all who ask: collected, computed and registers, with what is known of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from passmuster.model.words import CollectionStatus
from passmuster.snapshot.columns import Table
from passmuster.snapshot.derive import derive
from passmuster.snapshot.derived_tables import COMPUTED, FROM_MANIFEST, INPUTS
from passmuster.snapshot.gathered import Gap, SourceState
from passmuster.snapshot.manifest import Manifest
from passmuster.snapshot.read import SCAN, Snapshot
from passmuster.snapshot.register_tables import FROM_ASSURANCE, REGISTERS
from passmuster.snapshot.registers import NO_REGISTERS, Registers
from passmuster.snapshot.tables import TABLES

KNOWN_TABLES: dict[str, Table] = {**TABLES, **FROM_MANIFEST, **COMPUTED, **REGISTERS}


@dataclass(frozen=True)
class LoadedTable:
    """What controls may believe of one loaded table."""

    name: str
    status: CollectionStatus
    reason: str = ""
    unlock: str = ""
    gaps: tuple[Gap, ...] = ()
    is_handed_over: bool = field(default=True)
    """False for a register, or a baseline, that nobody gave: no attempt to read it failed."""
    sources: tuple[SourceState, ...] = ()

    def of_source(self, name: str) -> LoadedTable:
        """What is known of one source of the table; the table itself where it is not made from that source."""
        for source in self.sources:
            if source.name == name:
                return LoadedTable(f"{self.name} ({name})", source.status, source.reason, source.unlock, self.gaps)
        return self


@dataclass(frozen=True)
class Beside:
    """What is handed over beside a snapshot: registers, and its differences from the approved baseline."""

    registers: Registers = NO_REGISTERS
    baseline_differences: pa.Table | None = field(default=None, repr=False)


NOTHING_BESIDE = Beside()


@dataclass(frozen=True)
class Choice:
    """What of the collected tables is decoded, and when.

    Of a table in `columns` only these columns are (the others are NULL). With `is_left_in_files` nothing is decoded
    before a statement asks for it, and then only what it asks for; the connection must be allowed to read files.
    """

    columns: Mapping[str, Collection[str]] = field(default_factory=dict)
    is_left_in_files: bool = False


EVERYTHING = Choice()


def load(
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    wanted: Collection[str],
    *,
    as_of: datetime,
    beside: Beside = NOTHING_BESIDE,
    choice: Choice = EVERYTHING,
) -> dict[str, LoadedTable]:
    """Create every wanted table; one that could not be read in full is created empty, its status says so.

    `as_of` is aware.
    """
    collected = sorted(_with_inputs(wanted))
    states = {name: _load_collected(connection, snapshot, name, choice) for name in collected}
    for name in sorted(set(wanted) & set(FROM_MANIFEST)):
        _create(connection, KNOWN_TABLES[name], _manifest_rows(name, snapshot.manifest))
        states[name] = LoadedTable(name, CollectionStatus.OK)
    return _load_rest(connection, wanted, states, as_of=as_of, beside=beside)


def load_values(
    connection: duckdb.DuckDBPyConnection,
    rows: Mapping[str, pa.Table],
    unreadable: Mapping[str, CollectionStatus],
    wanted: Collection[str],
    *,
    as_of: datetime,
    beside: Beside,
) -> dict[str, LoadedTable]:
    """The same from tables given as values; one neither given nor unreadable was looked at and is empty."""
    states = {}
    for name in sorted(_with_inputs(wanted) | (set(wanted) & set(FROM_MANIFEST))):
        states[name] = _state_of_values(name, unreadable)
        _create(connection, KNOWN_TABLES[name], rows.get(name) if _has_facts(states[name]) else None)
    return _load_rest(connection, wanted, states, as_of=as_of, beside=beside)


def _load_rest(
    connection: duckdb.DuckDBPyConnection,
    wanted: Collection[str],
    states: dict[str, LoadedTable],
    *,
    as_of: datetime,
    beside: Beside,
) -> dict[str, LoadedTable]:
    """Registers and computed tables, once the collected ones are there."""
    instant = as_of.astimezone(UTC).replace(tzinfo=None)
    for name in sorted(set(wanted) & set(REGISTERS)):
        states[name] = _load_register(connection, name, beside.registers)
    for name in sorted(set(wanted) & set(INPUTS)):
        states[name] = state_of_computed(name, states)
        if states[name].status.is_readable:
            derive(connection, name, as_of=instant)
        else:
            _create(connection, COMPUTED[name], None)
    if "baseline_differences" in wanted:
        states["baseline_differences"] = _load_differences(connection, beside.baseline_differences)
    return {name: states[name] for name in wanted}


def state_of_computed(name: str, states: Mapping[str, LoadedTable]) -> LoadedTable:
    """The worst status of the inputs. A feature that is not licensed adds no edges, so it counts as empty."""
    inputs = [states[each] for each in INPUTS[name]]
    blocking = [each for each in inputs if each.status is not CollectionStatus.NOT_LICENSED]
    worst = max(blocking, key=lambda each: each.status.rank, default=None)
    if worst is None or worst.status.is_readable:
        return LoadedTable(name, CollectionStatus.OK)
    return LoadedTable(name, worst.status, f"{worst.name}: {worst.reason}", worst.unlock)


def _with_inputs(wanted: Collection[str]) -> set[str]:
    return {table for name in wanted for table in INPUTS.get(name, (name,)) if table in TABLES}


def _load_collected(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, name: str, choice: Choice
) -> LoadedTable:
    entry = snapshot.manifest.tables.get(name)
    table = TABLES[name]
    if entry is None:
        _create(connection, table, None)
        return LoadedTable(name, CollectionStatus.UNSUPPORTED, "this snapshot is older than the table")
    state = LoadedTable(name, entry.status, entry.reason, entry.unlock, entry.gaps, sources=entry.sources)
    if not _has_facts(state):
        _create(connection, table, None)
        return state
    stored = set(snapshot.stored_columns(name))
    asked = choice.columns.get(name)
    decoded = [name for name in table.column_names if name in stored and (asked is None or name in asked)]
    # A row needs one column to be counted.
    read = ", ".join(f'"{column}"' for column in decoded or table.key[:1])
    kind = "VIEW" if choice.is_left_in_files else "TABLE"
    # A view takes no parameters, so the file's name is quoted into it.
    scan = SCAN.replace("?", "'" + snapshot.pattern(name).replace("'", "''") + "'")
    connection.execute(f'CREATE {kind} "_stored_{name}" AS SELECT {read} FROM {scan}')  # noqa: S608 - quoted
    # The columns that were not decoded are added by a view, where they take no memory.
    offered = [
        f'"{column.name}"' if column.name in decoded else f'CAST(NULL AS {_sql_type(column.type)}) AS "{column.name}"'
        for column in table.columns
    ]
    connection.execute(f'CREATE VIEW "{name}" AS SELECT {", ".join(offered)} FROM "_stored_{name}"')  # noqa: S608
    return state


def _state_of_values(name: str, unreadable: Mapping[str, CollectionStatus]) -> LoadedTable:
    """The state of a table given as values; `TABLE@SOURCE` tells of one of its sources."""
    if name in unreadable:
        return LoadedTable(name, unreadable[name], "as the case says")
    sources = tuple(
        SourceState(key.partition("@")[2], status, "as the case says")
        for key, status in unreadable.items()
        if key.startswith(f"{name}@")
    )
    if not sources:
        return LoadedTable(name, CollectionStatus.OK)
    return LoadedTable(name, CollectionStatus.PARTIAL, "as the case says", sources=sources)


def _has_facts(state: LoadedTable) -> bool:
    """Whether rows are worth loading: the table, or one of its sources, was read, or it holds single facts."""
    is_partly_told = state.status is CollectionStatus.PARTIAL and (state.name == "settings" or bool(state.sources))
    return state.status.is_readable or is_partly_told


def _load_register(connection: duckdb.DuckDBPyConnection, name: str, registers: Registers) -> LoadedTable:
    rows = registers.tables.get(name)
    _create(connection, REGISTERS[name], rows)
    if rows is None and name in FROM_ASSURANCE:
        return LoadedTable(
            name,
            CollectionStatus.UNSUPPORTED,
            "no file of a vendor's assurance was handed over",
            "describe the vendor's documents in assurance/VENDOR.yaml (start with `passmuster assurance init`)",
            is_handed_over=False,
        )
    if rows is None:
        return LoadedTable(
            name,
            CollectionStatus.UNSUPPORTED,
            f"the register {name}.csv was not handed over",
            f"hand over {name}.csv with --registers (start with `passmuster registers init`)",
            is_handed_over=False,
        )
    return LoadedTable(name, CollectionStatus.OK)


def _load_differences(connection: duckdb.DuckDBPyConnection, rows: pa.Table | None) -> LoadedTable:
    _create(connection, COMPUTED["baseline_differences"], rows)
    if rows is None:
        return LoadedTable(
            "baseline_differences",
            CollectionStatus.UNSUPPORTED,
            "no baseline was approved for this platform",
            "approve a snapshot with `passmuster baseline approve`",
            is_handed_over=False,
        )
    return LoadedTable("baseline_differences", CollectionStatus.OK)


def _create(connection: duckdb.DuckDBPyConnection, table: Table, rows: pa.Table | None) -> None:
    columns = ", ".join(f'"{column.name}" {_sql_type(column.type)}' for column in table.columns)
    connection.execute(f'CREATE TABLE "{table.name}" ({columns})')
    if rows is not None and rows.num_rows:
        connection.register("_rows", rows)
        connection.execute(f'INSERT INTO "{table.name}" BY NAME SELECT * FROM _rows')  # noqa: S608 - declared names
        connection.unregister("_rows")


def _sql_type(declared: str) -> str:
    return {"TEXT": "VARCHAR", "JSON": "VARCHAR", "INTEGER": "BIGINT"}.get(declared, declared)


def _manifest_rows(name: str, manifest: Manifest) -> pa.Table:
    taken = manifest.taken_at.astimezone(UTC).replace(tzinfo=None)
    if name == "snapshots":
        rows = [
            {
                "snapshot_id": manifest.id,
                "platform_id": manifest.platform_id,
                "taken_at": taken,
                "started_at": manifest.started_at.astimezone(UTC).replace(tzinfo=None),
                "collector": manifest.connector,
                "collector_version": manifest.connector_version,
                "source_kind": manifest.source_kind,
                "source_sha256": manifest.source_sha256 or None,
                "parent_snapshot_id": manifest.parent_snapshot_id or None,
            }
        ]
    else:
        rows = [
            {
                "table_name": table,
                "source": entry.source or None,
                "status": str(entry.status),
                "reason": entry.reason or None,
                "row_count": entry.rows,
                "collected_at": taken,
            }
            for table, entry in manifest.tables.items()
        ]
    return pa.Table.from_pylist(rows, schema=FROM_MANIFEST[name].schema)
