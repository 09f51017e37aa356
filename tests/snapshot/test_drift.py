from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from passmuster.documents.atomic import new_folder
from passmuster.model.drift import TableDrift
from passmuster.snapshot.drift import compare_snapshots
from passmuster.snapshot.gathered import Gap
from passmuster.snapshot.read import Snapshot, open_snapshot
from passmuster.snapshot.write import write_snapshot
from tests.making import NOW, make_snapshot, result_of


def of(drifts: tuple[TableDrift, ...], table: str) -> TableDrift:
    return next(drift for drift in drifts if drift.table == table)


def test_the_same_input_twice_has_no_drift(tmp_path: Path) -> None:
    tables = {"apps": [{"app_id": "a", "name": "Orders"}]}
    drifts = compare_snapshots(make_snapshot(tmp_path / "a", tables), make_snapshot(tmp_path / "b", tables))
    assert not any(drift.is_changed or drift.not_comparable for drift in drifts)


def test_added_removed_and_changed_are_told_by_key(tmp_path: Path) -> None:
    base = make_snapshot(
        tmp_path / "a", {"apps": [{"app_id": "gone"}, {"app_id": "b", "name": "Old", "is_active": True}]}
    )
    head = make_snapshot(tmp_path / "b", {"apps": [{"app_id": "new"}, {"app_id": "b", "name": "New"}]})
    drift = of(compare_snapshots(base, head), "apps")
    assert [row["app_id"] for row in drift.added] == ["new"]
    assert [row["app_id"] for row in drift.removed] == ["gone"]
    changes = [(change.key, change.column, change.before, change.after) for change in drift.changed]
    assert changes == [({"app_id": "b"}, "is_active", True, None), ({"app_id": "b"}, "name", "Old", "New")]


def test_volatile_columns_and_origin_never_make_drift(tmp_path: Path) -> None:
    base = make_snapshot(tmp_path / "a", {"apps": [{"app_id": "a", "last_run_at": "2026-01-01", "runs_30d": 1}]})
    head = make_snapshot(
        tmp_path / "b", {"apps": [{"app_id": "a", "last_run_at": "2026-02-01", "runs_30d": 9, "origin": "declared"}]}
    )
    assert not of(compare_snapshots(base, head), "apps").is_changed


@pytest.mark.parametrize("status", ["partial", "denied", "error", "unsupported"])
@pytest.mark.parametrize("side", ["base", "head"])
def test_a_table_one_side_could_not_read_reports_nothing_removed(tmp_path: Path, status: str, side: str) -> None:
    full = make_snapshot(tmp_path / "a", {"apps": [{"app_id": "a"}]})
    blind = make_snapshot(tmp_path / "b", {}, {"apps": status})
    pair = (full, blind) if side == "head" else (blind, full)
    drift = of(compare_snapshots(*pair), "apps")
    assert not drift.is_changed
    assert drift.not_comparable == f"{side}: {status} ({status} by the test)"


def test_a_key_with_an_empty_part_is_still_the_same_row(tmp_path: Path) -> None:
    row = {"role_id": "r", "permission": "all", "effect": "allow"}
    base = make_snapshot(tmp_path / "a", {"role_permissions": [row | {"capability": "read"}]})
    head = make_snapshot(tmp_path / "b", {"role_permissions": [row | {"capability": "update"}]})
    drift = of(compare_snapshots(base, head), "role_permissions")
    assert (len(drift.added), len(drift.removed), len(drift.changed)) == (0, 0, 1)


def test_a_column_only_one_side_could_fill_did_not_change(tmp_path: Path) -> None:
    def snapshot(name: str, row: dict[str, Any], gaps: tuple[Gap, ...]) -> Snapshot:
        result = result_of({"principals": [{"principal_id": "p", "display_name": "Ada", **row}]})
        tables = {**result.tables, "principals": replace(result.tables["principals"], gaps=gaps)}
        with new_folder(tmp_path / name) as scratch:
            write_snapshot(replace(result, tables=tables), scratch, started_at=NOW, taken_at=NOW)
        return open_snapshot(tmp_path / name)

    with_login = snapshot("a", {"auth_source": "local"}, ())
    with_key = snapshot("b", {}, (Gap("auth_source", "only the owner sees it"),))
    assert not of(compare_snapshots(with_login, with_key), "principals").is_changed


@pytest.mark.parametrize("seed", range(10))
def test_random_tables_agree_with_a_plain_comparison(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)

    def rows() -> dict[str, dict[str, Any]]:
        return {
            f"a{n}": {"app_id": f"a{n}", "name": chance.choice("xyz"), "version": chance.choice([None, "1", "2"])}
            for n in range(30)
            if chance.random() < 0.7
        }

    old, new = rows(), rows()
    drift = of(
        compare_snapshots(
            make_snapshot(tmp_path / "a", {"apps": list(old.values())}),
            make_snapshot(tmp_path / "b", {"apps": list(new.values())}),
        ),
        "apps",
    )
    assert {row["app_id"] for row in drift.added} == set(new) - set(old)
    assert {row["app_id"] for row in drift.removed} == set(old) - set(new)
    assert {(change.key["app_id"], change.column) for change in drift.changed} == {
        (key, column)
        for key in set(old) & set(new)
        for column in ("name", "version")
        if old[key][column] != new[key][column]
    }
