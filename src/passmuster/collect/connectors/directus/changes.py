"""The newest changes of the project in Directus' own activity log: who changed what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passmuster.collect.connectors.directus.estate import Estate
from passmuster.collect.connectors.directus.requests import CHANGED
from passmuster.collect.fields import Record, text
from passmuster.collect.reads import gathered
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered

_ACTIONS = frozenset({"create", "update", "delete"})
_NAME = "activity_changes"


def audit_events(estate: Estate) -> Gathered:
    """A row a change, and where it gave or took somebody's access one about that person too."""
    if _NAME not in estate.reads.by_name:
        return Gathered(CollectionStatus.EMPTY, [], "these recorded answers are older than the question for changes")
    holders = {text(row, "id"): text(row, "user") for row in estate.items("access")}
    rows = {
        (row["audit_event_id"], row["object_table"], row["object_id"]): row
        for change in estate.items(_NAME)
        for row in _rows(change, holders)
    }
    return gathered(list(rows.values()), estate.verdict(_NAME), source=_NAME)


def _rows(change: Record, holders: dict[str | None, str | None]) -> Iterator[dict[str, Any]]:
    kind, item, action = text(change, "collection") or "", text(change, "item"), text(change, "action")
    # Numbers in what this log answers are the ids of its own rows.
    number = change.get("id")
    if kind not in CHANGED or item is None or action not in _ACTIONS or not isinstance(number, int):
        return
    told = {
        "audit_event_id": str(number),
        "happened_at": text(change, "timestamp"),
        "actor_principal_id": text(change, "user"),
        "action": action,
        "native_kind": kind,
    }
    yield {**told, "object_table": CHANGED[kind], "object_id": item}
    holder = holders.get(item) if kind == "directus_access" else None
    if holder:
        yield {**told, "object_table": "principals", "object_id": holder}
