"""Looking by SQL. The same code runs in this process for shipped packs and in the locked child for all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from passmuster.evaluate.looking import ROWS, Looked, names_each_once, rows_of
from passmuster.evaluate.sql_shape import names_each_row_once
from passmuster.model.control import SqlLook

_FEW = 5_000
_TEXTS = ("VARCHAR", '"NULL"')


class BrokenControlError(Exception):
    """A control's SQL does not keep to the format; the message says how."""


def look_by_sql(connection: duckdb.DuckDBPyConnection, look: SqlLook, values: Mapping[str, Any]) -> Looked:
    """Run both statements; raises BrokenControlError, or duckdb.Error where the SQL does not run."""
    counts = _counts(connection, look, values)
    violations = _violations(connection, look, values, is_large=counts["population"] > _FEW)
    unknown = counts["unknown"]
    if violations and unknown:
        unknown = _unknown_elsewhere(connection, look, values)
    return Looked(
        population=counts["population"],
        violations=violations,
        unknown=unknown,
        undecided=counts["undecided"],
        unknown_columns={name: counts[f"k{index}"] for index, name in enumerate(look.must_know)},
        undecided_columns={name: counts[f"d{index}"] for index, name in enumerate(look.must_decide)},
    )


def _used(sql: str, look: SqlLook, values: Mapping[str, Any]) -> dict[str, Any]:
    part = SqlLook((), sql, "")
    return {name: values[name] for name in part.parameters & look.parameters}


def _violations(
    connection: duckdb.DuckDBPyConnection, look: SqlLook, values: Mapping[str, Any], *, is_large: bool
) -> pa.Table:
    """`ROWS` in their order, one a resource. Many come as columns; a few come faster as objects."""
    used = _used(look.violations, look, values)
    rows = _columns(connection.sql(look.violations, params=used)) if is_large else None
    if rows is None:
        rows = _cells(connection.execute(look.violations, used))
    if rows["resource_id"].null_count:
        raise BrokenControlError("a violation has no resource_id")
    rows = pa.table([pc.fill_null(column, "") for column in rows.columns], schema=ROWS)
    if not names_each_once(rows):
        rows = rows.sort_by([(name, "ascending") for name in ROWS.names])
    return rows if names_each_once(rows) else _merged(rows)


def _places(columns: Sequence[str]) -> list[int | None]:
    """Where each of `ROWS` is among these columns; None where it is not."""
    named = [name.lower() for name in columns]
    if named[:1] != ["resource_id"]:
        raise BrokenControlError("the first column of the violations must be resource_id")
    return [named.index(name) if name in named else None for name in ROWS.names]


def _columns(found: duckdb.DuckDBPyRelation) -> pa.Table | None:
    """The columns as the database has them; None where one is no text, since then Python spells it."""
    places = _places(found.columns)
    if any(place is not None and str(found.types[place]) not in _TEXTS for place in places):
        return None
    table = found.to_arrow_table()
    columns = [
        pa.nulls(table.num_rows, pa.string()) if place is None else table.column(place).cast(pa.string())
        for place in places
    ]
    return pa.table(columns, schema=ROWS)


def _cells(cursor: duckdb.DuckDBPyConnection) -> pa.Table:
    places = _places([str(entry[0]) for entry in cursor.description or ()])
    rows = cursor.fetchall()
    texts = [[None if place is None else _text(row[place]) for row in rows] for place in places]
    return pa.table([pa.array(each, pa.string()) for each in texts], schema=ROWS)


def _text(cell: Any) -> str | None:
    return cell if cell is None or isinstance(cell, str) else str(cell)


def _merged(rows: pa.Table) -> pa.Table:
    """One row a resource."""
    found: dict[str, list[str]] = {}
    for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        known = found.get(row[0])
        if known is None:
            found[row[0]] = list(row)
        else:
            _merge(known, row)
    return rows_of((row[0], row[1], row[2], row[3]) for row in found.values())


def _merge(known: list[str], cells: Sequence[str]) -> None:
    """Several rows of one resource are one violation that tells all details."""
    details = sorted({part for part in (*known[2].split("; "), cells[2]) if part})
    known[1] = min(filter(None, (known[1], cells[1])), default="")
    known[2] = "; ".join(details)
    # The words' order is not their rank; the worst is found where severities are known. Keep the first by rank here.
    order = ("critical", "high", "medium", "low", "info", "")
    known[3] = min(known[3], cells[3], key=lambda word: order.index(word) if word in order else len(order))


def _counts(connection: duckdb.DuckDBPyConnection, look: SqlLook, values: Mapping[str, Any]) -> dict[str, int]:
    # Telling rows apart costs more than all else here; it is left out where a table's key does it.
    resources = "resource_id" if names_each_row_once(connection, look.population) else "DISTINCT resource_id"
    parts = [f"count({resources}) AS population"]
    for label, columns in (("unknown", look.must_know), ("undecided", look.must_decide)):
        some_null = " OR ".join(f'"{name}" IS NULL' for name in columns) or "false"
        parts.append(f"count({resources}) FILTER (WHERE {some_null}) AS {label}")
    for prefix, columns in (("k", look.must_know), ("d", look.must_decide)):
        parts += [
            f'count({resources}) FILTER (WHERE "{name}" IS NULL) AS {prefix}{index}'
            for index, name in enumerate(columns)
        ]
    # The statements were parsed and walked (or ship with us); they stand in parentheses as one relation.
    query = f"SELECT {', '.join(parts)} FROM ({look.population}\n) AS looked_at"  # noqa: S608
    cursor = connection.execute(query, _used(look.population, look, values))
    names = [entry[0] for entry in cursor.description or ()]
    # Read to its end: the database does nothing else while a result is left unfinished.
    (row,) = cursor.fetchall()
    return {name: int(value or 0) for name, value in zip(names, row, strict=True)}


def _unknown_elsewhere(connection: duckdb.DuckDBPyConnection, look: SqlLook, values: Mapping[str, Any]) -> int:
    some_null = " OR ".join(f'"{name}" IS NULL' for name in look.must_know)
    query = f"""SELECT count(DISTINCT resource_id) FROM ({look.population}\n) AS looked_at WHERE ({some_null})
        AND CAST(resource_id AS VARCHAR) NOT IN (
            SELECT CAST(resource_id AS VARCHAR) FROM ({look.violations}\n) AS broken)"""  # noqa: S608
    both = _used(look.population, look, values) | _used(look.violations, look, values)
    row = connection.execute(query, both).fetchone()
    return int(row[0]) if row else 0
