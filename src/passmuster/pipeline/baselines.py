"""The approved baseline: approving a snapshot, and what differs from it today."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from passmuster.documents.atomic import write_text
from passmuster.documents.csv_file import read_csv
from passmuster.errors import PassmusterError, UnreadableInput, UsageError
from passmuster.model.drift import TableDrift
from passmuster.snapshot.derived_tables import COMPUTED
from passmuster.snapshot.drift import compare_snapshots
from passmuster.snapshot.read import Snapshot, open_snapshot
from passmuster.snapshot.register_tables import REGISTERS
from passmuster.snapshot.registers import Registers
from passmuster.snapshot.tables import TABLES

_FILE = "baselines.csv"
_COMPARED = ("settings", "data_policies", "data_policy_rules", "roles", "role_permissions")


def approve_baseline(snapshot: Snapshot, registers: Path, *, by: str, reason: str, at: datetime) -> Path:
    """Add an approval to the register; the newest one of a platform counts. Raises UsageError on empty words."""
    if not by.strip() or not reason.strip():
        raise UsageError("a baseline is approved by somebody (--by) for a reason (--reason); both must say something")
    path = registers / _FILE
    header, rows = list(REGISTERS["baselines"].column_names), []
    if path.is_file():
        given, lines = read_csv(path)
        rows = [row for _, row in lines]
        header += [name for name in given if name not in header]
    if any(row.get("snapshot_id") == snapshot.manifest.id for row in rows):
        raise UsageError(f"{path}: this snapshot is approved already")
    rows.append(
        {
            "platform_id": snapshot.manifest.platform_id,
            "snapshot_id": snapshot.manifest.id,
            "approved_by": by.strip(),
            "approved_at": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "reason": reason.strip(),
            "snapshot_path": os.path.relpath(snapshot.folder.absolute(), registers.absolute()),
        }
    )
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())
    return path


def approved_baseline(platform_id: str, registers: Registers, *, as_of: datetime) -> Snapshot | None:
    """The snapshot approved last for a platform before `as_of`; raises where it is gone or was altered."""
    table = registers.tables.get("baselines")
    if table is None or registers.folder is None:
        return None
    instant = as_of.astimezone(UTC).replace(tzinfo=None)
    rows = [row for row in table.to_pylist() if row["platform_id"] == platform_id and row["approved_at"] is not None]
    rows = [row for row in rows if row["approved_at"] <= instant]
    if not rows:
        return None
    newest = max(rows, key=lambda row: row["approved_at"])
    folder = registers.folder / (newest["snapshot_path"] or "")
    where = f"{registers.folder / _FILE}: the approved baseline {newest['snapshot_id']}"
    try:
        snapshot = open_snapshot(folder)
    except PassmusterError as error:
        raise UnreadableInput(f"{where}: {error}; correct its snapshot_path or approve another") from None
    if snapshot.manifest.id != newest["snapshot_id"]:
        raise UnreadableInput(f"{where}: {folder} is another snapshot; correct its snapshot_path or approve another")
    return snapshot


def differences_from_baseline(snapshot: Snapshot, registers: Registers, *, as_of: datetime) -> pa.Table | None:
    """The computed table `baseline_differences`; None where no baseline was approved, or its settings say nothing."""
    base = approved_baseline(snapshot.manifest.platform_id, registers, as_of=as_of)
    if base is None:
        return None
    drifts = compare_snapshots(base, snapshot, tables=_COMPARED)
    if any(drift.table == "settings" and drift.not_comparable for drift in drifts):
        return None
    rows = [row for drift in drifts for row in _rows(drift)]
    return pa.Table.from_pylist(rows, schema=COMPUTED["baseline_differences"].schema)


def _rows(drift: TableDrift) -> list[dict[str, Any]]:
    if drift.not_comparable:
        return []
    key = [name for name in TABLES[drift.table].key if name != "platform_id"]
    whole = [("added", row) for row in drift.added] + [("removed", row) for row in drift.removed]
    rows: list[dict[str, Any]] = [
        {"table_name": drift.table, "resource_id": _spell(key, row), "change": word} for word, row in whole
    ]
    rows += [
        {
            "table_name": drift.table,
            "resource_id": _spell(key, change.key),
            "change": "changed",
            "column_name": change.column,
            "before": None if change.before is None else str(change.before),
            "after": None if change.after is None else str(change.after),
        }
        for change in drift.changed
    ]
    return rows


def _spell(key: list[str], row: Mapping[str, Any]) -> str:
    return "/".join(str(row[name]) for name in key if row.get(name) is not None)
