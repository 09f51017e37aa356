"""Which files of a home a backup holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from passmuster.errors import OutputRefused
from passmuster.records.archive import home_files


def test_what_a_link_leads_to_is_held_and_what_belongs_to_one_run_is_not(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    (elsewhere / "deep" / "a").write_text("a")
    for name in ("postgres/data", "cache/c", "policies/own.yaml", ".lock"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("x")
    (home / "files").symlink_to(elsewhere)
    (home / "policies" / "linked.yaml").symlink_to(elsewhere / "deep" / "a")
    found = [path.relative_to(home).as_posix() for path in home_files(home)]
    assert found == ["files/deep/a", "policies/linked.yaml", "policies/own.yaml"]


@pytest.mark.parametrize("target", ["nowhere", "."])
def test_a_link_that_leads_nowhere_or_back_is_refused_by_name(tmp_path: Path, target: str) -> None:
    (tmp_path / "files").mkdir()
    link = tmp_path / "files" / "link"
    link.symlink_to(target)
    with pytest.raises(OutputRefused, match=str(link)):
        list(home_files(tmp_path))
