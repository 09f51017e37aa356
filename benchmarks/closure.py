"""Nested groups: every (group, role) pair, where a group holds the roles of the groups it is nested in."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.entrant import Entrant, Run, Work
from benchmarks.tenant import ROLES, Ints, group_count, nesting
from passmuster.snapshot.closure import reach


def _data(folder: Path, scale: int) -> None:
    path = folder / "nesting.npz"
    if path.exists():
        return
    chance = np.random.default_rng(7)
    groups, grants = group_count(scale), scale // 25
    parent, child = nesting(chance, groups, 1.3)
    pairs = np.unique(chance.integers(0, groups, grants) * ROLES + chance.integers(0, ROLES, grants))
    np.savez(path, parent=parent, child=child, group=pairs // ROLES, role=pairs % ROLES)


def _read(folder: Path) -> tuple[Ints, Ints, Ints, Ints]:
    with np.load(folder / "nesting.npz") as data:
        return data["parent"], data["child"], data["group"], data["role"]


def _ours(folder: Path, scale: int) -> Run:
    parent, child, group, role = _read(folder)
    groups = group_count(scale)
    return lambda: len(reach(nodes=groups, edges=(parent, child), seeds=(group, role), items=ROLES)[0])


def _recursive_cte(folder: Path, _scale: int) -> Run:
    parent, child, group, role = _read(folder)
    connection = duckdb.connect()
    for name, columns in (("edge", {"parent": parent, "child": child}), ("held", {"grp": group, "role": role})):
        given = {key: column.astype(np.int32) for key, column in columns.items()}
        connection.register("given", pa.table(given))
        connection.execute(f"CREATE TABLE {name} AS FROM given")
        connection.unregister("given")
    query = """
        CREATE OR REPLACE TEMP TABLE reached AS
        WITH RECURSIVE r(grp, role) AS (
            SELECT grp, role FROM held UNION SELECT edge.child, r.role FROM r JOIN edge ON edge.parent = r.grp)
        SELECT * FROM r"""

    def run() -> int:
        connection.execute(query)
        row = connection.execute("SELECT count(*) FROM reached").fetchone()
        return int(row[0]) if row else 0

    return run


def _graph_walk(folder: Path, scale: int) -> Run:
    """From each group that holds a role, walk to all groups below it."""
    parent, child, group, role = (column.tolist() for column in _read(folder))
    groups = group_count(scale)

    def run() -> int:
        below: list[list[int]] = [[] for _ in range(groups)]
        for source, target in zip(parent, child, strict=True):
            below[source].append(target)
        held: dict[int, set[int]] = {}
        for holder, item in zip(group, role, strict=True):
            held.setdefault(holder, set()).add(item)
        reached: list[set[int]] = [set() for _ in range(groups)]
        for holder, items in held.items():
            seen, waiting = {holder}, [holder]
            while waiting:
                here = waiting.pop()
                reached[here] |= items
                for each in below[here]:
                    if each not in seen:
                        seen.add(each)
                        waiting.append(each)
        return sum(map(len, reached))

    return run


def _copy(folder: Path, scale: int) -> Run:
    """Write the finished pairs once more: no way to answer with them can be faster."""
    parent, child, group, role = _read(folder)
    pairs = reach(nodes=group_count(scale), edges=(parent, child), seeds=(group, role), items=ROLES)

    def run() -> None:
        for column in pairs:
            column.copy()

    return run


WORK = Work(
    "closure",
    "Closure of nested groups",
    _data,
    (
        Entrant("passmuster", "ours", _ours),
        Entrant("recursive query in DuckDB", "peer", _recursive_cte),
        Entrant("graph walk in Python", "peer", _graph_walk),
        Entrant("writing the pairs", "limit", _copy),
    ),
)
