"""The backups and exports a look told of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from passmuster.errors import AlteredSnapshot
from passmuster.snapshot.manifest import read_manifest
from passmuster.snapshot.write import digest_of

_TABLE = "backups"


@dataclass(frozen=True)
class BackupSeen:
    """A row of `backups`; `environment` is empty where it covers the whole platform."""

    id: str
    environment: str
    kind: str
    taken_at: datetime
    restored_at: datetime | None
    is_restore_ok: bool | None


def read_backups(folder: Path) -> tuple[BackupSeen, ...]:
    """The backups with a time; none where the table was not read. Raises UnreadableInput, AlteredSnapshot."""
    entry = read_manifest(folder).tables.get(_TABLE)
    path = folder / f"{_TABLE}.parquet"
    if entry is None or not path.is_file():
        return ()
    if digest_of(path) != entry.sha256:
        raise AlteredSnapshot(f"{path}: was altered since it was written: its SHA-256 does not match; collect again")
    return tuple(_seen(row) for row in pq.read_table(path).to_pylist() if row.get("taken_at"))


def _seen(row: dict[str, Any]) -> BackupSeen:
    result = row.get("restore_test_result")
    return BackupSeen(
        id=str(row.get("backup_id") or ""),
        environment=str(row.get("environment_id") or ""),
        kind=str(row.get("kind") or ""),
        taken_at=_utc(row["taken_at"]),
        restored_at=_utc(row["restore_tested_at"]) if row.get("restore_tested_at") else None,
        is_restore_ok=None if result is None else result == "ok",
    )


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
