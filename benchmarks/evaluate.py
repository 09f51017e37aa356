"""Seven controls over a tenant: from tables already in memory, and from the files."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from benchmarks import evaluate_custodian, evaluate_loops, evaluate_ours, evaluate_polars
from benchmarks.entrant import Entrant, Run, Work
from benchmarks.tenant import write_tenant

USED: dict[str, tuple[str, ...]] = {
    "principals": ("principal_id", "kind", "login", "is_enabled", "last_sign_in_at"),
    "memberships": ("group_id", "member_kind", "member_id"),
    "grants": ("subject_kind", "subject_id", "role_id"),
    "roles": ("role_id", "is_privileged"),
    "apps": ("app_id", "owner_principal_id", "is_managed"),
    "connections": ("connection_id", "connector_id", "environment_id"),
    "data_policy_rules": ("policy_id", "rule_kind", "ref_id"),
    "credentials": ("credential_id", "created_at"),
    "settings": ("scope_kind", "scope_id", "key", "value_int"),
}
"""The columns the seven controls name; every peer loads these and no others."""


def _data(folder: Path, scale: int) -> None:
    write_tenant(folder / "tenant", scale)


def _scan(folder: Path, _scale: int) -> Run:
    """The used columns as tables of DuckDB: read every value once, keep the largest."""
    connection = duckdb.connect()
    for table, columns in USED.items():
        path = folder / "tenant" / f"{table}.parquet"
        connection.execute(f"CREATE TABLE {table} AS SELECT {', '.join(columns)} FROM '{path}'")

    def run() -> None:
        for table, columns in USED.items():
            connection.execute(f"SELECT {', '.join(f'max({name})' for name in columns)} FROM {table}").fetchall()

    return run


def _decode(folder: Path, _scale: int) -> Run:
    """Decode the used columns into Arrow and throw them away."""

    def run() -> None:
        for table, columns in USED.items():
            pq.read_table(folder / "tenant" / f"{table}.parquet", columns=list(columns))

    return run


WORKS = (
    Work(
        "evaluate-memory",
        "Seven controls, tables in memory",
        _data,
        (
            Entrant("passmuster", "ours", evaluate_ours.from_memory, is_fresh=True),
            Entrant("passmuster, every violation read", "ours", evaluate_ours.from_memory_read, is_fresh=True),
            Entrant("Polars", "peer", lambda folder, _: evaluate_polars.from_memory(folder, USED)),
            Entrant(
                "Python loops",
                "peer",
                lambda folder, _: evaluate_loops.from_memory(folder, USED),
                largest_scale=1_000_000,
            ),
            Entrant(
                "Cloud Custodian's filters",
                "peer",
                lambda folder, _: evaluate_custodian.from_memory(folder, USED),
                largest_scale=1_000_000,
            ),
            Entrant("column scan", "limit", _scan),
        ),
    ),
    Work(
        "evaluate-files",
        "Seven controls, from Parquet",
        _data,
        (
            Entrant("passmuster", "ours", evaluate_ours.from_files),
            Entrant("Polars", "peer", lambda folder, _: evaluate_polars.from_files(folder)),
            Entrant("decoding the used columns", "limit", _decode),
        ),
    ),
)
