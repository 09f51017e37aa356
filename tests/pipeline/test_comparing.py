"""Comparing: what does not belong together is compared all the same, and said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from passmuster.pipeline.collecting import Collecting, collect
from passmuster.pipeline.comparing import drift_between, odd_pair
from passmuster.snapshot.read import open_snapshot
from tests.cli.running import EXAMPLES
from tests.making import NOW


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("north", "south"):
        collect(Collecting("n8n", path=EXAMPLES / "n8n", platform_id=f"n8n:{name}"), tmp_path / name)
    return tmp_path / "north", tmp_path / "south"


def test_two_platforms_are_compared_with_a_warning_that_names_both(two: tuple[Path, Path]) -> None:
    drift = drift_between(*two)
    assert len(drift.warnings) == 1
    assert "n8n:north" in drift.warnings[0]
    assert "n8n:south" in drift.warnings[0]


def test_one_platform_earlier_and_later_needs_no_warning(two: tuple[Path, Path]) -> None:
    assert drift_between(two[0], two[0]).warnings == ()


@pytest.mark.parametrize(("hours", "warned"), [(-1, False), (0, False), (1, True)])
def test_a_base_taken_after_the_head_is_said(two: tuple[Path, Path], hours: int, warned: bool) -> None:
    head = replace(open_snapshot(two[0]).manifest, taken_at=NOW)
    base = replace(head, taken_at=NOW + timedelta(hours=hours))
    assert bool(odd_pair(base, head)) is warned
