"""The entrants of the benchmark of triage give the same answer. No times here."""

from __future__ import annotations

from pathlib import Path

from benchmarks.triaging import WORK


def test_all_ways_to_triage_answer_the_same(tmp_path: Path) -> None:
    scale = 20_000
    WORK.data(tmp_path, scale)
    answers = [each.prepare(tmp_path, scale)() for each in WORK.entrants if each.kind != "limit"]
    assert answers[0] == answers[1] == answers[2]
    assert all(number > 0 for number in answers[0])
