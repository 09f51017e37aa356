"""A snapshot's log of changes from exports of the audit log, and what such an export does and does not say of itself.

An export tells neither what was searched for nor when. What stands in it proves that the log was read from its oldest
entry to its newest, as far as the search left nothing out; so much is claimed, and a warning says on what condition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from passmuster.collect.connectors.power_platform.purview.entries import Entry
from passmuster.collect.connectors.power_platform.purview.files import Exported, read_exports
from passmuster.collect.connectors.power_platform.purview.touching import known_of, rows_of
from passmuster.errors import UnreadableInput
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult, Gathered

TABLE = "audit_events"
# As many entries the portal and Search-UnifiedAuditLog hand over at most, and do not say that there were more.
MOST_ENTRIES = 50_000
EXPORT = (
    "search Purview's audit log for the record types of Power Platform from the look before up to now, without other "
    "filters, export all results, and put the CSV beside what is read here (see the connector's page)"
)
_SOURCE = "audit log export"
_NOT_READ = "the export of the audit log was not read, for the log itself was"
_CONDITION = (
    "an export of the audit log does not say what was searched for: who made a change is told from the entries in it, "
    "and what the search left out is not known"
)


def with_audit_log(result: CollectionResult, files: tuple[Path, ...]) -> CollectionResult:
    """The result with the log of these exports; raises UnreadableInput for what cannot be read or is another tenant's.

    Without exports, or where nothing else was read, it stays as it is; also where the log itself was read in full.
    """
    status = result.tables[TABLE].status
    if not files or status is CollectionStatus.ERROR:
        return result
    if status.is_readable:
        return replace(result, warnings=(*result.warnings, _NOT_READ))
    exports = read_exports(files)
    _refuse_other_tenants(exports, _tenant(result))
    known = known_of(result.tables)
    entries = [entry for exported in exports for entry in exported.entries]
    # Exports overlap, and a search may give one entry twice; entries of one request share an id and differ in the rest.
    rows = {
        (row["audit_event_id"], row["object_table"], row["object_id"]): row
        for entry in entries
        for row in rows_of(entry, known)
    }
    digest = hashlib.sha256(result.source_sha256.encode())
    for exported in exports:
        digest.update(f"\n{exported.file.name}\0{exported.sha256}".encode())
    return replace(
        result,
        tables={**result.tables, TABLE: _table(list(rows.values()), entries, exports)},
        source_sha256=digest.hexdigest(),
        warnings=(*result.warnings, _CONDITION),
    )


def _table(rows: list[dict[str, object]], entries: Sequence[Entry], exports: Sequence[Exported]) -> Gathered:
    times = [entry.at for entry in entries if entry.is_ours]
    full = next((exported for exported in exports if exported.count >= MOST_ENTRIES), None)
    if full is not None:
        # Which of the entries were left out is not told either, so that it reaches back to no time at all.
        reason = (
            f"{full.file.name} holds {full.count} entries; exports end at {MOST_ENTRIES} without saying so, and what "
            "was left out is not known: export shorter stretches of time into several files"
        )
        return Gathered(CollectionStatus.PARTIAL, rows, reason, EXPORT, _SOURCE, until=max(times, default=None))
    if not times:
        count = sum(exported.count for exported in exports)
        reason = f"none of the {count} entries in the export is of Power Platform, so that it proves nothing"
        return Gathered(CollectionStatus.PARTIAL, rows, reason, EXPORT, _SOURCE)
    return replace(Gathered.of(rows, source=_SOURCE), since=min(times), until=max(times))


def _tenant(result: CollectionResult) -> str:
    names = (str(row.get("external_id") or "") for row in result.tables["platforms"].rows)
    return next((name.lower() for name in names if name), "")


def _refuse_other_tenants(exports: Sequence[Exported], tenant: str) -> None:
    mistakes = []
    for exported in exports:
        told = {entry.tenant for entry in exported.entries if entry.tenant}
        others = sorted(told - {tenant}) if tenant else sorted(told)[1:]
        if others:
            own = tenant or min(told)
            mistakes.append(
                f"{exported.file}: holds entries of another tenant ({', '.join(others[:3])}) than {own}; one snapshot "
                "is of one tenant: put each tenant's export beside what else is read of it"
            )
    if mistakes:
        raise UnreadableInput("\n".join(mistakes))
