"""Drift, row by row; columns that are the same everywhere are left out of the comparison, not out of the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from passmuster.model.drift import TableDrift
from passmuster.snapshot.drift import compare_snapshots
from tests.making import make_snapshot

Rows = list[dict[str, Any]]


def drift_of(tmp_path: Path, table: str, base: Rows, head: Rows) -> TableDrift:
    left = make_snapshot(tmp_path / "base", {table: base})
    right = make_snapshot(tmp_path / "head", {table: head})
    return compare_snapshots(left, right, tables=(table,))[0]


def test_a_row_that_came_is_told_with_the_columns_that_are_the_same_everywhere(tmp_path: Path) -> None:
    one = {"app_id": "a", "kind": "workflow", "is_active": True}
    found = drift_of(tmp_path, "apps", [one], [one, {**one, "app_id": "b"}])
    assert [row["app_id"] for row in found.added] == ["b"]
    assert found.added[0]["kind"] == "workflow"
    assert found.added[0]["is_active"] is True
    assert "name" not in found.added[0]
    assert not found.removed
    assert not found.changed


@pytest.mark.parametrize(("before", "after"), [(True, False), (None, True), (False, None)])
def test_a_column_that_changed_in_every_row_is_a_change(tmp_path: Path, before: Any, after: Any) -> None:
    rows = [{"app_id": name, "is_active": before} for name in "ab"]
    found = drift_of(tmp_path, "apps", rows, [{**row, "is_active": after} for row in rows])
    assert [(change.key["app_id"], change.before, change.after) for change in found.changed] == [
        ("a", before, after),
        ("b", before, after),
    ]


def test_a_value_set_where_there_was_none_beside_the_same_value_is_a_change(tmp_path: Path) -> None:
    base = [{"app_id": "a", "name": "x"}, {"app_id": "b"}]
    found = drift_of(tmp_path, "apps", base, [{"app_id": "a", "name": "x"}, {"app_id": "b", "name": "x"}])
    assert [(change.key["app_id"], change.column, change.before, change.after) for change in found.changed] == [
        ("b", "name", None, "x")
    ]


def test_rows_of_a_key_whose_parts_are_the_same_everywhere_are_told_apart_by_the_rest(tmp_path: Path) -> None:
    row = {"scope_kind": "platform", "scope_id": "p", "value_kind": "int", "value_int": 1}
    base = [{**row, "key": "x"}, {**row, "key": "y"}]
    found = drift_of(tmp_path, "settings", base, [{**row, "key": "x"}, {**row, "key": "y", "value_int": 2}])
    assert [(dict(change.key), change.column) for change in found.changed] == [
        ({"scope_kind": "platform", "scope_id": "p", "key": "y"}, "value_int")
    ]


def test_everything_is_new_against_an_empty_table(tmp_path: Path) -> None:
    found = drift_of(tmp_path, "apps", [], [{"app_id": "a"}, {"app_id": "b"}])
    assert len(found.added) == 2
