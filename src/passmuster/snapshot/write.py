"""Writing a snapshot: typed, sorted, scrubbed of secrets, whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from passmuster.documents.secrets import mask_secrets, redact
from passmuster.model.declared import DeclaredFact
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.coerce import to_arrow
from passmuster.snapshot.columns import Table
from passmuster.snapshot.gathered import CollectionResult, Gathered
from passmuster.snapshot.manifest import FILE_NAME, Manifest, TableEntry, read_manifest, spell_time
from passmuster.snapshot.tables import TABLES

_NOT_NAMED = Gathered(CollectionStatus.UNSUPPORTED, reason="this connector does not read it")
_ROW_GROUP = 122_880


def write_snapshot(result: CollectionResult, folder: Path, *, started_at: datetime, taken_at: datetime) -> Manifest:
    """Write every table and the manifest into `folder`, which the caller makes appear at once (documents.atomic).

    What is returned is what stands in the file.
    """
    entries = {
        table.name: _write_table(table, result.tables.get(table.name, _NOT_NAMED), result, folder)
        for table in TABLES.values()
    }
    manifest = Manifest(
        platform_id=result.platform_id,
        product=result.product,
        name=mask_secrets(result.name),
        base_url=mask_secrets(result.base_url),
        connector=result.connector,
        connector_version=result.connector_version,
        source_kind=result.source_kind,
        source_sha256=result.source_sha256,
        started_at=started_at,
        taken_at=taken_at,
        tables=entries,
        declared=tuple(_declared(fact) for fact in result.declared),
        warnings=tuple(mask_secrets(text) for text in result.warnings),
    )
    (folder / FILE_NAME).write_text(manifest.to_text(), encoding="utf-8")
    return read_manifest(folder)


def _write_table(table: Table, gathered: Gathered, result: CollectionResult, folder: Path) -> TableEntry:
    origin = "api" if result.source_kind == "api" else "export"
    typed = to_arrow(table, gathered.rows, platform_id=result.platform_id, origin=origin)
    status, reason = _judge(gathered, typed.complaints, typed.table.num_rows)
    path = folder / f"{table.name}.parquet"
    write_parquet(typed.table, path)
    return TableEntry(
        rows=typed.table.num_rows,
        sha256=digest_of(path),
        status=status,
        reason=mask_secrets(reason),
        unlock=gathered.unlock,
        source=gathered.source,
        gaps=tuple(replace(gap, reason=mask_secrets(gap.reason)) for gap in gathered.gaps),
        sources=tuple(replace(each, reason=mask_secrets(each.reason)) for each in gathered.sources),
        since=gathered.since,
        until=gathered.until,
    )


def _judge(gathered: Gathered, complaints: tuple[str, ...], rows: int) -> tuple[CollectionStatus, str]:
    status, reason = gathered.status, gathered.reason
    if complaints:
        reason = "; ".join([*([reason] if reason else []), *complaints])
        # A row that could not be read is a row nobody looked at.
        status = CollectionStatus.PARTIAL if status.is_readable else status
    if status is CollectionStatus.OK and rows == 0:
        status = CollectionStatus.EMPTY
    if status is CollectionStatus.EMPTY and rows > 0:
        status = CollectionStatus.OK
    return status, reason


def write_parquet(table: pa.Table, path: Path) -> None:
    """One Parquet file; the same table gives the same bytes."""
    pq.write_table(table, path, compression="zstd", row_group_size=_ROW_GROUP, store_schema=False)


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _declared(fact: DeclaredFact) -> dict[str, Any]:
    row = {name: _plain(value) for name, value in fact.row.items()}
    return {
        "table": fact.table,
        "row": redact(row),
        "said_by": mask_secrets(fact.said_by),
        "said_at": spell_time(fact.said_at),
        "source": mask_secrets(fact.source),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return spell_time(value if value.tzinfo else value.replace(tzinfo=UTC))
    if value is None or isinstance(value, str | int | float | bool | list | dict):
        return value
    return str(value)
