"""The entrants of the benchmark of triage give the same answer. No times here."""

from __future__ import annotations

from pathlib import Path

from benchmarks.triaging import WORK


def test_all_ways_to_triage_answer_the_same(tmp_path: Path) -> None:
    scale = 5_000
    WORK.data(tmp_path, scale)
    first, *others = [each.prepare(tmp_path, scale)() for each in WORK.entrants]
    assert others == [first] * len(others)
    assert all(number > 0 for number in first)
