"""Snapshots in odd places and from odd hands: only the rows whose digests were checked are ever believed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from passmuster.errors import AlteredSnapshot
from passmuster.snapshot.drift import compare_snapshots
from passmuster.snapshot.inventory import map_flows, take_inventory
from passmuster.snapshot.load import load
from passmuster.snapshot.manifest import read_manifest
from passmuster.snapshot.read import open_snapshot
from tests.making import NOW, make_snapshot

MINE = {
    "principals": [{"principal_id": "mine", "kind": "human", "display_name": "Mine"}],
    "data_flows": [{"flow_id": "f", "to_host": "mine.example"}],
}
OTHERS = {
    "principals": [{"principal_id": "other", "kind": "human", "display_name": "Other"}],
    "data_flows": [{"flow_id": "g", "to_host": "other.example"}],
}


@pytest.mark.parametrize(
    ("name", "neighbour"), [("s[1]", "s1"), ("s*", "sx"), ("s?", "sx"), ("**", "s"), ("kind=robot", "s"), ("a'b", "s")]
)
def test_a_folders_name_is_never_taken_for_a_pattern_or_a_column(tmp_path: Path, name: str, neighbour: str) -> None:
    other = make_snapshot(tmp_path / neighbour, OTHERS)
    mine = make_snapshot(tmp_path / name, MINE)
    with duckdb.connect() as connection:
        load(connection, mine, ["principals"], as_of=NOW)
        rows = connection.execute("SELECT principal_id, kind FROM principals").fetchall()
    assert rows == [("mine", "human")]
    people = next(item for item in take_inventory(mine) if item.count)
    assert "Mine" in str(people.rows)
    flows = map_flows(mine)
    assert flows is not None
    assert "mine.example" in str(flows.edges)
    changed = {table.table: table for table in compare_snapshots(other, mine) if table.is_changed}
    assert [row["principal_id"] for row in changed["principals"].added] == ["mine"]
    assert [row["principal_id"] for row in changed["principals"].removed] == ["other"]


def _forge(folder: Path, change: Any) -> None:
    """Write a manifest whose id holds, with other content than a collector writes."""
    path = folder / "manifest.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    del document["id"]
    change(document)
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    document["id"] = hashlib.sha256(text.encode()).hexdigest()[:32]
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def test_the_forger_of_these_tests_writes_manifests_whose_id_holds(tmp_path: Path) -> None:
    make_snapshot(tmp_path / "s", MINE)
    _forge(tmp_path / "s", lambda document: document["platform"].update(name="Another name"))
    assert open_snapshot(tmp_path / "s").manifest.name == "Another name"


@pytest.mark.parametrize("value", [None, 5, [], {}], ids=repr)
@pytest.mark.parametrize(
    "place",
    [
        ("platform", "id"),
        ("platform", "product"),
        ("platform", "name"),
        ("platform", "base_url"),
        ("source", "kind"),
        ("tables", "principals", "reason"),
        ("tables", "principals", "status"),
        ("tables", "principals", "sha256"),
        ("tables",),
        ("taken_at",),
        ("warnings",),
        ("declared",),
    ],
)
def test_a_manifest_whose_id_holds_but_whose_parts_are_odd_is_refused(
    tmp_path: Path, place: tuple[str, ...], value: Any
) -> None:
    make_snapshot(tmp_path / "s", MINE)

    def change(document: Any) -> None:
        for name in place[:-1]:
            document = document[name]
        document[place[-1]] = [value] if place[-1] in ("warnings", "declared") else value

    _forge(tmp_path / "s", change)
    if place == ("tables",) and value == {}:
        # Older than every table: that can be read, and says nothing.
        snapshot = open_snapshot(tmp_path / "s")
        assert all(item.count is None for item in take_inventory(snapshot))
        return
    with pytest.raises(AlteredSnapshot, match=r"manifest\.json: was altered"):
        open_snapshot(tmp_path / "s")


def test_a_file_where_a_snapshot_was_meant_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text("{}")
    with pytest.raises(Exception, match="is a file; name the folder"):
        read_manifest(tmp_path / "export.json")
