"""A run: every violation of an evaluation as one Parquet file, and how it differs from the run before.

What an inconclusive control found earlier is carried into the next run, so that a later look can still close it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from passmuster.evaluate.told import Told
from passmuster.model.control import Pack
from passmuster.model.results import ControlResult, Evaluation
from passmuster.model.words import Outcome, Severity

_TEXTS = "fingerprint pack control title resource_id resource_name environment environment_kind detail severity".split()
COLUMNS = (*_TEXTS, "severity_rank")
_ROWS = pa.schema([(name, pa.string()) for name in ("resource_id", "resource_name", "detail", "severity")])
# Up to so many rows all of them are handed on, so that every finding tells when it was last seen.
WHOLE_ROWS = 50_000
# Longer than any platform's ids; a record's column is no larger.
_LONGEST = 500


@dataclass(frozen=True)
class RunFiles:
    """The run as written: `run.parquet`, and beside it `found.csv` (new or changed rows) and `gone.csv`.

    `conclusive` are (pack, control, reason) of controls whose earlier violations are gone where not found again. With
    `is_whole` the first file holds every row and there is no second: the records know best what is gone.
    """

    rows: int
    carried: int
    found: int
    gone: int
    conclusive: tuple[tuple[str, str, str], ...]
    is_whole: bool


def write_run(
    evaluation: Evaluation,
    packs: Sequence[Pack],
    places: pa.Table,
    *,
    previous: Path | None,
    folder: Path,
    whole_rows: int = WHOLE_ROWS,
) -> RunFiles:
    """Write the run into `folder`. `previous` is the run that was followed last, None to compare with nothing."""
    conclusive = conclusive_controls(evaluation, packs)
    with duckdb.connect() as connection:
        _gather(connection, evaluation, packs, places)
        _register_conclusive(connection, conclusive)
        if previous is None:
            connection.execute("CREATE VIEW previous AS SELECT *, false AS is_carried FROM found WHERE false")
        else:
            connection.execute("CREATE TABLE previous AS SELECT * FROM read_parquet(?)", [str(previous)])
        connection.execute(_CARRIED)
        connection.execute(f"COPY ({_RUN}) TO '{_quoted(folder / 'run.parquet')}' (FORMAT parquet, COMPRESSION zstd)")
        rows, carried = _count(connection, "found"), _count(connection, "carried")
        is_whole = previous is None or rows <= whole_rows
        found = _copy(connection, _ALL if is_whole else _FOUND, folder / "found.csv")
        gone = 0 if is_whole else _copy(connection, _GONE, folder / "gone.csv")
    return RunFiles(rows, carried, found, gone, conclusive, is_whole)


def conclusive_controls(evaluation: Evaluation, packs: Sequence[Pack]) -> tuple[tuple[str, str, str], ...]:
    """(pack, control, reason) of every control, under each name it had, that could tell that something is gone."""
    by_id = {pack.id: pack for pack in packs}
    told = []
    for result in evaluation.results:
        if is_conclusive(result):
            reason = result.reason if result.outcome is not Outcome.FAIL else "no longer among the violations"
            names = [result.control]
            pack = by_id.get(result.pack)
            if pack:
                names += [old for old in pack.renamed if pack.name_today(old) == result.control]
            told += [(result.pack, name, reason[:300]) for name in names]
    return tuple(told)


def is_conclusive(result: ControlResult) -> bool:
    """Whether what the control does not list is no violation: nothing was unknown, nobody is asked first."""
    if result.outcome is Outcome.FAIL:
        return result.unknown_resources == 0
    return result.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE)


_CARRIED = """
    CREATE TABLE carried AS
    SELECT p.* EXCLUDE (is_carried) FROM previous p
    WHERE NOT EXISTS (FROM found f WHERE f.fingerprint = p.fingerprint)
      AND NOT EXISTS (FROM conclusive c WHERE c.pack = p.pack AND c.control = p.control)"""
_RUN = "SELECT *, false AS is_carried FROM found UNION ALL BY NAME SELECT *, true AS is_carried FROM carried"
_ALL = f"SELECT {', '.join(COLUMNS)} FROM found"  # noqa: S608
_FOUND = f"""
    SELECT {", ".join(f"f.{name}" for name in COLUMNS)} FROM found f
    LEFT JOIN previous p ON p.fingerprint = f.fingerprint
    WHERE p.fingerprint IS NULL
       OR (f.control, f.title, f.resource_name, f.environment, f.environment_kind, f.detail, f.severity)
          IS DISTINCT FROM
          (p.control, p.title, p.resource_name, p.environment, p.environment_kind, p.detail, p.severity)"""  # noqa: S608
_GONE = """
    SELECT p.fingerprint, c.reason FROM previous p JOIN conclusive c ON c.pack = p.pack AND c.control = p.control
    WHERE NOT EXISTS (FROM found f WHERE f.fingerprint = p.fingerprint)"""


def _gather(
    connection: duckdb.DuckDBPyConnection, evaluation: Evaluation, packs: Sequence[Pack], places: pa.Table
) -> None:
    connection.execute(
        "CREATE TABLE raw (pack VARCHAR, control VARCHAR, title VARCHAR, prefix VARCHAR, resource_id VARCHAR, "
        "resource_name VARCHAR, detail VARCHAR, severity VARCHAR)"
    )
    by_id = {pack.id: pack for pack in packs}
    for result in evaluation.results:
        if len(result.violations):
            rows = _rows_of(result)
            connection.register("rows", rows)
            first = by_id[result.pack].first_name_of(result.control)
            prefix = "\x1f".join((result.pack, first, evaluation.snapshot.platform_id, ""))
            connection.execute(
                "INSERT INTO raw SELECT $pack, $control, $title, $prefix, resource_id, resource_name, detail, severity "
                "FROM rows",
                {"pack": result.pack, "control": result.control, "title": result.title, "prefix": prefix},
            )
            connection.unregister("rows")
    connection.register("places", places)
    connection.execute(_MAKE)
    # A control that names a resource twice is rare, and looking for the worse row of each costs more than all the rest.
    doubled = connection.execute("SELECT count(*) > count(DISTINCT fingerprint) FROM found").fetchone()
    if doubled and doubled[0]:
        connection.execute(_ONCE)


_RANKS = " ".join(f"WHEN '{word.value}' THEN {word.rank}" for word in Severity)
_MAKE = f"""
    CREATE TABLE found AS
    SELECT left(sha256(prefix || r.resource_id), 32) AS fingerprint, pack, control, left(title, {_LONGEST}) AS title,
           left(replace(r.resource_id, chr(0), ''), {_LONGEST}) AS resource_id,
           left(replace(coalesce(resource_name, ''), chr(0), ''), {_LONGEST}) AS resource_name,
           left(coalesce(p.environment, s.environment, ''), 200) AS environment,
           left(coalesce(p.environment_kind, s.environment_kind, ''), 32) AS environment_kind,
           replace(coalesce(detail, ''), chr(0), '') AS detail, severity,
           (CASE severity {_RANKS} END)::SMALLINT AS severity_rank
    FROM raw r LEFT JOIN places p ON p.resource_id = r.resource_id
    LEFT JOIN (SELECT environment, environment_kind FROM places WHERE resource_id = '*' LIMIT 1) s ON true"""  # noqa: S608

_ONCE = """
    CREATE OR REPLACE TABLE found AS FROM found
    QUALIFY row_number() OVER (PARTITION BY fingerprint ORDER BY severity_rank, detail) = 1"""


def _rows_of(result: ControlResult) -> pa.Table:
    if isinstance(result.violations, Told):
        # Made of the rows as found: an object a violation costs more than all the rest.
        ids, names, details, words = (list(column) for column in zip(*result.violations.rows, strict=True))
        known = set(Severity)
        return pa.table(
            {
                "resource_id": ids,
                "resource_name": [name or each for name, each in zip(names, ids, strict=True)],
                "detail": details,
                "severity": [word if word in known else str(result.severity) for word in words],
            },
            schema=_ROWS,
        )
    rows = [
        {"resource_id": each.id, "resource_name": each.name, "detail": each.detail, "severity": str(each.severity)}
        for each in result.violations
    ]
    return pa.Table.from_pylist(rows, schema=_ROWS)


def _register_conclusive(connection: duckdb.DuckDBPyConnection, told: Sequence[tuple[str, str, str]]) -> None:
    connection.execute("CREATE TABLE conclusive (pack VARCHAR, control VARCHAR, reason VARCHAR)")
    if told:
        connection.executemany("INSERT INTO conclusive VALUES (?, ?, ?)", [list(each) for each in told])


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    row = connection.execute(f"COPY ({query}) TO '{_quoted(target)}' (FORMAT csv, HEADER false)").fetchone()
    return int(row[0]) if row else 0


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - our own names
    return int(row[0]) if row else 0


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
