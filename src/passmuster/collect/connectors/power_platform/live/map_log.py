"""The log of changes, from what a search in Purview's audit log answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from passmuster.collect.connectors.power_platform.live.estate import Estate, Record
from passmuster.collect.connectors.power_platform.live.log_search import LATEST, QUERY, RECORDS, UNLOCK
from passmuster.collect.connectors.power_platform.powershell import as_time
from passmuster.collect.connectors.power_platform.purview.collecting import EXPORT
from passmuster.collect.connectors.power_platform.purview.entries import Entry, NoEntry, entry_of
from passmuster.collect.connectors.power_platform.purview.touching import known_of, rows_of
from passmuster.collect.reads import gathered
from passmuster.collect.statuses import Verdict, worst
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered

_UNASKED = "who changed what is recorded in Microsoft Purview, and no token for Microsoft Graph may search there"
# What Graph tells beside the record itself, by the names that the record has for it.
_BESIDE = {
    "Id": "id",
    "CreationTime": "createdDateTime",
    "Operation": "operation",
    "OrganizationId": "organizationId",
    "Workload": "service",
    "UserKey": "userId",
    "UserId": "userPrincipalName",
    "ObjectId": "objectId",
}


def audit_events(estate: Estate, tables: Mapping[str, Gathered]) -> Gathered:
    """The table, by the ids of these other tables; `unsupported` where the log was not asked."""
    if QUERY not in estate.reads:
        return Gathered(CollectionStatus.UNSUPPORTED, (), _UNASKED, f"{UNLOCK}; or {EXPORT}")
    query, records = estate.read(QUERY), estate.read(RECORDS)
    if not query.verdict.is_ok:
        return gathered([], query.verdict, source=RECORDS)
    entries = [entry for record in records.items if (entry := _entry(record)) is not None]
    foreign = {entry.tenant for entry in entries if entry.tenant} - {estate.tenant}
    if foreign and estate.tenant:
        reason = f"the entries are of another tenant ({', '.join(sorted(foreign)[:3])}) than {estate.tenant}"
        return Gathered(CollectionStatus.ERROR, (), reason, source=RECORDS)
    known = known_of(tables)
    rows = {
        (row["audit_event_id"], row["object_table"], row["object_id"]): row
        for entry in entries
        for row in rows_of(entry, known)
    }
    table = gathered(list(rows.values()), worst(records.verdict, _strange(records.items, entries)), source=RECORDS)
    since, until = _span(query.body)
    return replace(table, since=since if table.status.is_readable else None, until=until)


def _entry(record: Record) -> Entry | None:
    data = record.get("auditData")
    told: dict[str, Any] = {name: record[beside] for name, beside in _BESIDE.items() if record.get(beside)}
    if isinstance(data, Mapping):
        told |= {f"{name[:1].upper()}{name[1:]}": value for name, value in data.items() if value not in (None, "")}
    try:
        return entry_of(told)
    except NoEntry:
        return None


def _strange(records: tuple[Record, ...], entries: list[Entry]) -> Verdict:
    strange = len(records) - len(entries)
    if not strange:
        return Verdict(CollectionStatus.OK)
    reason = f"entries of the audit log: {strange} of {len(records)} are not what was asked for"
    return Verdict(CollectionStatus.PARTIAL if entries else CollectionStatus.ERROR, reason)


def _span(query: Record) -> tuple[datetime | None, datetime | None]:
    """From when to when all entries are there: of what happened last some may not have reached the log."""
    since, until = (as_time(query.get(name)) for name in ("filterStartDateTime", "filterEndDateTime"))
    return since, until - LATEST if until else None
