"""In which environment a resource lies: for rules about sandboxes, and for tickets by environment."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from passmuster.snapshot.read import SCAN, Snapshot

# Tables whose rows lie in an environment, with the column that names the row.
_PLACED = (
    ("apps", "app_id"),
    ("connections", "connection_id"),
    ("data_stores", "data_store_id"),
    ("endpoints", "endpoint_id"),
    ("add_ons", "add_on_id"),
    ("roles", "role_id"),
    ("grants", "grant_id"),
    ("log_sources", "log_source_id"),
    ("backups", "backup_id"),
    ("environments", "environment_id"),
)
SCHEMA = pa.schema(
    [("resource_id", pa.string()), ("environment", pa.string()), ("environment_kind", pa.string())],
)


def resource_places(snapshot: Snapshot) -> pa.Table:
    """`SCHEMA`: one row a resource whose environment is beyond doubt; where a platform has one, "*" stands for all."""
    if "environments" not in snapshot.manifest.tables:
        return SCHEMA.empty_table()
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE kinds AS SELECT environment_id, any_value(kind) AS kind FROM {SCAN} GROUP BY 1",  # noqa: S608
            [snapshot.pattern("environments")],
        )
        single = connection.execute("SELECT min(environment_id), min(kind), count(*) FROM kinds").fetchone()
        if single and single[2] == 1:
            return pa.Table.from_pylist(
                [{"resource_id": "*", "environment": single[0], "environment_kind": single[1] or ""}], schema=SCHEMA
            )
        connection.execute("CREATE TABLE placed (resource_id VARCHAR, environment VARCHAR)")
        for table, key in _PLACED:
            if table in snapshot.manifest.tables:
                connection.execute(
                    f"INSERT INTO placed SELECT {key}, environment_id FROM {SCAN} WHERE environment_id IS NOT NULL",  # noqa: S608
                    [snapshot.pattern(table)],
                )
        return connection.sql(
            """SELECT resource_id, environment, coalesce(kind, '') AS environment_kind FROM (
                 SELECT resource_id, min(environment) AS environment FROM placed GROUP BY resource_id
                 HAVING min(environment) = max(environment)) LEFT JOIN kinds ON environment_id = environment
               ORDER BY 1"""
        ).to_arrow_table()
