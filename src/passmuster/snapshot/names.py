"""What the rows of a table are called, for people who read of them by their ids."""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from passmuster.snapshot.read import SCAN, Snapshot
from passmuster.snapshot.tables import TABLES

_NAMES = ("display_name", "name", "title", "login", "url")


def name_columns(table: str) -> tuple[str, ...]:
    """The columns that may name a row of the table, the best first; none where only its id does."""
    return tuple(name for name in _NAMES if name in TABLES[table].column_names)


def id_column(table: str) -> str:
    """The column that tells one row of the table from the others, within its platform."""
    return TABLES[table].key[-1]


def names_of(snapshot: Snapshot, table: str, ids: Collection[str]) -> dict[str, str]:
    """The names of these rows, as far as they have one; nothing where the snapshot does not hold the table."""
    entry = snapshot.manifest.tables.get(table)
    if not ids or entry is None or not entry.status.is_readable or not entry.rows:
        return {}
    stored, key = snapshot.stored_columns(table), id_column(table)
    columns = [name for name in name_columns(table) if name in stored]
    if not columns:
        return {}
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"""SELECT {key}, any_value(coalesce({", ".join(columns)})) FROM {SCAN}
                WHERE list_contains(?, {key}) GROUP BY 1""",  # noqa: S608
            [snapshot.pattern(table), list(ids)],
        ).fetchall()
    return {str(each): str(told) for each, told in rows if told}
