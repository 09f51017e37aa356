"""Reading a snapshot back: every digest is checked before a row is believed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from passmuster.errors import AlteredSnapshot
from passmuster.snapshot.manifest import Manifest, read_manifest
from passmuster.snapshot.tables import TABLES
from passmuster.snapshot.write import digest_of

# A folder called `kind=x` is a name, not a column.
SCAN = "read_parquet(?, hive_partitioning = false)"
_GLOB = re.compile(r"([*?\[])")


@dataclass(frozen=True)
class Snapshot:
    """A verified snapshot on disk."""

    folder: Path
    manifest: Manifest

    def file(self, table: str) -> Path:
        """Where a table's rows lie."""
        return self.folder / f"{table}.parquet"

    def pattern(self, table: str) -> str:
        """The same for `SCAN`, which would take `*`, `?` and `[` in a folder's name for a pattern of many files."""
        return _GLOB.sub(r"[\1]", str(self.file(table)))

    def stored_columns(self, table: str) -> tuple[str, ...]:
        """The declared columns this snapshot holds; one written by an older version may lack some."""
        stored = set(pq.read_schema(self.file(table)).names)
        return tuple(name for name in TABLES[table].column_names if name in stored)


def open_snapshot(folder: Path) -> Snapshot:
    """Verify a snapshot; raises UnreadableInput where it is none, AlteredSnapshot where a byte has changed."""
    manifest = read_manifest(folder)
    snapshot = Snapshot(folder, manifest)
    for name, entry in manifest.tables.items():
        if name not in TABLES:
            continue
        path = snapshot.file(name)
        if not path.is_file():
            raise AlteredSnapshot(f"{path}: is missing from the snapshot; collect again or fetch the whole folder")
        if digest_of(path) != entry.sha256:
            raise AlteredSnapshot(
                f"{path}: was altered since it was written: its SHA-256 does not match; collect again"
            )
        _check_columns(path, name)
    return snapshot


def _check_columns(path: Path, name: str) -> None:
    declared = {column.name: column.arrow_type for column in TABLES[name].columns}
    try:
        stored = pq.read_schema(path)
    except (pa.ArrowException, OSError):
        raise AlteredSnapshot(f"{path}: is not Parquet; collect again") from None
    for field in stored:
        if field.name in declared and field.type != declared[field.name]:
            raise AlteredSnapshot(f"{path}: column {field.name} is {field.type}, expected {declared[field.name]}")
