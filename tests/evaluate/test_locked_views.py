"""Packs from outside see the computed tables of a large tenant too, which this process keeps as views."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from passmuster.evaluate.locked import look_locked
from passmuster.evaluate.looking import Looked, rows_of
from passmuster.model.control import SqlLook
from passmuster.snapshot.load import load
from tests.making import NOW, make_snapshot


def test_a_locked_control_reads_effective_grants_that_are_a_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("passmuster.snapshot.derive._WRITTEN_OUT_ROWS", 0)
    snapshot = make_snapshot(
        tmp_path / "s",
        {
            "principals": [{"principal_id": "p"}],
            "groups": [{"group_id": "g"}],
            "memberships": [{"group_id": "g", "member_kind": "principal", "member_id": "p"}],
            "grants": [{"grant_id": "1", "subject_kind": "group", "subject_id": "g", "role_id": "admin"}],
        },
    )
    look = SqlLook(
        ("principals", "effective_grants"),
        "select principal_id as resource_id from principals",
        "select principal_id as resource_id, role_id as detail from effective_grants where via = 'group'",
    )
    with duckdb.connect() as connection:
        load(connection, snapshot, ["principals", "effective_grants"], as_of=NOW)
        answer = look_locked(connection, [(("C", 0), look)], {"as_of": NOW.replace(tzinfo=None)})["C", 0]
    assert isinstance(answer, Looked)
    assert answer.violations.equals(rows_of([("p", "", "admin", "")]))
