"""Computed tables: effective memberships, roles and grants, for the instant asked about.

Small ones are written out. Large ones stay a view, which DuckDB narrows down to what a query asks for before it
unfolds any group: a tenant's effective grants may be a hundred times its grants, and few controls look at all of them.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa

from passmuster.snapshot.closure import reach

_NEEDED_FIRST = {"effective_grants": ("effective_roles",)}
_WRITTEN_OUT_ROWS = 100_000

READS: dict[str, tuple[str, ...]] = {
    "roles": ("role_id",),
    "role_inclusions": ("role_id", "included_role_id"),
    "groups": ("group_id", "kind"),
    "memberships": ("group_id", "member_id", "member_kind", "valid_from", "valid_until"),
    "principals": ("principal_id", "kind", "is_enabled"),
    "grants": (
        *("subject_kind", "subject_id", "role_id", "object_kind", "object_id", "environment_id"),
        *("expires_at", "has_expiry", "is_eligible_only"),
    ),
}
"""The columns read here of each collected table."""

# One row a principal and group; large lists are unfolded last, so that a view can drop what nobody asks for first.
_MEMBERSHIPS = """
    SELECT DISTINCT i.group_id, unnest(m.principals) AS principal_id
    FROM _inside i JOIN _members m ON m.ix = i.member_ix"""

# A principal's own grants carry the principal, those of a group its number; no UNION, since filters do not pass one.
_GRANTS = """
    SELECT h.principal_id, s.role_id, s.object_kind, s.object_id, s.environment_id,
           if(h.is_direct, 'direct', 'group') AS via, h.expires_at, h.has_expiry, h.is_eligible_only
    FROM (SELECT principal_id, slot, bool_or(is_direct) AS is_direct,
                 if(bool_or(has_expiry IS FALSE), NULL, max(expires_at)) AS expires_at,
                 bool_and(has_expiry) AS has_expiry, bool_and(is_eligible_only) AS is_eligible_only
          FROM (SELECT unnest(if(h.group_ix IS NULL, [h.principal_id], m.principals)) AS principal_id,
                       h.slot, h.group_ix IS NULL AS is_direct, h.expires_at, h.has_expiry, h.is_eligible_only
                FROM _holding h LEFT JOIN _members m ON m.ix = h.group_ix)
          GROUP BY principal_id, slot) h
    JOIN _slot s ON s.slot = h.slot"""


def derive(connection: duckdb.DuckDBPyConnection, name: str, *, as_of: datetime) -> None:
    """Create the computed table `name`; its inputs must be loaded. `as_of` is UTC without a zone."""
    if _exists(connection, name):
        return
    for other in _NEEDED_FIRST.get(name, ()):
        derive(connection, other, as_of=as_of)
    if name == "effective_roles":
        _derive_roles(connection)
        return
    if not _exists(connection, "_members"):
        _number_groups(connection, as_of)
    if name == "effective_memberships":
        _derive_memberships(connection)
    else:
        _derive_grants(connection, as_of)


def _exists(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    query = "SELECT count(*) FROM information_schema.tables WHERE table_name = ?"
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
        CREATE TABLE _role AS
        SELECT role_id, row_number() OVER () - 1 AS ix FROM (
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


def _number_groups(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Number groups, and keep the edges that hold at `as_of`: groups in groups, and each group's own members."""
    connection.execute("""
        CREATE TABLE _group AS
        SELECT group_id, CAST(row_number() OVER () - 1 AS INTEGER) AS ix FROM (
            SELECT group_id FROM groups UNION SELECT group_id FROM memberships
            UNION SELECT member_id FROM memberships WHERE member_kind = 'group'
            UNION SELECT subject_id FROM grants WHERE subject_kind = 'group' AND subject_id IS NOT NULL)""")
    valid = "(valid_from IS NULL OR valid_from <= $as_of) AND (valid_until IS NULL OR valid_until > $as_of)"
    connection.execute(
        f"""CREATE TABLE _nesting AS
            SELECT p.ix AS parent, c.ix AS child FROM memberships m
            JOIN _group p ON p.group_id = m.group_id JOIN _group c ON c.group_id = m.member_id
            WHERE m.member_kind = 'group' AND {valid}""",  # noqa: S608 - fixed text
        {"as_of": as_of},
    )
    connection.execute(
        f"""CREATE TABLE _members AS
            SELECT g.ix, flatten(list(e.principals)) AS principals FROM (
                SELECT group_id, list(member_id) AS principals FROM memberships
                WHERE member_kind = 'principal' AND {valid} GROUP BY group_id
                UNION ALL
                SELECT group_id, (SELECT list(principal_id) FROM principals
                                  WHERE kind = 'human' AND is_enabled IS NOT FALSE)
                FROM groups WHERE kind = 'everyone'
            ) e JOIN _group g ON g.group_id = e.group_id
            WHERE e.principals IS NOT NULL GROUP BY g.ix""",  # noqa: S608 - fixed text
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
        CREATE TABLE _inside AS
        SELECT g.group_id, CAST(_pairs.node AS INTEGER) AS member_ix
        FROM _pairs JOIN _group g ON g.ix = _pairs.item""")
    connection.unregister("_pairs")
    unfolded = "SELECT sum(len(m.principals)) FROM _inside i JOIN _members m ON m.ix = i.member_ix"
    _offer(connection, "effective_memberships", _MEMBERSHIPS, unfolded)


def _derive_grants(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """`_slot` numbers role and object, `_holding` says who holds which, included roles and nested groups unfolded."""
    connection.execute(
        """CREATE TABLE _slot AS
           SELECT *, CAST(row_number() OVER () - 1 AS INTEGER) AS slot FROM (
               SELECT DISTINCT coalesce(r.included_role_id, g.role_id) AS role_id, g.object_kind, g.object_id,
                      g.environment_id
               FROM (SELECT DISTINCT role_id, object_kind, object_id, environment_id FROM grants
                     WHERE role_id IS NOT NULL) g
               LEFT JOIN effective_roles r ON r.role_id = g.role_id)"""
    )
    held = """
        SELECT g.subject_kind, g.subject_id, s.slot, g.expires_at, g.has_expiry, g.is_eligible_only
        FROM grants g LEFT JOIN effective_roles r ON r.role_id = g.role_id
        JOIN _slot s ON s.role_id = coalesce(r.included_role_id, g.role_id)
            AND s.object_kind IS NOT DISTINCT FROM g.object_kind AND s.object_id IS NOT DISTINCT FROM g.object_id
            AND s.environment_id IS NOT DISTINCT FROM g.environment_id
        WHERE g.subject_id IS NOT NULL AND (g.expires_at IS NULL OR g.expires_at > $as_of)"""
    connection.execute(
        f"""CREATE TABLE _group_grant AS
            SELECT g.ix, h.slot, h.expires_at, h.has_expiry, h.is_eligible_only,
                   dense_rank() OVER (ORDER BY slot, expires_at, has_expiry, is_eligible_only) - 1 AS item
            FROM ({held}) h JOIN _group g ON g.group_id = h.subject_id WHERE h.subject_kind = 'group'""",  # noqa: S608
        {"as_of": as_of},
    )
    pairs = _closure(
        connection,
        nodes=_count(connection, "_group"),
        edges="SELECT parent, child FROM _nesting",
        seeds="SELECT DISTINCT ix, item FROM _group_grant",
        items=_count(connection, "(SELECT DISTINCT item FROM _group_grant)"),
    )
    connection.register("_pairs", pairs)
    connection.execute(
        f"""CREATE TABLE _holding AS
            SELECT h.subject_id AS principal_id, CAST(NULL AS INTEGER) AS group_ix, h.slot, h.expires_at,
                   h.has_expiry, h.is_eligible_only
            FROM ({held}) h WHERE h.subject_kind = 'principal'
            UNION ALL
            SELECT NULL, CAST(_pairs.node AS INTEGER), i.slot, i.expires_at, i.has_expiry, i.is_eligible_only
            FROM _pairs JOIN (SELECT DISTINCT item, slot, expires_at, has_expiry, is_eligible_only
                              FROM _group_grant) i ON i.item = _pairs.item""",  # noqa: S608 - fixed text
        {"as_of": as_of},
    )
    connection.unregister("_pairs")
    unfolded = """SELECT sum(if(h.group_ix IS NULL, 1, len(m.principals)))
                  FROM _holding h LEFT JOIN _members m ON m.ix = h.group_ix"""
    _offer(connection, "effective_grants", _GRANTS, unfolded)


def _offer(connection: duckdb.DuckDBPyConnection, name: str, query: str, unfolded: str) -> None:
    """The computed table as a table where it is small, else as a view; `unfolded` counts the rows it is made of."""
    row = connection.execute(unfolded).fetchone()
    kind = "TABLE" if row is None or (row[0] or 0) <= _WRITTEN_OUT_ROWS else "VIEW"
    connection.execute(f"CREATE {kind} {name} AS {query}")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - our own names
    return int(row[0]) if row else 0
