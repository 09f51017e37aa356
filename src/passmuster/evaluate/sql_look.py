"""Looking by SQL. The same code runs in this process for shipped packs and in the locked child for all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from passmuster.evaluate.looking import Looked, Row
from passmuster.evaluate.sql_shape import names_each_row_once
from passmuster.model.control import SqlLook


class BrokenControlError(Exception):
    """A control's SQL does not keep to the format; the message says how."""


def look_by_sql(connection: duckdb.DuckDBPyConnection, look: SqlLook, values: Mapping[str, Any]) -> Looked:
    """Run both statements; raises BrokenControlError, or duckdb.Error where the SQL does not run."""
    violations = _violations(connection, look, values)
    counts = _counts(connection, look, values)
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


def _violations(connection: duckdb.DuckDBPyConnection, look: SqlLook, values: Mapping[str, Any]) -> tuple[Row, ...]:
    cursor = connection.execute(look.violations, _used(look.violations, look, values))
    columns = [str(entry[0]).lower() for entry in cursor.description or ()]
    if columns[:1] != ["resource_id"]:
        raise BrokenControlError("the first column of the violations must be resource_id")
    places = [
        columns.index(name) if name in columns else None for name in ("resource_id", "name", "detail", "severity")
    ]
    rows = cursor.fetchall()
    if any(row[0] is None for row in rows):
        raise BrokenControlError("a violation has no resource_id")
    texts = [_texts(rows, place) for place in places]
    found = sorted(zip(*texts, strict=True))
    if len(set(texts[0])) < len(found):
        return _merged(found)
    return tuple(found)


def _texts(rows: Sequence[tuple[Any, ...]], place: int | None) -> list[str]:
    """One column as texts; a NULL, or a column that is not there, is empty."""
    if place is None:
        return [""] * len(rows)
    cells = [row[place] for row in rows]
    return ["" if cell is None else cell if isinstance(cell, str) else str(cell) for cell in cells]


def _merged(rows: Sequence[Row]) -> tuple[Row, ...]:
    """One row a resource."""
    found: dict[str, list[str]] = {}
    for row in rows:
        known = found.get(row[0])
        if known is None:
            found[row[0]] = list(row)
        else:
            _merge(known, row)
    return tuple((row[0], row[1], row[2], row[3]) for row in found.values())


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
    row = cursor.fetchone() or ()
    return {name: int(value or 0) for name, value in zip(names, row, strict=True)}


def _unknown_elsewhere(connection: duckdb.DuckDBPyConnection, look: SqlLook, values: Mapping[str, Any]) -> int:
    some_null = " OR ".join(f'"{name}" IS NULL' for name in look.must_know)
    query = f"""SELECT count(DISTINCT resource_id) FROM ({look.population}\n) AS looked_at WHERE ({some_null})
        AND CAST(resource_id AS VARCHAR) NOT IN (
            SELECT CAST(resource_id AS VARCHAR) FROM ({look.violations}\n) AS broken)"""  # noqa: S608
    both = _used(look.population, look, values) | _used(look.violations, look, values)
    row = connection.execute(query, both).fetchone()
    return int(row[0]) if row else 0
