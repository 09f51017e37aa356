"""Who made a change, by the platform's own audit log: joined by the id of what was touched, or not told at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb

from passmuster.model.words import CollectionStatus
from passmuster.snapshot.manifest import TableEntry
from passmuster.snapshot.read import SCAN, Snapshot

_TABLE = "audit_events"
# A thing of a snapshot: its table and its id there.
Thing = tuple[str, str]
_UNREAD = {
    CollectionStatus.DENIED: "the platform's log may not be read",
    CollectionStatus.ERROR: "the platform's log could not be read",
    CollectionStatus.PARTIAL: "the platform's log could be read in part only",
}


@dataclass(frozen=True)
class Entry:
    """One entry of a platform's log: its number, when (UTC), and who (by id of `principals`, or as the log has it)."""

    number: str
    at: datetime
    by: str
    action: str


@dataclass(frozen=True)
class Attribution:
    """Who made a change. `others` touched the same thing since the look before; `unknown` says why nobody is named."""

    by: str = ""
    at: datetime | None = None
    entry: str = ""
    others: tuple[str, ...] = ()
    unknown: str = ""


@dataclass(frozen=True)
class Log:
    """What a log tells of the time between two looks: entries by thing, newest first; why it may not tell everything.

    `looked_at` is when the later look began: what was logged after it may not be what that look saw.
    """

    looked_at: datetime
    entries: Mapping[Thing, Sequence[Entry]] = field(default_factory=dict)
    shortfall: str = ""


def read_log(base: Snapshot, head: Snapshot) -> Log:
    """The log that came with `head`, from when `base` was looked at."""
    since, looked_at = base.manifest.started_at, head.manifest.started_at
    table = head.manifest.tables.get(_TABLE)
    if table is None:
        return Log(looked_at)
    entries = _entries(head, since) if table.rows else {}
    return Log(looked_at, entries, _shortfall(table, since, looked_at))


def attribute(log: Log, things: Iterable[Thing], *, is_new: bool = False) -> Attribution:
    """Who touched any of these last before the look; of a new thing, who made it.

    Where several people touched them and none is known to have made them, all are told.
    """
    every = {entry.number: entry for thing in things for entry in log.entries.get(thing, ())}
    newest = sorted(every.values(), key=lambda entry: (entry.at, entry.number), reverse=True)
    seen = [entry for entry in newest if entry.at <= log.looked_at] or newest
    if not seen:
        return Attribution(unknown=log.shortfall)
    made = [entry for entry in seen if entry.action == "create"] if is_new else []
    chosen = (made or seen)[0]
    others = () if made else tuple(dict.fromkeys(entry.by for entry in seen if entry.by != chosen.by))
    return Attribution(chosen.by, chosen.at, chosen.number, others)


def _shortfall(table: TableEntry, since: datetime, looked_at: datetime) -> str:
    """Why an entry may be missing from what was read; empty where nothing is known to be missing."""
    has_rows = table.status.is_readable or table.status is CollectionStatus.PARTIAL
    if has_rows and table.since is not None and table.since > since:
        return f"the log read goes back to {table.since:%Y-%m-%d %H:%M} UTC"
    if has_rows and table.until is not None and table.until < looked_at:
        return f"the log read ends on {table.until:%Y-%m-%d %H:%M} UTC"
    if table.status is CollectionStatus.PARTIAL and table.since is not None:
        return ""
    return _UNREAD.get(table.status, "")


def _entries(head: Snapshot, since: datetime) -> dict[Thing, list[Entry]]:
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"""SELECT object_table, object_id, audit_event_id, happened_at, actor_principal_id, action FROM {SCAN}
                WHERE actor_principal_id IS NOT NULL AND happened_at > ? ORDER BY happened_at DESC""",  # noqa: S608
            [head.pattern(_TABLE), since.astimezone(UTC).replace(tzinfo=None)],
        ).fetchall()
    found: dict[Thing, list[Entry]] = {}
    for table, key, number, at, by, action in rows:
        entry = Entry(str(number), at.replace(tzinfo=UTC), str(by), str(action or ""))
        found.setdefault((str(table), str(key)), []).append(entry)
    return found
