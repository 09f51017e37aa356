"""A large snapshot is left in its files and read piece by piece; the verdicts are those of a small one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from passmuster.controls.catalogue import find_pack
from passmuster.evaluate import engine
from passmuster.evaluate.engine import evaluate
from passmuster.pipeline.collecting import Collecting, collect
from passmuster.snapshot.read import open_snapshot
from tests.cli.running import EXAMPLES
from tests.making import NOW

ODD_NAME = "o'brien [1] *"


@pytest.mark.parametrize("kind", ["directus", "n8n", "nocodb", "node-red", "power-platform"])
def test_left_in_files_or_loaded_the_verdicts_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    collect(Collecting(kind, path=EXAMPLES / kind), tmp_path / ODD_NAME)
    snapshot, pack = open_snapshot(tmp_path / ODD_NAME), find_pack("no-code-baseline")
    loaded = evaluate(snapshot, [pack], as_of=NOW)
    monkeypatch.setattr(engine, "_LARGE_ROWS", 0)
    asked: list[bool] = []
    choose = engine._choose

    def seen(*arguments: object) -> object:
        choice = choose(*arguments)  # type: ignore[arg-type]
        asked.append(choice.is_left_in_files)
        return choice

    monkeypatch.setattr(engine, "_choose", seen)
    left = evaluate(snapshot, [pack], as_of=NOW)
    assert asked == [True]
    told = [
        [replace(result, violations=tuple(result.violations)) for result in each.results] for each in (loaded, left)
    ]
    assert told[0] == told[1]


def test_for_a_pack_from_outside_nothing_is_left_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collect(Collecting("node-red", path=EXAMPLES / "node-red"), tmp_path / "s")
    snapshot, pack = open_snapshot(tmp_path / "s"), replace(find_pack("no-code-baseline"), is_trusted=False)
    pack = replace(pack, controls=tuple(control for control in pack.controls if control.id in ("CON-10", "PRV-08")))
    expected = evaluate(snapshot, [replace(pack, is_trusted=True)], as_of=NOW)
    monkeypatch.setattr(engine, "_LARGE_ROWS", 0)
    found = evaluate(snapshot, [pack], as_of=NOW)
    assert [result.outcome for result in found.results] == [result.outcome for result in expected.results]
    assert [result.violation_count for result in found.results] == [2, 0]
