"""The rows of a run: every violation of an evaluation with its fingerprint and place, in a table of DuckDB."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from passmuster.evaluate.told import Told
from passmuster.model.control import Pack
from passmuster.model.results import ControlResult, Evaluation
from passmuster.model.words import Severity

_TEXTS = "fingerprint pack control title resource_id resource_name environment environment_kind detail severity".split()
COLUMNS = (*_TEXTS, "severity_rank")
_ROWS = pa.schema([(name, pa.string()) for name in ("resource_id", "resource_name", "detail", "severity")])
# Longer than any platform's ids; a record's column is no larger.
_LONGEST = 500


def gather_rows(
    connection: duckdb.DuckDBPyConnection, evaluation: Evaluation, packs: Sequence[Pack], places: pa.Table
) -> None:
    """Make the table `found`, one row a violation."""
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
