"""Registers as people write them: what is accepted, and every mistake at once with file, line and column."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from passmuster.errors import UnreadableInput
from passmuster.snapshot.registers import read_registers


def _registers(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def _mistakes(folder: Path) -> list[str]:
    with pytest.raises(UnreadableInput) as caught:
        read_registers(folder)
    return [line.removeprefix("  - ") for line in str(caught.value).splitlines()[1:]]


def test_every_mistake_in_every_file_is_told_at_once(tmp_path: Path) -> None:
    folder = _registers(
        tmp_path / "r",
        allow_lists="list_id,item,state,expires_at\nhosts,a,approvedd,\nhosts,b,approved,31/12/2026\nhosts,a,pending,\n",
        attestations="attestation_id,control\na,b\n",
        owners="scope_kind,scope_id,owner,deputy\nplatform,x\n",
        updates="update_id,component_id,environment_id,kev,published_at\n,c,e,maybe,soon\n",
        baselines="",
        other="a\n",
    )
    (folder / "reviews.csv").write_bytes(b"\xff\xfe\x00")
    (folder / "findings.csv").mkdir()
    assert [mistake.split(";")[0] for mistake in _mistakes(folder)] == [
        "allow_lists.csv: line 2, column state: 'approvedd' is none of approved, pending, refused",
        "allow_lists.csv: line 3, column expires_at: '31/12/2026' is no time",
        "allow_lists.csv: line 4: gives hosts / a again (line 2)",
        "attestations.csv: line 1: unknown column 'control'",
        "owners.csv: line 2 has 2 cells, the header has 4",
        "updates.csv: line 2, column kev: 'maybe' is neither true nor false",
        "updates.csv: line 2, column published_at: 'soon' is no time",
        "updates.csv: line 2, column update_id: is empty",
        "reviews.csv: byte 2 is not utf-16",
        "findings.csv: is a folder",
        "baselines.csv: is empty",
        "other.csv: is no register",
    ]


def test_a_list_saved_with_semicolons_is_told_so(tmp_path: Path) -> None:
    mistakes = _mistakes(_registers(tmp_path / "r", allow_lists="list_id;item;state\nhosts;a;pending\n"))
    assert mistakes == [
        "allow_lists.csv: line 1: the cells are not separated by commas; save it as comma-separated CSV"
    ]


def test_a_last_day_is_valid_to_its_end_even_the_last_there_is(tmp_path: Path) -> None:
    text = "attestation_id,control_id,valid_until\na,X-1,2026-12-31\nb,X-1,9999-12-31\n"
    ends = read_registers(_registers(tmp_path / "r", attestations=text)).tables["attestations"]["valid_until"]
    assert ends.to_pylist()[0] == datetime(2027, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    assert ends.to_pylist()[1].year == 9999


def test_words_are_read_as_people_write_them(tmp_path: Path) -> None:
    text = "list_id,item,state\nhosts, api.example.org ,Approved\nhosts,'=cmd,pending\nhosts,名前 🦊,refused\n"
    rows = read_registers(_registers(tmp_path / "r", allow_lists=text)).tables["allow_lists"].to_pylist()
    assert [(row["item"], row["state"]) for row in rows] == [
        ("api.example.org", "approved"),
        ("=cmd", "pending"),
        ("名前 🦊", "refused"),
    ]


def test_a_register_whose_link_leads_nowhere_is_not_taken_for_absent(tmp_path: Path) -> None:
    folder = _registers(tmp_path / "r")
    (folder / "owners.csv").symlink_to(tmp_path / "gone.csv")
    assert _mistakes(folder) == ["owners.csv: there is no such file; check the path"]


def test_a_folder_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="passmuster registers init SNAPSHOT --out"):
        read_registers(tmp_path / "none")
