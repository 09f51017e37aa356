"""What is known of a control's SQL before it runs."""

from __future__ import annotations

import duckdb
import pytest

from passmuster.evaluate.sql_shape import names_each_row_once, words_of

TABLES = ("apps", "grants", "principals")


@pytest.mark.parametrize(
    "sql",
    [
        "select app_id as resource_id, is_managed from apps",
        "select count(*) as resource_id, 2 * 3 as n from apps -- not all: *",
        "select app_id as resource_id, '*' as detail from apps",
        "select a.app_id as resource_id from apps a join principals p on p.principal_id = a.owner_principal_id",
    ],
)
def test_the_words_of_plain_sql_hold_every_column_it_names(sql: str) -> None:
    words = words_of(duckdb.connect(), sql, TABLES)
    assert words is not None
    assert {"resource_id", "apps"} <= words


@pytest.mark.parametrize(
    "sql",
    [
        "select * from apps",
        "from apps",
        "select a.app_id as resource_id, a.* from apps a",
        "with w as (select * from apps) select app_id as resource_id from w",
        "select app_id as resource_id from apps natural join principals",
        "select x as resource_id from apps t(x)",
        "select app_id as resource_id, to_json(apps) as detail from apps",
        "select app_id as resource_id, to_json(a) as detail from apps a",
        "select columns('.*_id') from apps",
        "this does not parse",
    ],
)
def test_sql_that_can_touch_columns_it_does_not_name_is_given_all(sql: str) -> None:
    assert words_of(duckdb.connect(), sql, TABLES) is None


@pytest.mark.parametrize(
    ("sql", "is_once"),
    [
        ("select app_id as resource_id from apps", True),
        ("select a.app_id as resource_id, a.name from apps a where name in (select name from apps)", True),
        ("select name as resource_id from apps", False),
        ("select a.app_id as resource_id from apps a join grants g on g.object_id = a.app_id", False),
        ("select app_id as resource_id, unnest([1, 2]) as n from apps", False),
        ("select app_id as resource_id from apps union all select app_id from apps", False),
        ("with apps as (select 1 as app_id from grants) select app_id as resource_id from apps", False),
        ("select group_id as resource_id from memberships", False),
        ("select scope_id as resource_id from settings", False),
        ("select app_id as resource_id from (select app_id from apps) apps", False),
        ("select x as resource_id from apps t(app_id, x)", False),
    ],
)
def test_rows_are_known_to_differ_only_where_one_table_gives_its_key(sql: str, is_once: bool) -> None:
    assert names_each_row_once(duckdb.connect(), sql) is is_once
