"""Computed tables: effective memberships, roles and grants, for the instant asked about."""

from __future__ import annotations

from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa

from passmuster.snapshot.closure import reach

_NEEDED_FIRST = {"effective_grants": ("effective_roles",)}


def derive(connection: duckdb.DuckDBPyConnection, name: str, *, as_of: datetime) -> None:
    """Create the computed table `name`; its inputs must be loaded. `as_of` is UTC without a zone."""
    if _exists(connection, name):
        return
    for other in _NEEDED_FIRST.get(name, ()):
        derive(connection, other, as_of=as_of)
    if name == "effective_roles":
        _derive_roles(connection)
        return
    if not _exists(connection, "_member"):
        _number_members(connection, as_of)
    if name == "effective_memberships":
        _derive_memberships(connection)
    else:
        _derive_grants(connection, as_of)


def _exists(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    query = "SELECT count(*) FROM duckdb_tables() WHERE table_name = ?"
    row = connection.execute(query, [table]).fetchone()
    return row is not None and row[0] > 0


def _closure(connection: duckdb.DuckDBPyConnection, *, nodes: int, edges: str, seeds: str, items: int) -> pa.Table:
    """The pairs of `reach` as an Arrow table (node, item); `edges` and `seeds` are queries of two integer columns."""
    edge = connection.execute(edges).fetchnumpy()
    seed = connection.execute(seeds).fetchnumpy()
    source, target = (np.asarray(column, np.int64) for column in edge.values())
    node, item = (np.asarray(column, np.int64) for column in seed.values())
    reached, carried = reach(nodes=nodes, edges=(source, target), seeds=(node, item), items=items)
    return pa.table({"node": reached, "item": carried})


def _derive_roles(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        CREATE TEMP TABLE _role AS
        SELECT role_id, row_number() OVER (ORDER BY role_id) - 1 AS ix FROM (
            SELECT role_id FROM roles
            UNION SELECT role_id FROM role_inclusions UNION SELECT included_role_id FROM role_inclusions)""")
    count = _count(connection, "_role")
    pairs = _closure(
        connection,
        nodes=count,
        edges="""SELECT c.ix, p.ix FROM role_inclusions i
                 JOIN _role p ON p.role_id = i.role_id JOIN _role c ON c.role_id = i.included_role_id""",
        seeds="SELECT ix, ix AS item FROM _role",
        items=count,
    )
    connection.register("_pairs", pairs)
    connection.execute("""
        CREATE TABLE effective_roles AS
        SELECT a.role_id, b.role_id AS included_role_id
        FROM _pairs JOIN _role a ON a.ix = _pairs.node JOIN _role b ON b.ix = _pairs.item""")
    connection.unregister("_pairs")


def _number_members(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Number groups and principals, and keep the edges that hold at `as_of`."""
    connection.execute("""
        CREATE TEMP TABLE _group AS
        SELECT group_id, row_number() OVER (ORDER BY group_id) - 1 AS ix FROM (
            SELECT group_id FROM groups UNION SELECT group_id FROM memberships
            UNION SELECT member_id FROM memberships WHERE member_kind = 'group'
            UNION SELECT subject_id FROM grants WHERE subject_kind = 'group' AND subject_id IS NOT NULL)""")
    connection.execute("""
        CREATE TEMP TABLE _principal AS
        SELECT principal_id, row_number() OVER (ORDER BY principal_id) - 1 AS ix FROM (
            SELECT principal_id FROM principals UNION SELECT member_id FROM memberships WHERE member_kind = 'principal'
            UNION SELECT subject_id FROM grants WHERE subject_kind = 'principal' AND subject_id IS NOT NULL)""")
    valid = "(valid_from IS NULL OR valid_from <= $as_of) AND (valid_until IS NULL OR valid_until > $as_of)"
    connection.execute(
        f"""CREATE TEMP TABLE _nesting AS
            SELECT p.ix AS parent, c.ix AS child FROM memberships m
            JOIN _group p ON p.group_id = m.group_id JOIN _group c ON c.group_id = m.member_id
            WHERE m.member_kind = 'group' AND {valid}""",  # noqa: S608 - fixed text
        {"as_of": as_of},
    )
    connection.execute(
        f"""CREATE TEMP TABLE _member AS
            SELECT g.ix AS group_ix, p.ix AS principal_ix FROM memberships m
            JOIN _group g ON g.group_id = m.group_id JOIN _principal p ON p.principal_id = m.member_id
            WHERE m.member_kind = 'principal' AND {valid}
            UNION ALL
            SELECT g.ix, p.ix FROM groups e JOIN _group g ON g.group_id = e.group_id
            CROSS JOIN principals h JOIN _principal p ON p.principal_id = h.principal_id
            WHERE e.kind = 'everyone' AND h.kind = 'human' AND h.is_enabled IS NOT FALSE""",  # noqa: S608 - fixed text
        {"as_of": as_of},
    )


def _derive_memberships(connection: duckdb.DuckDBPyConnection) -> None:
    count = _count(connection, "_group")
    pairs = _closure(
        connection,
        nodes=count,
        edges="SELECT parent, child FROM _nesting",
        seeds="SELECT ix, ix AS item FROM _group",
        items=count,
    )
    connection.register("_pairs", pairs)
    connection.execute("""
        CREATE TABLE effective_memberships AS
        SELECT g.group_id, p.principal_id FROM (
            SELECT DISTINCT _pairs.item AS group_ix, m.principal_ix
            FROM _pairs JOIN _member m ON m.group_ix = _pairs.node
        ) e JOIN _group g ON g.ix = e.group_ix JOIN _principal p ON p.ix = e.principal_ix""")
    connection.unregister("_pairs")


def _derive_grants(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    connection.execute(
        """CREATE TEMP TABLE _grant AS
           SELECT subject_kind, subject_id, dense_rank() OVER (ORDER BY role_id, object_kind, object_id,
                   environment_id, expires_at, has_expiry, is_eligible_only) - 1 AS item,
               role_id, object_kind, object_id, environment_id, expires_at, has_expiry, is_eligible_only
           FROM grants WHERE role_id IS NOT NULL AND (expires_at IS NULL OR expires_at > $as_of)""",
        {"as_of": as_of},
    )
    connection.execute("""
        CREATE TEMP TABLE _item AS SELECT DISTINCT item, role_id, object_kind, object_id, environment_id,
            expires_at, has_expiry, is_eligible_only FROM _grant""")
    pairs = _closure(
        connection,
        nodes=_count(connection, "_group"),
        edges="SELECT parent, child FROM _nesting",
        seeds="""SELECT DISTINCT g.ix, t.item FROM _grant t JOIN _group g ON g.group_id = t.subject_id
                 WHERE t.subject_kind = 'group'""",
        items=_count(connection, "_item"),
    )
    connection.register("_pairs", pairs)
    connection.execute("""
        CREATE TEMP TABLE _held AS
        SELECT principal_ix, item, min(via) AS via FROM (
            SELECT p.ix AS principal_ix, t.item, 0 AS via FROM _grant t
            JOIN _principal p ON p.principal_id = t.subject_id WHERE t.subject_kind = 'principal'
            UNION ALL
            SELECT m.principal_ix, _pairs.item, 1 FROM _pairs JOIN _member m ON m.group_ix = _pairs.node)
        GROUP BY principal_ix, item""")
    connection.unregister("_pairs")
    _spell_grants(connection)


def _spell_grants(connection: duckdb.DuckDBPyConnection) -> None:
    """Numbers back to names, one row per principal, role and object; what lasts longest wins."""
    connection.execute("""
        CREATE TEMP TABLE _slot AS
        SELECT *, count(*) OVER (PARTITION BY role_id, object_kind, object_id, environment_id) > 1 AS is_shared
        FROM (SELECT i.item, coalesce(r.included_role_id, i.role_id) AS role_id, i.object_kind, i.object_id,
                     i.environment_id, i.expires_at, i.has_expiry, i.is_eligible_only
              FROM _item i LEFT JOIN effective_roles r ON r.role_id = i.role_id)""")
    connection.execute("""
        CREATE TABLE effective_grants AS
        SELECT p.principal_id, s.role_id, s.object_kind, s.object_id, s.environment_id,
               if(h.via = 0, 'direct', 'group') AS via, s.expires_at, s.has_expiry, s.is_eligible_only
        FROM _held h JOIN _slot s ON s.item = h.item AND NOT s.is_shared JOIN _principal p ON p.ix = h.principal_ix
        UNION ALL
        SELECT p.principal_id, s.role_id, s.object_kind, s.object_id, s.environment_id,
               if(min(h.via) = 0, 'direct', 'group'),
               if(bool_or(s.has_expiry IS FALSE), NULL, max(s.expires_at)),
               bool_and(s.has_expiry), bool_and(s.is_eligible_only)
        FROM _held h JOIN _slot s ON s.item = h.item AND s.is_shared JOIN _principal p ON p.ix = h.principal_ix
        GROUP BY p.principal_id, s.role_id, s.object_kind, s.object_id, s.environment_id""")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - our own names
    return int(row[0]) if row else 0
