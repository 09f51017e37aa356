"""The benchmark compares like with like: our engine and plain loops find the same violations. No times here."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.evaluate import USED
from benchmarks.tenant import write_tenant

from benchmarks import closure, evaluate_loops, evaluate_ours, matching
from passmuster.snapshot import derive

SCALE = 10_000


@pytest.mark.parametrize("written_out_rows", [0, 10**9])
def test_plain_loops_and_our_engine_find_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written_out_rows: int
) -> None:
    monkeypatch.setattr(derive, "_WRITTEN_OUT_ROWS", written_out_rows)
    write_tenant(tmp_path / "tenant", SCALE)
    expected = evaluate_loops.from_memory(tmp_path, USED)()
    assert all(count > 0 for count in expected.values())
    assert evaluate_ours.from_files(tmp_path, SCALE)() == expected
    assert evaluate_ours.from_memory(tmp_path, SCALE)() == expected


def test_the_graph_walk_and_our_closure_reach_the_same(tmp_path: Path) -> None:
    closure.WORK.data(tmp_path, 100 * SCALE)
    by_name = {entrant.name: entrant for entrant in closure.WORK.entrants}
    walk = by_name["graph walk in Python"].prepare(tmp_path, 100 * SCALE)()
    assert walk > 0
    assert by_name["passmuster"].prepare(tmp_path, 100 * SCALE)() == walk


def test_matching_in_bulk_and_row_by_row_hit_the_same(tmp_path: Path) -> None:
    matching.WORK.data(tmp_path, 1_000)
    ours, *peers = [entrant.prepare(tmp_path, 1_000)() for entrant in matching.WORK.entrants[:3]]
    assert ours > 0
    assert peers == [ours] * len(peers)
