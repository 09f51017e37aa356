"""The computed table of privileged grants: the part of the effective grants that most controls ask for.

Only roles that bring a privileged one, the groups they come down to, and those groups' members are ever looked at, so
that a tenant's ten million memberships cost little more than one scan.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa

from passmuster.snapshot.closure import reach

# A role that no table lists, or whose rank nobody told, may be privileged: it stays in, with NULL.
_BRINGS = """
    CREATE TABLE _brings_privilege AS
    SELECT e.role_id, e.included_role_id, r.is_privileged
    FROM effective_roles e LEFT JOIN roles r ON r.role_id = e.included_role_id
    WHERE r.is_privileged IS NOT FALSE
    UNION
    SELECT role_id, role_id, NULL FROM (SELECT DISTINCT role_id FROM grants WHERE role_id IS NOT NULL)
    WHERE role_id NOT IN (SELECT role_id FROM effective_roles)"""

_HELD = """
    CREATE TABLE _privileged_grant AS
    SELECT row_number() OVER () - 1 AS item, subject_kind, subject_id, role_id, object_kind, object_id, environment_id,
           expires_at, has_expiry, is_eligible_only
    FROM grants
    WHERE role_id IN (SELECT role_id FROM _brings_privilege) AND subject_id IS NOT NULL
      AND subject_kind IN ('principal', 'group') AND (expires_at IS NULL OR expires_at > $as_of)"""

_VALID = "(valid_from IS NULL OR valid_from <= $as_of) AND (valid_until IS NULL OR valid_until > $as_of)"
_EDGES = f"""
    CREATE TABLE _privileged_edge AS
    SELECT group_id AS parent, member_id AS child FROM memberships WHERE member_kind = 'group' AND {_VALID}"""  # noqa: S608 - fixed text
_NUMBERED = """
    CREATE TABLE _privileged_group AS
    SELECT group_id, row_number() OVER () - 1 AS ix FROM (
        SELECT subject_id AS group_id FROM _privileged_grant WHERE subject_kind = 'group'
        UNION SELECT parent FROM _privileged_edge UNION SELECT child FROM _privileged_edge)"""

# Every (group, grant) pair stands in `_comes_down`; members are looked up only for groups that stand there.
_GRANTS = f"""
    CREATE TABLE privileged_grants AS
    WITH reached AS (
        SELECT g.group_id, p.item FROM _comes_down p JOIN _privileged_group g ON g.ix = p.node
    ),
    inside AS (
        SELECT group_id, member_id AS principal_id FROM memberships
        WHERE member_kind = 'principal' AND {_VALID} AND group_id IN (SELECT group_id FROM reached)
        UNION ALL
        SELECT e.group_id, p.principal_id FROM groups e, principals p
        WHERE e.kind = 'everyone' AND e.group_id IN (SELECT group_id FROM reached)
          AND p.kind = 'human' AND p.is_enabled IS NOT FALSE
    ),
    holding AS (
        SELECT subject_id AS principal_id, item, true AS is_direct FROM _privileged_grant
        WHERE subject_kind = 'principal'
        UNION ALL
        SELECT i.principal_id, r.item, false FROM reached r JOIN inside i ON i.group_id = r.group_id
    )
    SELECT h.principal_id, b.included_role_id AS role_id, bool_or(b.is_privileged) AS is_privileged,
           g.object_kind, g.object_id, g.environment_id, if(bool_or(h.is_direct), 'direct', 'group') AS via,
           if(bool_or(g.has_expiry IS FALSE), NULL, max(g.expires_at)) AS expires_at,
           bool_and(g.has_expiry) AS has_expiry, bool_and(g.is_eligible_only) AS is_eligible_only
    FROM holding h JOIN _privileged_grant g ON g.item = h.item JOIN _brings_privilege b ON b.role_id = g.role_id
    WHERE h.principal_id IS NOT NULL
    GROUP BY h.principal_id, b.included_role_id, g.object_kind, g.object_id, g.environment_id"""  # noqa: S608 - fixed text


def derive_privileged(connection: duckdb.DuckDBPyConnection, *, as_of: datetime) -> None:
    """Create `privileged_grants`; its inputs and `effective_roles` must be there. `as_of` is UTC without a zone."""
    instant = {"as_of": as_of}
    connection.execute(_BRINGS)
    connection.execute(_HELD, instant)
    connection.execute(_EDGES, instant)
    connection.execute(_NUMBERED)
    connection.register("_comes_down", _come_down(connection))
    connection.execute(_GRANTS, instant)
    connection.unregister("_comes_down")
    for table in ("_brings_privilege", "_privileged_grant", "_privileged_edge", "_privileged_group"):
        connection.execute(f"DROP TABLE {table}")


def _come_down(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """(node, item): every grant to a group, at that group and at all groups nested in it."""
    edges = connection.execute("""
        SELECT p.ix, c.ix AS child FROM _privileged_edge e
        JOIN _privileged_group p ON p.group_id = e.parent JOIN _privileged_group c ON c.group_id = e.child""")
    source, target = (np.asarray(column, np.int64) for column in edges.fetchnumpy().values())
    seeds = connection.execute("""
        SELECT g.ix, p.item FROM _privileged_grant p JOIN _privileged_group g ON g.group_id = p.subject_id
        WHERE p.subject_kind = 'group'""")
    node, item = (np.asarray(column, np.int64) for column in seeds.fetchnumpy().values())
    # Grants to people take no part, so items are numbered anew among those that do.
    known, local = np.unique(item, return_inverse=True)
    nodes = 1 + max(source.max(initial=-1), target.max(initial=-1), node.max(initial=-1))
    reached, carried = reach(nodes=int(nodes), edges=(source, target), seeds=(node, local), items=len(known))
    return pa.table({"node": reached, "item": known[carried]})
