"""The changes of the project in Directus' own activity log: who changed what, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from passmuster.collect.audit_log import Entries, log_table, read_times, with_unread
from passmuster.collect.connectors.directus.estate import Estate
from passmuster.collect.connectors.directus.flows import share_id
from passmuster.collect.connectors.directus.requests import CHANGED
from passmuster.collect.fields import Record, text
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered

_ACTIONS = frozenset({"create", "update", "delete"})
# What tells which thing of the snapshot stands behind an entry.
_TOLD_BY = {"directus_access": "access", "directus_operations": "flows", "directus_permissions": "permissions"}
_NAME = "activity_changes"
_OLDER = "these recorded answers are older than the question for changes"


@dataclass(frozen=True)
class _Known:
    """What of the project stands behind ids that the log names: holders of access, flows of steps, permissions."""

    holders: Mapping[str, tuple[str, str]]
    flows: Mapping[str, str]
    permissions: Mapping[str, Record]


def audit_events(estate: Estate) -> Gathered:
    """A row a change and thing of the snapshot that it touched: a step also touches its flow, access its holder."""
    if _NAME not in estate.reads.by_name:
        return Gathered(CollectionStatus.UNSUPPORTED, reason=_OLDER, unlock="record the answer of activity_changes too")
    known, changes = _known(estate), estate.items(_NAME)
    rows = {
        (row["audit_event_id"], row["object_table"], row["object_id"]): row
        for change in changes
        for row in _rows(change, known)
    }
    times = read_times(text(change, "timestamp") for change in changes)
    needed = {text(change, "collection") or "" for change in changes} & _TOLD_BY.keys()
    verdict = with_unread(estate.verdict(_NAME), {kind: estate.verdict(_TOLD_BY[kind]) for kind in needed})
    entries = Entries(verdict, len(changes), times, estate.since)
    return log_table(list(rows.values()), entries, source="activity")


def _known(estate: Estate) -> _Known:
    return _Known(
        {
            str(row.get("id")): (table, holder)
            for row in estate.items("access")
            for name, table in (("user", "principals"), ("role", "groups"))
            if (holder := text(row, name))
        },
        {str(step["id"]): str(flow["id"]) for flow in estate.items("flows") for step in estate.steps_of(flow)},
        {str(row.get("id")): row for row in estate.permissions},
    )


def _rows(change: Record, known: _Known) -> Iterator[dict[str, Any]]:
    kind, item, action = text(change, "collection") or "", text(change, "item"), text(change, "action")
    # Numbers in what this log answers are the ids of its own rows.
    number = change.get("id")
    if kind not in CHANGED or item is None or action not in _ACTIONS or not isinstance(number, int):
        return
    told = {
        "audit_event_id": str(number),
        "happened_at": text(change, "timestamp"),
        "actor_principal_id": text(change, "user"),
        "native_kind": kind,
    }
    for table, key in _selves(kind, item, known):
        yield {**told, "action": action, "object_table": table, "object_id": key}
    for table, key in _wholes(kind, item, known):
        # Whatever becomes of a part, the whole it belongs to was changed.
        yield {**told, "action": "update", "object_table": table, "object_id": key}


def _selves(kind: str, item: str, known: _Known) -> list[tuple[str, str]]:
    """The thing that was changed, by every table and id under which the snapshot has it."""
    if kind == "directus_shares":
        # The id of a share is the link itself: no table holds it in clear.
        return [("endpoints", share_id(item))]
    own = [(CHANGED[kind], item)]
    if kind == "directus_users":
        return [*own, ("credentials", f"static:{item}")]
    if kind == "directus_flows":
        return [*own, ("endpoints", item)]
    if kind == "directus_operations" and item in known.flows:
        part = f"{known.flows[item]}/{item}"
        return [*own, ("connections", part), ("credentials", part)]
    return own


def _wholes(kind: str, item: str, known: _Known) -> list[tuple[str, str]]:
    """What the changed thing is a part of: whoever holds an access, the flow of a step, what a permission opens."""
    if kind == "directus_access" and item in known.holders:
        return [known.holders[item]]
    if kind == "directus_operations" and item in known.flows:
        return [("apps", known.flows[item]), ("endpoints", known.flows[item])]
    if kind == "directus_permissions" and item in known.permissions:
        row = known.permissions[item]
        return [("roles", str(row["policy"])), ("data_stores", str(row["collection"]))]
    return []
