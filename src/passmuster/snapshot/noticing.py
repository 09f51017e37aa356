"""What somebody should hear of within the hour: new items, new administrators, lost logging, wider sharing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb

from passmuster.model.drift import TableDrift
from passmuster.snapshot.attributing import Attribution, Log, attribute, read_log
from passmuster.snapshot.causes import Rights, causes_of_administrator, held_by, moved_rights
from passmuster.snapshot.load import load
from passmuster.snapshot.names import names_of
from passmuster.snapshot.read import SCAN, Snapshot

_NEW = {
    "apps": ("app_id", "a new {kind}", ("modified_by",)),
    "connectors": ("connector_id", "a new connector", ()),
    "add_ons": ("add_on_id", "a new add-on", ("installed_by",)),
    "endpoints": ("endpoint_id", "a new {kind}", ()),
    "connections": ("connection_id", "a new connection", ("owner_principal_id",)),
    "credentials": ("credential_id", "a new credential", ("owner_principal_id",)),
    "environments": ("environment_id", "a new environment", ("owner_principal_id",)),
}
# Who can administer follows from these.
_WHO_MAY = frozenset({"principals", "roles", "role_inclusions", "grants", "groups", "memberships"})
_WIDER = {"none": 0, "private": 0, "read": 1, "read_write": 2, "write": 2}


@dataclass(frozen=True)
class Notice:
    """One thing that changed. `by` is who did it, as the platform tells; empty where it does not.

    With an entry of the platform's own log: when (UTC), its number there, and who else touched it since the look
    before. `unknown` says why nobody is named.
    """

    kind: str
    table: str
    resource: str
    text: str
    by: str = ""
    at: datetime | None = None
    entry: str = ""
    others: tuple[str, ...] = ()
    unknown: str = ""


def take_notice(base: Snapshot, head: Snapshot, drift: Sequence[TableDrift], *, as_of: datetime) -> tuple[Notice, ...]:
    """Every notice between two looks at one platform; tables that cannot be compared give none."""
    by_table = {table.table: table for table in drift if not table.not_comparable}
    found = [
        *_new_items(by_table),
        *(_new_administrators(base, head, as_of=as_of) if _WHO_MAY & set(by_table) else ()),
        *_lost_logging(by_table),
        *_wider_sharing(by_table, head),
    ]
    if not found:
        return ()
    log, names = read_log(base, head), _names(head)
    moved = moved_rights(by_table)
    held = held_by(head, [notice.resource for notice in found if notice.kind == "new_administrator"])
    return tuple(_attributed(each, _who(each, log, held.get(each.resource, ()), moved), names) for each in found)


def _who(notice: Notice, log: Log, held: Sequence[tuple[str, str]], moved: Rights) -> Attribution:
    if notice.kind == "new_administrator":
        first, second = causes_of_administrator(notice.resource, held, moved)
        told = attribute(log, first)
        return told if told.by else attribute(log, second)
    return attribute(log, [(notice.table, notice.resource)], is_new=notice.kind == "new_item")


def _attributed(notice: Notice, told: Attribution, names: Mapping[str, str]) -> Notice:
    """The notice with who did it: by the log, else by what the thing itself says of who made it."""
    if not told.by:
        return replace(notice, by=names.get(notice.by, notice.by), unknown="" if notice.by else told.unknown)
    others = tuple(names.get(each, each) for each in told.others)
    return replace(notice, by=names.get(told.by, told.by), at=told.at, entry=told.entry, others=others)


def _new_items(drift: Mapping[str, TableDrift]) -> Iterator[Notice]:
    for table, (key, words, told_by) in _NEW.items():
        for row in drift[table].added if table in drift else ():
            name = str(row.get("name") or row.get("url") or row[key])
            words_of_row = words.format(kind=str(row.get("kind") or "item").replace("_", " "))
            by = next((str(row[column]) for column in told_by if row.get(column)), "")
            yield Notice("new_item", table, str(row[key]), f"{words_of_row}: {name}", by)


def _new_administrators(base: Snapshot, head: Snapshot, *, as_of: datetime) -> Iterator[Notice]:
    before, after = administrators(base, as_of), administrators(head, as_of)
    if before is None or after is None:
        return
    for principal, (name, role, by) in sorted(after.items()):
        if principal not in before:
            yield Notice("new_administrator", "principals", principal, f"a new administrator: {name} ({role})", by)


def administrators(snapshot: Snapshot, as_of: datetime) -> dict[str, tuple[str, str, str]] | None:
    """Who holds a privileged role, with one such role and who granted it; None where that was not read in full."""
    with duckdb.connect() as connection:
        states = load(connection, snapshot, ["privileged_grants", "principals", "roles", "grants"], as_of=as_of)
        if not all(states[name].status.is_readable for name in ("privileged_grants", "principals", "roles")):
            return None
        rows = connection.execute(
            """SELECT g.principal_id, coalesce(any_value(p.display_name), any_value(p.login), g.principal_id),
                      coalesce(min(r.name), min(g.role_id)), coalesce(any_value(d.granted_by), '')
               FROM privileged_grants g LEFT JOIN principals p USING (principal_id) LEFT JOIN roles r USING (role_id)
               LEFT JOIN grants d ON d.subject_id = g.principal_id AND d.role_id = g.role_id
               WHERE g.is_privileged AND p.is_enabled IS NOT FALSE GROUP BY g.principal_id"""
        ).fetchall()
    return {str(who): (str(name), str(role), str(by)) for who, name, role, by in rows}


def _lost_logging(drift: Mapping[str, TableDrift]) -> Iterator[Notice]:
    logs = drift.get("log_sources")
    if logs is None:
        return
    for row in logs.removed:
        kind = str(row.get("kind") or "a").replace("_", " ")
        yield Notice("lost_logging", "log_sources", str(row["log_source_id"]), f"the {kind} log is gone")
    for change in logs.changed:
        log = str(change.key.get("log_source_id", ""))
        if change.column == "is_enabled" and change.before is True and change.after is False:
            yield Notice("lost_logging", "log_sources", log, f"the log {log} was switched off")
        if change.column == "delivered_to" and change.before and not change.after:
            yield Notice("lost_logging", "log_sources", log, f"the log {log} is no longer delivered to {change.before}")
        if change.column == "retention_days" and _is_less(change.before, change.after):
            text = f"the log {log} is kept {change.after} days, {change.before} before"
            yield Notice("lost_logging", "log_sources", log, text)


def _is_less(before: Any, after: Any) -> bool:
    return before is not None and after is not None and after < before


def _wider_sharing(drift: Mapping[str, TableDrift], head: Snapshot) -> Iterator[Notice]:
    for table in ("data_stores", "endpoints", "connections", "apps"):
        found = [
            (str(next(iter(change.key.values()), "")), text)
            for change in (drift[table].changed if table in drift else ())
            if (text := _wider(change.column, change.before, change.after))
        ]
        names = names_of(head, table, {what for what, _ in found})
        for what, text in found:
            yield Notice("changed_sharing", table, what, f"{names.get(what, what)} {text}")


def _wider(column: str, before: Any, after: Any) -> str:
    if column == "is_public" and before is False and after is True:
        return "is now open to everybody"
    if column in ("default_access", "anonymous_access") and _WIDER.get(after, 0) > _WIDER.get(before, 0):
        who = "everybody" if column == "default_access" else "visitors without a sign-in"
        return f"can now be reached by {who} ({str(after).replace('_', ' ')})"
    if column in ("shared_with_count", "co_owner_count") and before is not None and (after or 0) > before:
        return f"is now shared with {after}, {before} before"
    return ""


def _names(snapshot: Snapshot) -> dict[str, str]:
    if "principals" not in snapshot.manifest.tables:
        return {}
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT principal_id, coalesce(display_name, login, principal_id) FROM {SCAN}",  # noqa: S608
            [snapshot.pattern("principals")],
        ).fetchall()
    return {str(key): str(name) for key, name in rows}
