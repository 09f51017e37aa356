"""The apps a look told of, by id and name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from passmuster.errors import AlteredSnapshot
from passmuster.snapshot.manifest import read_manifest
from passmuster.snapshot.write import digest_of

_TABLE = "apps"


@dataclass(frozen=True)
class AppSeen:
    """A row of `apps`; the name is the id where it has none."""

    id: str
    name: str


def read_apps(folder: Path) -> tuple[AppSeen, ...]:
    """The apps by name; none where the table was not read. Raises UnreadableInput, AlteredSnapshot."""
    entry = read_manifest(folder).tables.get(_TABLE)
    path = folder / f"{_TABLE}.parquet"
    if entry is None or not path.is_file():
        return ()
    if digest_of(path) != entry.sha256:
        raise AlteredSnapshot(f"{path}: was altered since it was written: its SHA-256 does not match; collect again")
    rows = pq.read_table(path, columns=["app_id", "name"]).to_pylist()
    found = {AppSeen(str(row["app_id"]), str(row["name"] or row["app_id"])) for row in rows if row["app_id"]}
    return tuple(sorted(found, key=lambda app: (app.name.casefold(), app.id)))
