"""A pack that was loaded is not read again, unless something of it changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from passmuster.controls.kept import kept_pack
from passmuster.errors import PackErrors
from tests.making import make_pack, sql_control

SQL = "SELECT principal_id AS resource_id FROM principals"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_pack(
        tmp_path / "pack",
        {"T-01": {"control.yaml": sql_control("T-01"), "control.sql": SQL}},
        params="days: {value: 3, unit: days}\n",
    )


def test_the_same_files_are_the_same_pack(folder: Path) -> None:
    assert kept_pack(folder, is_trusted=False) is kept_pack(folder, is_trusted=False)


def test_trust_and_the_controls_asked_for_are_told_apart(folder: Path) -> None:
    assert not kept_pack(folder, is_trusted=False).is_trusted
    assert kept_pack(folder, is_trusted=True).is_trusted
    assert kept_pack(folder, is_trusted=False, only=("T-01",)) is not kept_pack(folder, is_trusted=False)


def test_a_changed_file_is_read_again_even_where_size_and_time_are_as_before(folder: Path) -> None:
    limits = folder / "params.yaml"
    before = limits.stat()
    assert kept_pack(folder, is_trusted=False).params == {"days": 3}
    limits.write_text(limits.read_text(encoding="utf-8").replace("3", "7"), encoding="utf-8")
    os.utime(limits, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert kept_pack(folder, is_trusted=False).params == {"days": 7}


def test_a_control_that_came_or_went_is_seen(folder: Path) -> None:
    assert len(kept_pack(folder, is_trusted=False).controls) == 1
    added = folder / "T-02"
    added.mkdir()
    (added / "control.yaml").write_text(sql_control("T-02"), encoding="utf-8")
    (added / "control.sql").write_text(SQL, encoding="utf-8")
    assert [each.id for each in kept_pack(folder, is_trusted=False).controls] == ["T-01", "T-02"]


def test_mistakes_are_told_each_time_and_gone_once_mended(folder: Path) -> None:
    limits = folder / "params.yaml"
    kept = limits.read_text(encoding="utf-8")
    limits.write_text("days: [\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(PackErrors):
            kept_pack(folder, is_trusted=False)
    limits.write_text(kept, encoding="utf-8")
    assert kept_pack(folder, is_trusted=False).params == {"days": 3}
