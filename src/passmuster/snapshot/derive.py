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
from passmuster.snapshot.derive_privileged import derive_privileged

_NEEDED_FIRST = {"effective_grants": ("effective_roles",), "privileged_grants": ("effective_roles",)}
_WRITTEN_OUT_ROWS = 100_000

READS: dict[str, tuple[str, ...]] = {
    "roles": ("role_id", "is_privileged"),
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
# Roles go through the GROUP BY as numbers: DuckDB packs short texts there, and then no filter on the role passes it.
_GRANTS = """
    SELECT e.principal_id, r.role_id, e.object_kind, e.object_id, e.environment_id, e.via, e.expires_at, e.has_expiry,
           e.is_eligible_only
    FROM (SELECT principal_id, role_ix, object_kind, object_id, environment_id,
                 if(bool_or(is_direct), 'direct', 'group') AS via,
                 if(bool_or(has_expiry IS FALSE), NULL, max(expires_at)) AS expires_at,
                 bool_and(has_expiry) AS has_expiry, bool_and(is_eligible_only) AS is_eligible_only
          FROM (SELECT unnest(if(h.group_ix IS NULL, [h.principal_id], m.principals)) AS principal_id,
                       h.group_ix IS NULL AS is_direct, h.role_ix, h.object_kind, h.object_id, h.environment_id,
                       h.expires_at, h.has_expiry, h.is_eligible_only
                FROM _holding h LEFT JOIN _members m ON m.ix = h.group_ix)
          GROUP BY principal_id, role_ix, object_kind, object_id, environment_id) e
    JOIN _held_role r ON r.ix = e.role_ix"""
_FACTS = "object_kind, object_id, environment_id, expires_at, has_expiry, is_eligible_only"


def derive(connection: duckdb.DuckDBPyConnection, name: str, *, as_of: datetime) -> None:
    """Create the computed table `name`; its inputs must be loaded. `as_of` is UTC without a zone."""
    if _exists(connection, name):
        return
    for other in _NEEDED_FIRST.get(name, ()):
        derive(connection, other, as_of=as_of)
    if name == "effective_roles":
        _derive_roles(connection)
        return
    if name == "privileged_grants":
        derive_privileged(connection, as_of=as_of)
        return
    if not _exists(connection, "_members"):
        _number_groups(connection, as_of)
    if name == "effective_memberships":
        _derive_memberships(connection)
    else:
        _derive_grants(connection, as_of)


def _exists(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    # The catalogue's own functions: `information_schema` also describes every column, which takes a while.
    query = """SELECT table_name FROM duckdb_tables() WHERE table_name = $1
               UNION ALL SELECT view_name FROM duckdb_views() WHERE view_name = $1"""
    return connection.execute(query, [table]).fetchone() is not None


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
            SELECT g.ix, m.principals FROM (
                SELECT group_id, list(member_id) AS principals FROM memberships
                WHERE member_kind = 'principal' AND {valid} GROUP BY group_id
            ) m JOIN _group g ON g.group_id = m.group_id
            UNION ALL
            SELECT g.ix, (SELECT list(principal_id) FROM principals WHERE kind = 'human' AND is_enabled IS NOT FALSE)
            FROM groups e JOIN _group g ON g.group_id = e.group_id WHERE e.kind = 'everyone'""",  # noqa: S608
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
    _offer(connection, "effective_memberships", _MEMBERSHIPS, "_inside i JOIN _members m ON m.ix = i.member_ix")


def _derive_grants(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """`_holding` says who holds what: principals by themselves, and groups with all that comes down to them."""
    _number_held_roles(connection)
    connection.execute(
        f"""CREATE TABLE _item AS
            SELECT g.ix, role_id, {_FACTS}, dense_rank() OVER (ORDER BY role_id, {_FACTS}) - 1 AS item
            FROM grants JOIN _group g ON g.group_id = subject_id
            WHERE subject_kind = 'group' AND role_id IS NOT NULL AND (expires_at IS NULL OR expires_at > $as_of)""",  # noqa: S608
        {"as_of": as_of},
    )
    pairs = _closure(
        connection,
        nodes=_count(connection, "_group"),
        edges="SELECT parent, child FROM _nesting",
        seeds="SELECT DISTINCT ix, item FROM _item",
        items=_count(connection, "(SELECT DISTINCT item FROM _item)"),
    )
    connection.register("_pairs", pairs)
    connection.execute(
        f"""CREATE TABLE _holding AS
            SELECT principal_id, group_ix, r.ix AS role_ix, {_FACTS}
            FROM (SELECT subject_id AS principal_id, CAST(NULL AS INTEGER) AS group_ix, role_id, {_FACTS} FROM grants
                  WHERE subject_kind = 'principal' AND subject_id IS NOT NULL AND role_id IS NOT NULL
                    AND (expires_at IS NULL OR expires_at > $as_of)
                  UNION ALL
                  SELECT NULL, CAST(_pairs.node AS INTEGER), role_id, {_FACTS}
                  FROM _pairs JOIN (SELECT DISTINCT item, role_id, {_FACTS} FROM _item) i ON i.item = _pairs.item) h
            JOIN _brings r ON r.role_id = h.role_id""",  # noqa: S608
        {"as_of": as_of},
    )
    connection.unregister("_pairs")
    _offer(connection, "effective_grants", _GRANTS, "_holding h LEFT JOIN _members m ON m.ix = h.group_ix")


def _number_held_roles(connection: duckdb.DuckDBPyConnection) -> None:
    """`_held_role` numbers roles; `_brings` says which numbers a role brings: what it includes, at least itself."""
    connection.execute("""
        CREATE TABLE _held_role AS
        SELECT role_id, CAST(row_number() OVER () - 1 AS INTEGER) AS ix FROM (
            SELECT included_role_id AS role_id FROM effective_roles
            UNION SELECT role_id FROM grants WHERE role_id IS NOT NULL)""")
    connection.execute("""
        CREATE TABLE _brings AS
        SELECT e.role_id, r.ix FROM effective_roles e JOIN _held_role r ON r.role_id = e.included_role_id
        UNION ALL
        SELECT role_id, ix FROM _held_role WHERE role_id NOT IN (SELECT role_id FROM effective_roles)""")


def _offer(connection: duckdb.DuckDBPyConnection, name: str, query: str, source: str) -> None:
    """The computed table as a table where few rows of `source` unfold into few, else as a view."""
    row = connection.execute(f"""
        SELECT sum(coalesce(len(principals), 1)) FROM (
            SELECT m.principals FROM {source} LIMIT {_WRITTEN_OUT_ROWS + 1})""").fetchone()  # noqa: S608 - our own names
    kind = "TABLE" if row is None or (row[0] or 0) <= _WRITTEN_OUT_ROWS else "VIEW"
    connection.execute(f"CREATE {kind} {name} AS {query}")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - our own names
    return int(row[0]) if row else 0
