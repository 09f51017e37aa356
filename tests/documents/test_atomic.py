"""Outputs appear whole or not at all, and what stood there before is never lost."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from passmuster.documents.atomic import new_file, new_folder, refuse_full, write_text
from passmuster.errors import OutputRefused


def test_a_folder_takes_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    with new_folder(target) as scratch:
        (scratch / "a.txt").write_text("a")
        assert not target.exists()
    assert [path.name for path in target.iterdir()] == ["a.txt"]
    assert [path.name for path in target.parent.iterdir()] == ["out"]


def test_an_empty_folder_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with new_folder(tmp_path / "out") as scratch:
        (scratch / "a.txt").write_text("a")
    assert (tmp_path / "out" / "a.txt").read_text() == "a"


def test_the_folder_one_stands_in_may_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with new_folder(Path()) as scratch:
        (scratch / "a.txt").write_text("a")
    assert (tmp_path / "here" / "a.txt").read_text() == "a"


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(1)], ids=repr)
def test_whatever_ends_the_writing_nothing_is_left(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)), new_folder(tmp_path / "out") as scratch:
        (scratch / "a.txt").write_text("a")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_in_the_systems_words(tmp_path: Path) -> None:
    with pytest.raises(OutputRefused) as caught, new_folder(tmp_path / "out"):
        raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28]")
    assert f"{tmp_path / 'out'}: cannot be written: {os.strerror(errno.ENOSPC)}; nothing was left" in str(caught.value)


@pytest.mark.parametrize("name", ["file", "file/inside", "x" * 300])
def test_a_place_that_cannot_be_written_is_refused_with_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputRefused) as caught, new_folder(tmp_path / name):
        raise AssertionError("nothing may be written there")
    assert name in str(caught.value)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_full_folder_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputRefused, match="not empty; name a new folder"):
        refuse_full(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_file_is_replaced_at_once_or_stays_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    write_text(target, "first")
    with pytest.raises(ValueError, match="half way"), new_file(target) as scratch:
        scratch.write_text("second, half")
        raise ValueError("half way")
    assert target.read_text() == "first"
    write_text(target, "second")
    assert target.read_text() == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]
