"""Two snapshots of a table of role grants, one row in a hundred different: which rows came, went and changed."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.entrant import Entrant, Run, Work
from benchmarks.tenant import ago, group_count, role_grants, write_columns
from passmuster.snapshot.drift import compare_snapshots
from passmuster.snapshot.read import Snapshot, open_snapshot
from passmuster.snapshot.tables import TABLES

_COMPARED = [column.name for column in TABLES["grants"].columns if not column.is_volatile and column.name != "origin"]


def _data(folder: Path, scale: int) -> None:
    if (folder / "head").exists():
        return
    chance = np.random.default_rng(2)
    base = pa.table(dict(role_grants(chance, scale // 4, group_count(scale), scale)))
    fate = chance.random(scale)
    granted = np.where(fate < 0.004, 5000, 1)
    moved = pa.array(fate < 0.004)
    head = base.set_column(
        base.schema.get_field_index("granted_at"),
        "granted_at",
        pa.compute.if_else(moved, ago(granted), base["granted_at"]),
    ).filter(pa.array((fate < 0.004) | (fate >= 0.007)))
    new = base.slice(0, int(scale * 0.003))
    new = new.set_column(0, "grant_id", pa.compute.binary_join_element_wise("y", new["grant_id"], ""))
    head = pa.concat_tables([head, new]).combine_chunks()
    write_columns(folder / "base", _columns(base.combine_chunks()))
    write_columns(folder / "head", _columns(head))


def _columns(table: pa.Table) -> dict[str, dict[str, pa.ChunkedArray]]:
    return {"grants": {name: table[name] for name in table.column_names}}


def _opened(folder: Path) -> tuple[Snapshot, Snapshot]:
    return open_snapshot(folder / "base"), open_snapshot(folder / "head")


def _ours(folder: Path, _scale: int) -> Run:
    base, head = _opened(folder)

    def run() -> int:
        drift = compare_snapshots(base, head, tables=("grants",))[0]
        return len(drift.added) + len(drift.removed) + len({change.key["grant_id"] for change in drift.changed})

    return run


def _except(folder: Path, _scale: int) -> Run:
    columns = ", ".join(_COMPARED)
    base, head = (f"(SELECT {columns} FROM '{folder / side / 'grants.parquet'}')" for side in ("base", "head"))
    connection = duckdb.connect()

    def run() -> int:
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE differing AS
                (FROM {head} EXCEPT FROM {base}) UNION ALL (FROM {base} EXCEPT FROM {head})"""
        )
        row = connection.execute("SELECT count(DISTINCT grant_id) FROM differing").fetchone()
        return int(row[0]) if row else 0

    return run


def _deepdiff(folder: Path, _scale: int) -> Run:
    from deepdiff import DeepDiff  # noqa: PLC0415 - only `make bench` installs it

    base, head = (
        {row["grant_id"]: row for row in pq.read_table(folder / side / "grants.parquet", columns=_COMPARED).to_pylist()}
        for side in ("base", "head")
    )

    def run() -> int:
        found = DeepDiff(base, head)
        parts = ("dictionary_item_added", "dictionary_item_removed", "values_changed")
        return sum(len(found.get(part, ())) for part in parts)

    return run


def _decode_and_hash(folder: Path, _scale: int) -> Run:
    """Decode the compared columns of both files and hash every row once."""
    columns = ", ".join(_COMPARED)
    base, head = (folder / side / "grants.parquet" for side in ("base", "head"))
    connection = duckdb.connect()

    def run() -> None:
        both = " UNION ALL ".join(f"SELECT {columns} FROM '{path}'" for path in (base, head))
        connection.execute(f"SELECT bit_xor(hash({columns})) FROM ({both})").fetchall()

    return run


WORK = Work(
    "drift",
    "Drift of role grants, 1 % different",
    _data,
    (
        Entrant("passmuster", "ours", _ours),
        Entrant("EXCEPT in DuckDB", "peer", _except),
        Entrant("deepdiff", "peer", _deepdiff, largest_scale=1_000_000),
        Entrant("decoding and hashing both", "limit", _decode_and_hash),
    ),
)
