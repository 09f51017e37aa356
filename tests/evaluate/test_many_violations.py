"""Violations of a large population come as columns, of a small one as objects; nobody can tell them apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pytest

from passmuster.evaluate.looking import Looked, rows_of
from passmuster.evaluate.sql_look import BrokenControlError, look_by_sql
from passmuster.evaluate.told import Told
from passmuster.model.control import SqlLook
from passmuster.model.words import Severity
from tests.evaluate.test_run import verdict

MANY = "SELECT range AS resource_id FROM range(6000)"
FEW = "SELECT range AS resource_id FROM range(6)"
VIOLATIONS = {
    "in order": "SELECT resource_id, name, detail, severity FROM t WHERE resource_id IS NOT NULL ORDER BY resource_id",
    "out of order": "SELECT resource_id, detail, name FROM t WHERE resource_id IS NOT NULL ORDER BY hash(resource_id)",
    "twice and thrice": """SELECT resource_id, name, detail, severity FROM t WHERE resource_id IS NOT NULL
        UNION ALL SELECT resource_id, 'another', 'and that', 'low' FROM t WHERE n % 3 = 0 AND resource_id IS NOT NULL
        UNION ALL SELECT resource_id, NULL, 'and that; and this', NULL FROM t WHERE n % 7 = 0 AND n > 30""",
    "no texts": "SELECT n AS resource_id, n % 2 = 0 AS name, n::DECIMAL(9, 2) / 8 AS detail FROM t",
    "times": "SELECT n AS resource_id, make_timestamp(n::BIGINT * 123456789) AS name, DATE '2026-03-01' detail FROM t",
    "numbers": "SELECT 'x' || n AS resource_id, n * 1e20 AS detail, [n, NULL] AS name FROM t",
    "only ids, in capitals": "SELECT resource_id AS RESOURCE_ID, 'x' AS other FROM t WHERE resource_id IS NOT NULL",
    "nulls": "SELECT resource_id, NULL AS name, NULL AS detail FROM t WHERE resource_id IS NOT NULL",
    "none": "SELECT resource_id FROM t WHERE false",
}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    hostile = ["", "a", "a\0", "a\0b", "ab", "\x1f", '"', "\\", "é", "e\u0301", "\uffff", "\U0001f600", "x" * 600]
    with duckdb.connect() as made:
        made.execute("CREATE TABLE t (n INTEGER, resource_id VARCHAR, name VARCHAR, detail VARCHAR, severity VARCHAR)")
        rows = [(n, each, each[::-1] or None, each * 2, "critical") for n, each in enumerate(hostile)]
        rows += [(30 + n, f"r{n}", None if n % 2 else "", "d; e", None if n % 5 else "odd") for n in range(70)]
        made.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", rows)
        yield made


def look(connection: duckdb.DuckDBPyConnection, population: str, violations: str) -> Looked:
    return look_by_sql(connection, SqlLook((), population, violations), {})


@pytest.mark.parametrize("sql", VIOLATIONS.values(), ids=VIOLATIONS)
def test_many_are_told_as_few_are(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    many, few = look(connection, MANY, sql), look(connection, FEW, sql)
    assert many.population == 6000
    assert many.violations.to_pylist() == few.violations.to_pylist()
    ids = many.violations["resource_id"].to_pylist()
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("population", [MANY, FEW])
@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT NULL::VARCHAR AS resource_id", "a violation has no resource_id"),
        ("SELECT 'a' AS name, 'b' AS resource_id", "the first column of the violations must be resource_id"),
    ],
)
def test_what_breaks_the_format_is_told_either_way(
    connection: duckdb.DuckDBPyConnection, population: str, sql: str, told: str
) -> None:
    with pytest.raises(BrokenControlError, match=told):
        look(connection, population, sql)


def told_of(count: int) -> Told:
    excepted = {"r000007": {"valid_until": datetime(2026, 5, 1, tzinfo=UTC).replace(tzinfo=None), "made_by": "Ada"}}
    rows = rows_of((f"r{number:06}", "", "d", "low" if number % 2 else "") for number in range(count))
    return Told(rows, Severity.HIGH, "house\x1fA\x1fplat", excepted)


def test_many_violations_are_read_like_a_few() -> None:
    """Above some thousands they are made anew for each reader; the first of them are those of a short list."""
    many, few = told_of(25_000), told_of(30)
    assert len(many) == len(list(many)) == 25_000
    assert many[:30] == list(few) == list(many)[:30]
    assert (many[7], many[-1].id, many[7].excepted_by, many[8].excepted_by) == (few[7], "r024999", "Ada", "")
    assert [many[3].severity, many[4].severity] == ["low", "high"]
    assert many == list(many) != list(few)
    with pytest.raises(IndexError):
        many[25_000]
    with pytest.raises(IndexError):
        few[30]


def test_columns_are_the_same_violations() -> None:
    for count in (0, 3, 25_000):
        told = told_of(count)
        result = replace(verdict("A", {}), violations=told, violation_count=count)
        plain = replace(result, violations=tuple(told))
        rows = [[row for columns in each.in_columns() for row in columns.rows()] for each in (result, plain)]
        assert rows[0] == rows[1]
        assert len(rows[0]) == count
        assert max((len(columns.ids) for columns in result.in_columns()), default=0) <= 10_000


def test_without_some_resources_the_others_are_left() -> None:
    told = told_of(20)
    left = told.without(told.rows["resource_id"].slice(5))
    assert list(left) == list(told)[:5]
