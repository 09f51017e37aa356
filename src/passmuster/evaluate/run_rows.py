"""The rows of a run: every violation of an evaluation with its fingerprint and place, in a table of DuckDB."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from passmuster.evaluate.looking import names_each_once
from passmuster.evaluate.told import Told
from passmuster.model.control import Pack
from passmuster.model.results import ControlResult, Evaluation
from passmuster.model.words import Severity

_TEXTS = "fingerprint pack control title resource_id resource_name environment environment_kind detail severity".split()
COLUMNS = (*_TEXTS, "severity_rank")
_ROWS = pa.schema([(name, pa.string()) for name in ("resource_id", "resource_name", "detail", "severity")])
_WORDS = pa.array([str(word) for word in Severity])
# Longer than any platform's ids; a record's column is no larger.
_LONGEST, _LONGEST_NAME, _LONGEST_WORD = 500, 200, 32


def gather_rows(
    connection: duckdb.DuckDBPyConnection, evaluation: Evaluation, packs: Sequence[Pack], places: pa.Table
) -> None:
    """Make the table `found`, one row a violation: `COLUMNS`, and a digest of them all (see `DIGEST`)."""
    texts = ", ".join(f"{name} VARCHAR" for name in _TEXTS)
    connection.execute(f"CREATE TABLE found ({texts}, severity_rank SMALLINT, digest UBIGINT)")
    connection.register("given_places", places)
    connection.execute(_PLACES)
    by_id = {pack.id: pack for pack in packs}
    sources = []
    for result in evaluation.results:
        if len(result.violations):
            first = by_id[result.pack].first_name_of(result.control)
            sources.append("\x1f".join((result.pack, first, evaluation.snapshot.platform_id, "")))
            rows = _rows_of(result)
            if not names_each_once(rows):
                sources.append(sources[-1])
            connection.register("rows", rows)
            named = {"pack": result.pack, "control": result.control, "title": result.title[:_LONGEST]}
            connection.execute(_insert(rows, has_places=places.num_rows > 0), {**named, "prefix": sources[-1]})
            connection.unregister("rows")
    # A control that names a resource twice is rare, and looking for the worse row of each costs more than all the rest.
    if len(set(sources)) < len(sources):
        connection.execute(_ONCE)


DIGEST = f"hash({', '.join(COLUMNS)})"
"""Equal where all columns are. Not kept for ever: another release of DuckDB may tell another, and all rows differ."""
_RANKS = " ".join(f"WHEN '{word.value}' THEN {word.rank}" for word in Severity)
_PLACES = f"""
    CREATE TABLE places AS
    SELECT resource_id, left(environment, {_LONGEST_NAME}) AS environment,
           left(environment_kind, {_LONGEST_WORD}) AS environment_kind
    FROM given_places"""  # noqa: S608
_ONCE = """
    CREATE OR REPLACE TABLE found AS FROM found
    QUALIFY row_number() OVER (PARTITION BY fingerprint ORDER BY severity_rank, detail) = 1"""


def _insert(rows: pa.Table, *, has_places: bool) -> str:
    """The statement that takes in the violations of one control."""
    texts = {name: _fitting(f"r.{name}", rows[name], _LONGEST if name != "detail" else None) for name in _NAMED}
    joined = """LEFT JOIN places p ON p.resource_id = r.resource_id
        LEFT JOIN (SELECT environment, environment_kind FROM places WHERE resource_id = '*' LIMIT 1) s ON true"""
    places = [
        f"coalesce(p.{name}, s.{name}, '')" if has_places else "''" for name in ("environment", "environment_kind")
    ]
    return f"""
        INSERT INTO found BY NAME SELECT *, {DIGEST} AS digest FROM (
            SELECT left(sha256($prefix || r.resource_id), 32) AS fingerprint, $pack AS pack, $control AS control,
                   $title AS title, {", ".join(f"{text} AS {name}" for name, text in texts.items())},
                   {places[0]} AS environment, {places[1]} AS environment_kind, severity,
                   (CASE severity {_RANKS} END)::SMALLINT AS severity_rank
            FROM rows r {joined if has_places else ""})"""  # noqa: S608 - fixed names


_NAMED = ("resource_id", "resource_name", "detail")


def _fitting(text: str, column: pa.ChunkedArray, longest: int | None) -> str:
    """The text as a record holds it; nearly always as it is, and then nobody looks for more."""
    if pc.any(pc.match_substring(column, "\0")).as_py():
        text = f"replace({text}, chr(0), '')"
    if longest is not None and (pc.max(pc.binary_length(column)).as_py() or 0) > longest:
        text = f"left({text}, {longest})"
    return text


def _rows_of(result: ControlResult) -> pa.Table:
    if not isinstance(result.violations, Told):
        told = [
            {"resource_id": each.id, "resource_name": each.name, "detail": each.detail, "severity": str(each.severity)}
            for each in result.violations
        ]
        return pa.Table.from_pylist(told, schema=_ROWS)
    ids, names, details, words = result.violations.rows.columns
    is_known = pc.is_in(words, value_set=_WORDS)
    return pa.table(
        [ids, pc.if_else(pc.equal(names, ""), ids, names), details, pc.if_else(is_known, words, str(result.severity))],
        schema=_ROWS,
    )
