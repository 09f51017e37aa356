"""Making real snapshots and packs for tests, with the project's own writer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from passmuster.documents.atomic import new_folder
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult, Gathered
from passmuster.snapshot.read import Snapshot, open_snapshot
from passmuster.snapshot.tables import TABLES
from passmuster.snapshot.write import write_snapshot

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def result_of(tables: Rows, unreadable: Mapping[str, str] | None = None, *, product: str = "n8n") -> CollectionResult:
    """What a connector would hand over; a table not named is empty."""
    gathered = {name: Gathered.of(list(tables.get(name, ()))) for name in TABLES}
    if "platforms" not in tables:
        gathered["platforms"] = Gathered.of([{"product": product, "hosting": "self", "name": "Test"}])
    for name, status in (unreadable or {}).items():
        gathered[name] = Gathered(CollectionStatus(status), reason=f"{status} by the test", unlock=f"allow {name}")
    return CollectionResult(
        platform_id="test:1",
        product=product,
        name="Test",
        connector="test",
        connector_version="1",
        source_kind="api",
        tables=gathered,
    )


def make_snapshot(
    folder: Path, tables: Rows, unreadable: Mapping[str, str] | None = None, *, at: datetime = NOW
) -> Snapshot:
    """A snapshot on disk."""
    with new_folder(folder) as scratch:
        write_snapshot(result_of(tables, unreadable), scratch, started_at=at, taken_at=at)
    return open_snapshot(folder)


def make_pack(folder: Path, controls: Mapping[str, Mapping[str, str]], *, head: str = "", params: str = "") -> Path:
    """A pack on disk; each control maps file names to contents."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.yaml").write_text(head or "id: test-pack\nversion: 1.0.0\ntitle: Test\n", encoding="utf-8")
    if params:
        (folder / "params.yaml").write_text(params, encoding="utf-8")
    for name, files in controls.items():
        (folder / name).mkdir()
        for file, text in files.items():
            (folder / name / file).write_text(text, encoding="utf-8")
    return folder


def sql_control(
    name: str,
    *,
    needs: str = "[principals]",
    population: str = "SELECT principal_id AS resource_id FROM principals",
    **more: str,
) -> str:
    """The text of a control.yaml of kind sql; `more` are further lines of its check or of the control."""
    check = "".join(f"  {key}: {value}\n" for key, value in more.items() if key in ("must_know", "must_decide"))
    rest = "".join(
        f"{key}: {value}\n" for key, value in more.items() if key not in ("must_know", "must_decide", "kind")
    )
    return (
        f"id: {name}\ntitle: A control of the tests\nseverity: high\nresponsibility: customer\n"
        f"remediation: Mend it as the test says.\n{rest}"
        f"check:\n  kind: {more.get('kind', 'sql')}\n  needs: {needs}\n  population: {population}\n{check}"
    )
