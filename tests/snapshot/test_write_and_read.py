from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from passmuster.documents.atomic import new_folder
from passmuster.errors import AlteredSnapshot, OutputRefused, UnreadableInput
from passmuster.model.declared import DeclaredFact
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gap, SourceState
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.tables import TABLES
from passmuster.snapshot.write import write_snapshot
from tests.making import NOW, make_snapshot, result_of

PEOPLE = [{"principal_id": f"p{n}", "kind": "human", "display_name": f"Person {n}"} for n in range(20)]


def test_every_table_is_one_parquet_file_with_the_declared_columns(tmp_path: Path) -> None:
    snapshot = make_snapshot(tmp_path / "s", {"principals": PEOPLE})
    for name, table in TABLES.items():
        assert pq.read_schema(snapshot.file(name)).names == list(table.column_names)
    assert snapshot.manifest.tables["principals"].rows == 20
    assert snapshot.manifest.tables["groups"].status is CollectionStatus.EMPTY


def test_the_same_input_in_another_order_gives_the_same_digests(tmp_path: Path) -> None:
    one = make_snapshot(tmp_path / "a", {"principals": PEOPLE})
    other = make_snapshot(tmp_path / "b", {"principals": list(reversed(PEOPLE))})
    assert {n: e.sha256 for n, e in one.manifest.tables.items()} == {
        n: e.sha256 for n, e in other.manifest.tables.items()
    }


@pytest.mark.parametrize("place", [0, 100, -5])
@pytest.mark.parametrize("name", ["manifest.json", "principals.parquet", "groups.parquet"])
def test_one_altered_byte_is_found_wherever_it_is(tmp_path: Path, name: str, place: int) -> None:
    make_snapshot(tmp_path / "s", {"principals": PEOPLE})
    file = tmp_path / "s" / name
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)
    with pytest.raises((AlteredSnapshot, UnreadableInput)) as caught:
        open_snapshot(tmp_path / "s")
    assert name in str(caught.value)


def test_letters_that_no_file_can_hold_stop_neither_writing_nor_reading(tmp_path: Path) -> None:
    odd = "\ud800x\x00"
    result = result_of({"principals": [{"principal_id": odd, "display_name": odd}]}, {"groups": "denied"})
    said = DeclaredFact(
        "settings", {"key": "k", "value_json": {odd: [odd], "@": 1}}, said_by=odd, said_at=NOW, source=odd
    )
    tables = {
        name: replace(
            table,
            reason=table.reason and odd,
            unlock=odd,
            source=odd,
            gaps=(Gap("kind", odd, odd),),
            sources=(SourceState(odd, table.status, odd, odd),),
        )
        for name, table in result.tables.items()
    }
    everywhere = replace(
        result,
        platform_id=odd,
        name=odd,
        base_url=odd,
        connector=odd,
        connector_version=odd,
        tables=tables,
        declared=(said,),
        warnings=(odd,),
    )
    (tmp_path / "s").mkdir()
    written = write_snapshot(everywhere, tmp_path / "s", started_at=NOW, taken_at=NOW)
    snapshot = open_snapshot(tmp_path / "s")
    assert snapshot.manifest == written
    assert (written.platform_id, written.name, written.tables["groups"].reason) == ("?x", "?x", "?x")
    row = pq.read_table(snapshot.file("principals")).to_pylist()[0]
    assert (row["platform_id"], row["principal_id"]) == ("?x", "?x")


def test_white_space_added_to_the_manifest_is_an_alteration(tmp_path: Path) -> None:
    make_snapshot(tmp_path / "s", {})
    file = tmp_path / "s" / "manifest.json"
    file.write_text(file.read_text() + " ")
    with pytest.raises(AlteredSnapshot):
        open_snapshot(tmp_path / "s")


def test_a_missing_table_file_is_named(tmp_path: Path) -> None:
    make_snapshot(tmp_path / "s", {})
    (tmp_path / "s" / "apps.parquet").unlink()
    with pytest.raises(AlteredSnapshot, match=r"apps\.parquet"):
        open_snapshot(tmp_path / "s")


def test_a_folder_that_is_no_snapshot_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"no manifest\.json"):
        open_snapshot(tmp_path)


def test_a_row_that_does_not_fit_makes_the_table_partial_and_is_told(tmp_path: Path) -> None:
    rows = [
        {"principal_id": "a", "kind": "wizard"},
        {"principal_id": None},
        {"principal_id": "b", "created_at": "soon"},
    ]
    entry = make_snapshot(tmp_path / "s", {"principals": rows}).manifest.tables["principals"]
    assert entry.status is CollectionStatus.PARTIAL
    assert "wizard" in entry.reason
    assert "soon" in entry.reason
    assert "1 row(s) without principal_id" in entry.reason


def test_a_key_given_twice_with_different_facts_makes_the_table_partial(tmp_path: Path) -> None:
    rows = [{"principal_id": "a", "kind": "human"}, {"principal_id": "a", "kind": "service"}]
    entry = make_snapshot(tmp_path / "s", {"principals": rows}).manifest.tables["principals"]
    assert (entry.status, entry.rows) == (CollectionStatus.PARTIAL, 1)


def test_the_same_row_twice_is_one_row(tmp_path: Path) -> None:
    entry = make_snapshot(tmp_path / "s", {"principals": [PEOPLE[0], PEOPLE[0]]}).manifest.tables["principals"]
    assert (entry.status, entry.rows) == (CollectionStatus.OK, 1)


def test_names_with_any_unicode_come_back_as_they_were(tmp_path: Path) -> None:
    names = ["Zoë 🦊", "\u202eevil", "a" * 50_000, "名前", "tab\tand\nline", "\ud800 lone"]
    rows = [{"principal_id": str(n), "display_name": name} for n, name in enumerate(names)]
    snapshot = make_snapshot(tmp_path / "s", {"principals": rows})
    stored = pq.read_table(snapshot.file("principals"))["display_name"].to_pylist()
    assert stored[:5] == names[:5]
    assert stored[5] == "? lone"


def test_an_output_folder_that_is_not_empty_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "mine.txt").write_text("keep")
    with pytest.raises(OutputRefused, match="not empty"):
        make_snapshot(tmp_path / "s", {})
    assert (tmp_path / "s" / "mine.txt").read_text() == "keep"


def test_a_failure_half_way_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "s") as scratch:
        write_snapshot(result_of({}), scratch, started_at=NOW, taken_at=NOW)
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0 and not os.access("/dev/full", os.W_OK), reason="needs /dev/full")
def test_a_disk_that_refuses_is_an_error_that_says_so(tmp_path: Path) -> None:
    refused = pytest.raises(OutputRefused, match="cannot be written")
    with refused, new_folder(tmp_path / "s"), Path("/dev/full").open("w") as stream:
        stream.write("x" * 100_000)
    assert list(tmp_path.iterdir()) == []


_WRITER = """
import sys
from pathlib import Path
from tests.making import make_snapshot
rows = [{"principal_id": f"p{n}", "kind": "human"} for n in range(200_000)]
print("go", flush=True)
make_snapshot(Path(sys.argv[1]), {"principals": rows})
"""


@pytest.mark.parametrize("delay", [0.0, 0.2, 0.6, 1.2])
def test_kill_at_any_moment_leaves_no_half_written_snapshot(tmp_path: Path, delay: float) -> None:
    child = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path / "s")], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    if (tmp_path / "s").exists():
        assert open_snapshot(tmp_path / "s").manifest.tables["principals"].rows == 200_000
    # The place is free for the next try, whatever was left beside it.
    if not (tmp_path / "s").exists():
        make_snapshot(tmp_path / "s", {})
