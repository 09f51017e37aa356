"""Packs from outside: what they try, and that they do not get it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from passmuster.controls.load import load_pack
from passmuster.evaluate.engine import evaluate
from passmuster.evaluate.locked import look_locked
from passmuster.model.control import SqlLook
from tests.making import NOW, make_pack, make_snapshot, sql_control

PEOPLE = {"principals": [{"principal_id": "a", "kind": "human", "display_name": "Ada"}]}
ESCAPES = {
    "several statements": "SELECT 1 AS resource_id; DROP TABLE principals",
    "a data-changing common table expression": "WITH x AS (INSERT INTO principals VALUES (1) RETURNING 1) SELECT 1",
    "a delete that returns": "WITH x AS (DELETE FROM principals RETURNING principal_id) SELECT * FROM x",
    "a string past the memory limit": "SELECT repeat('a', 2000000000) AS resource_id",
    "a list that ignores interrupts": "SELECT len(range(400000000)) AS resource_id",
    "a series": "SELECT count(*) AS resource_id FROM generate_series(1, 100000000000)",
    "a file by function": "SELECT content AS resource_id FROM read_text('/etc/passwd')",
    "a file by name": "SELECT * FROM '/etc/passwd'",
    "a file by glob": "SELECT file AS resource_id FROM glob('/*')",
    "the environment": "SELECT getenv('HOME') AS resource_id",
    "the settings": "SELECT value AS resource_id FROM duckdb_settings()",
    "another table than it needs": "SELECT app_id AS resource_id FROM apps",
    "the catalogue": "SELECT table_name AS resource_id FROM information_schema.tables",
    "another database": "ATTACH '/tmp/x.db' AS x",
    "writing a file": "COPY principals TO '/tmp/passmuster-escape.csv'",
    "loading an extension": "INSTALL httpfs",
    "a pragma": "PRAGMA database_list",
    "a recursion": "WITH RECURSIVE r AS (SELECT 1 AS resource_id UNION ALL SELECT resource_id FROM r) SELECT * FROM r",
    "a query made of text": "SELECT * FROM query('SELECT 1 AS resource_id')",
    "settings by function": "SELECT current_setting('home_directory') AS resource_id",
    "a subquery with a forbidden function": "SELECT (SELECT max(content) FROM read_text('/etc/fstab'))",
    "a forbidden function in a default": "SELECT coalesce(NULL, getenv('PATH')) AS resource_id FROM principals",
}


@pytest.mark.parametrize("sql", ESCAPES.values(), ids=ESCAPES.keys())
def test_an_escape_is_refused_and_told(tmp_path: Path, sql: str) -> None:
    controls = {
        "T-01": {"control.yaml": sql_control("T-01"), "control.sql": sql},
        "T-02": {
            "control.yaml": sql_control("T-02"),
            "control.sql": "SELECT principal_id AS resource_id FROM principals",
        },
    }
    pack = load_pack(make_pack(tmp_path / "pack", controls), is_trusted=False)
    results = evaluate(make_snapshot(tmp_path / "s", PEOPLE), [pack], as_of=NOW).results
    assert results[0].outcome == "error"
    assert "refused" in results[0].reason
    assert (results[1].outcome, [v.id for v in results[1].violations]) == ("fail", ["a"])


def test_a_query_that_will_not_end_is_killed_and_the_others_still_answer() -> None:
    slow = SqlLook(
        ("t",),
        "SELECT a AS resource_id FROM t",
        "SELECT count(*) AS resource_id FROM t x, t y WHERE (x.a * y.a) % 7 > 3",
    )
    quick = SqlLook(("t",), "SELECT a AS resource_id FROM t", "SELECT a AS resource_id FROM t WHERE a < 2")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS a FROM range(1000000)")
        found = look_locked(
            connection, [(("A", 0), quick), (("B", 0), slow), (("C", 0), quick)], {"as_of": NOW}, control_seconds=5
        )
    assert found["B", 0] == "stopped: it ran longer than 5 s"
    for key in (("A", 0), ("C", 0)):
        answer = found[key]
        assert not isinstance(answer, str)
        assert answer.violations["resource_id"].to_pylist() == ["0", "1"]


def test_a_query_that_eats_memory_is_stopped() -> None:
    greedy = SqlLook(
        ("t",), "SELECT a AS resource_id FROM t", "SELECT string_agg(x.b, '') AS resource_id FROM t x, t y"
    )
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS a, repeat('x', 1000) AS b FROM range(20000)")
        found = look_locked(connection, [(("A", 0), greedy)], {"as_of": NOW}, control_seconds=30)
    assert isinstance(found["A", 0], str)


def test_a_link_out_of_the_pack_is_not_followed(tmp_path: Path) -> None:
    folder = make_pack(tmp_path / "pack", {"T-01": {"control.yaml": sql_control("T-01")}})
    (tmp_path / "secret.sql").write_text("SELECT 'secret' AS resource_id")
    (folder / "T-01" / "control.sql").symlink_to(tmp_path / "secret.sql")
    with pytest.raises(Exception, match="leads out of the pack"):
        load_pack(folder, is_trusted=False)
