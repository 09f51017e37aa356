"""The manifest: what a snapshot says about itself. Its id is the digest of the rest, so no byte can change unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from passmuster.documents.json_file import parse_json
from passmuster.documents.limits import read_text
from passmuster.errors import AlteredSnapshot, UnreadableInput
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.coerce import storable
from passmuster.snapshot.gathered import Gap, SourceState

SCHEMA = "passmuster/snapshot@1"
FILE_NAME = "manifest.json"


@dataclass(frozen=True)
class TableEntry:
    """One table of the snapshot: its file's digest and what became of reading it.

    `since` is for logs: the rows are all entries from that time on (UTC). None where that is not known. `until` is
    where an exported log ends (UTC); None where it reaches up to the reading.
    """

    rows: int
    sha256: str
    status: CollectionStatus
    reason: str = ""
    unlock: str = ""
    source: str = ""
    gaps: tuple[Gap, ...] = ()
    sources: tuple[SourceState, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Manifest:
    """A snapshot's identity, times, and tables. Times are UTC."""

    platform_id: str
    product: str
    name: str
    base_url: str
    connector: str
    connector_version: str
    source_kind: str
    source_sha256: str
    started_at: datetime
    taken_at: datetime
    tables: Mapping[str, TableEntry]
    declared: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()
    parent_snapshot_id: str = field(default="")

    @property
    def id(self) -> str:
        """The first 128 bits of the SHA-256 of everything else, as 32 hexadecimal digits."""
        return hashlib.sha256(_canonical(self._content()).encode()).hexdigest()[:32]

    def to_text(self) -> str:
        """The manifest's only valid spelling."""
        return _canonical({"id": self.id, **self._content()})

    def _content(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "platform": {
                "id": self.platform_id,
                "product": self.product,
                "name": self.name,
                "base_url": self.base_url,
            },
            "connector": {"name": self.connector, "version": self.connector_version},
            "source": {"kind": self.source_kind, "sha256": self.source_sha256},
            "parent_snapshot_id": self.parent_snapshot_id,
            "started_at": spell_time(self.started_at),
            "taken_at": spell_time(self.taken_at),
            "declared": list(self.declared),
            "warnings": list(self.warnings),
            "tables": {name: _entry_content(entry) for name, entry in self.tables.items()},
        }


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a snapshot folder; raises UnreadableInput, or AlteredSnapshot where its id does not hold."""
    path = folder / FILE_NAME
    if folder.is_file():
        raise UnreadableInput(f"{folder}: is a file; name the folder that `passmuster collect` wrote")
    if not folder.is_dir():
        raise UnreadableInput(f"{folder}: there is no such folder; name the folder that `passmuster collect` wrote")
    if not path.is_file():
        raise UnreadableInput(f"{folder}: is no snapshot: it holds no {FILE_NAME}")
    text = read_text(path)
    document = parse_json(text, str(path))
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UnreadableInput(f"{path}: is not a snapshot of this format ({SCHEMA}); collect it again")
    try:
        manifest = _from_document(document)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise AlteredSnapshot(f"{path}: was altered: it lacks parts that every manifest has; collect again") from None
    if manifest.to_text() != text:
        raise AlteredSnapshot(f"{path}: was altered since it was written: its id does not match it; collect again")
    return manifest


def spell_time(moment: datetime) -> str:
    """RFC 3339 in UTC with Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(_cleaned(content), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _cleaned(value: Any) -> Any:
    """The same with every text as tables hold it: platforms do answer with half a character."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list | tuple) else value


def _entry_content(entry: TableEntry) -> dict[str, Any]:
    # Manifests written before logs told how far they reach must keep their spelling, and so their id.
    reach = {"since": spell_time(entry.since)} if entry.since else {}
    reach |= {"until": spell_time(entry.until)} if entry.until else {}
    return reach | {
        "rows": entry.rows,
        "sha256": entry.sha256,
        "status": str(entry.status),
        "reason": entry.reason,
        "unlock": entry.unlock,
        "source": entry.source,
        "gaps": [{"column": gap.column, "reason": gap.reason, "unlock": gap.unlock} for gap in entry.gaps],
        "sources": [
            {"name": each.name, "status": str(each.status), "reason": each.reason, "unlock": each.unlock}
            for each in entry.sources
        ],
    }


def _from_document(document: Mapping[str, Any]) -> Manifest:
    platform, connector, source = document["platform"], document["connector"], document["source"]
    return Manifest(
        platform_id=_text(platform["id"]),
        product=_text(platform["product"]),
        name=_text(platform["name"]),
        base_url=_text(platform["base_url"]),
        connector=_text(connector["name"]),
        connector_version=_text(connector["version"]),
        source_kind=_text(source["kind"]),
        source_sha256=_text(source["sha256"]),
        started_at=datetime.fromisoformat(document["started_at"]),
        taken_at=datetime.fromisoformat(document["taken_at"]),
        tables={name: _entry(entry) for name, entry in document["tables"].items()},
        declared=tuple(_fact(fact) for fact in document["declared"]),
        warnings=tuple(_text(warning) for warning in document["warnings"]),
        parent_snapshot_id=_text(document["parent_snapshot_id"]),
    )


def _entry(entry: Mapping[str, Any]) -> TableEntry:
    return TableEntry(
        rows=int(entry["rows"]),
        sha256=_text(entry["sha256"]),
        status=CollectionStatus(entry["status"]),
        reason=_text(entry["reason"]),
        unlock=_text(entry["unlock"]),
        source=_text(entry["source"]),
        gaps=tuple(Gap(_text(gap["column"]), _text(gap["reason"]), _text(gap["unlock"])) for gap in entry["gaps"]),
        sources=tuple(_source(each) for each in entry["sources"]),
        since=datetime.fromisoformat(entry["since"]) if "since" in entry else None,
        until=datetime.fromisoformat(entry["until"]) if "until" in entry else None,
    )


def _source(each: Mapping[str, Any]) -> SourceState:
    status = CollectionStatus(each["status"])
    return SourceState(_text(each["name"]), status, _text(each["reason"]), _text(each["unlock"]))


def _fact(fact: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in ("table", "said_by", "said_at", "source"):
        _text(fact[name])
    datetime.fromisoformat(fact["said_at"])
    return {**fact, "row": dict(fact["row"])}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
