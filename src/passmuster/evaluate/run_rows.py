"""The rows of a run: every violation of an evaluation with its place, in DuckDB; fingerprints of those asked about."""

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

COLUMNS = (
    *("fingerprint", "pack", "control", "title", "resource_id", "resource_name", "environment", "environment_kind"),
    *("detail", "severity", "severity_rank"),
)
_ROWS = pa.schema([(name, pa.string()) for name in ("resource_id", "resource_name", "detail", "severity")])
# Not an array: the first one that pyarrow makes of Python's values looks for pandas, which takes long to come.
_WORDS = [str(word) for word in Severity]
# Longer than any platform's ids; a record's column is no larger.
_LONGEST, _LONGEST_NAME, _LONGEST_WORD = 500, 200, 32


def gather_rows(
    connection: duckdb.DuckDBPyConnection, evaluation: Evaluation, packs: Sequence[Pack], places: pa.Table
) -> None:
    """Make `found`, one row a violation with a digest of all that is told of it, and `sources`, one row a control.

    `fingerprinted` makes a finding's columns of these. Rows of one digest are alike. It is not kept for ever: another
    release of DuckDB may tell another, and then all rows differ.
    """
    connection.execute(_TABLES)
    connection.register("given_places", places)
    connection.execute(_PLACES)
    by_id = {pack.id: pack for pack in packs}
    prefixes = []
    for number, result in enumerate(evaluation.results):
        if len(result.violations):
            first = by_id[result.pack].first_name_of(result.control)
            prefixes.append("\x1f".join((result.pack, first, evaluation.snapshot.platform_id, "")))
            rows = _rows_of(result)
            if not names_each_once(rows):
                prefixes.append(prefixes[-1])
            source = [number, result.pack, result.control, result.title[:_LONGEST], prefixes[-1]]
            connection.execute("INSERT INTO sources VALUES (?, ?, ?, ?, ?)", source)
            connection.register("rows", rows)
            connection.execute(_insert(rows, has_places=places.num_rows > 0), {"source": number})
            connection.unregister("rows")
    # A control that names a resource twice is rare, and looking for the worse row of each costs more than all the rest.
    if len(set(prefixes)) < len(prefixes):
        connection.execute(_ONCE)


def fingerprinted(table: str) -> str:
    """The statement that makes `COLUMNS` and the digest of the rows of `found`, or of some of these in `table`.

    Fingerprints cost more than all other columns; they are made of the rows that somebody asks about.
    """
    return f"""
        SELECT left(sha256(s.prefix || f.resource_id), 32) AS fingerprint, s.pack, s.control, s.title,
               left(replace(f.resource_id, chr(0), ''), {_LONGEST}) AS resource_id, f.resource_name, f.environment,
               f.environment_kind, f.detail, f.severity, {_RANK} AS severity_rank, f.digest
        FROM {table} f JOIN sources s USING (source)"""  # noqa: S608 - our own names


_TABLES = """
    CREATE TABLE sources (source INTEGER, pack VARCHAR, control VARCHAR, title VARCHAR, prefix VARCHAR);
    CREATE TABLE found (source INTEGER, resource_id VARCHAR, resource_name VARCHAR, environment VARCHAR,
        environment_kind VARCHAR, detail VARCHAR, severity VARCHAR, digest UBIGINT)"""
_RANKS = " ".join(f"WHEN '{word.value}' THEN {word.rank}" for word in Severity)
_RANK = f"(CASE f.severity {_RANKS} END)::SMALLINT"
_PLACES = f"""
    CREATE TABLE places AS
    SELECT resource_id, left(environment, {_LONGEST_NAME}) AS environment,
           left(environment_kind, {_LONGEST_WORD}) AS environment_kind
    FROM given_places"""  # noqa: S608
_ONCE = f"""
    CREATE OR REPLACE TABLE found AS SELECT f.* FROM found f JOIN sources s USING (source)
    QUALIFY row_number() OVER (PARTITION BY s.prefix, f.resource_id ORDER BY {_RANK}, f.detail) = 1"""  # noqa: S608
_HASHED = "resource_id, resource_name, environment, environment_kind, detail, severity"


def _insert(rows: pa.Table, *, has_places: bool) -> str:
    """The statement that takes in the violations of one control."""
    name = _fitting("r.resource_name", rows["resource_name"], _LONGEST)
    joined = """LEFT JOIN places p ON p.resource_id = r.resource_id
        LEFT JOIN (SELECT environment, environment_kind FROM places WHERE resource_id = '*' LIMIT 1) s ON true"""
    places = [
        f"coalesce(p.{column}, s.{column}, '')" if has_places else "''"
        for column in ("environment", "environment_kind")
    ]
    return f"""
        INSERT INTO found BY NAME
        SELECT r.*, hash(s.pack, s.control, s.title, s.prefix, {_HASHED}) AS digest
        FROM (SELECT $source::INTEGER AS source, r.resource_id, {name} AS resource_name, {places[0]} AS environment,
                     {places[1]} AS environment_kind, {_fitting("r.detail", rows["detail"], None)} AS detail, severity
              FROM rows r {joined if has_places else ""}) r JOIN sources s USING (source)"""  # noqa: S608 - fixed names


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
    is_known = pc.is_in(words, value_set=pa.array(_WORDS))
    return pa.table(
        [ids, pc.if_else(pc.equal(names, ""), ids, names), details, pc.if_else(is_known, words, str(result.severity))],
        schema=_ROWS,
    )
