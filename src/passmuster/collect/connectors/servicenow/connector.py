"""The connector for ServiceNow: exported tables, or an instance by its Table API, into a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from passmuster.collect.audit_log import wanted_since
from passmuster.collect.base_url import read_base_url
from passmuster.collect.connectors.servicenow.estate import Estate
from passmuster.collect.connectors.servicenow.exports import read_exports
from passmuster.collect.connectors.servicenow.mapping_access import access_tables
from passmuster.collect.connectors.servicenow.mapping_building import building_tables
from passmuster.collect.connectors.servicenow.mapping_links import link_tables
from passmuster.collect.connectors.servicenow.mapping_people import people_tables
from passmuster.collect.connectors.servicenow.mapping_platform import platform_tables
from passmuster.collect.connectors.servicenow.mapping_secrets import secret_tables
from passmuster.collect.connectors.servicenow.mapping_settings import settings_table
from passmuster.collect.connectors.servicenow.table_api import API, PASSWORD, TOKEN, USER, live_answers, read_tables
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Secret, Target
from passmuster.errors import UsageError
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult, Gathered
from passmuster.snapshot.tables import TABLES

_USABLE = frozenset({CollectionStatus.OK, CollectionStatus.PARTIAL})
_IN_CLEAR = "the platform was read over http: what was sent and answered could be read on the way; use https"
_FOREIGN = "no file holds a table of ServiceNow that is read here"
_FOREIGN_MEND = "hand over exported tables such as sys_user.xml, named after their table; see the connector's page"


class ServiceNow:
    """Reads one ServiceNow instance or its exports; never writes to it."""

    kind = "servicenow"
    version = "1"
    title = "ServiceNow"
    secrets: tuple[Secret, ...] = (USER, PASSWORD, TOKEN)

    def __init__(self, *, patience: Patience | None = None, clock: Clock | None = None) -> None:
        """A connector with the usual patience; tests hand in their own and a clock."""
        self._patience = patience or Patience()
        self._clock = clock or Clock()

    def collect(self, target: Target) -> CollectionResult:
        """Everything that can be read; raises UsageError for a wrong address, UnreadableInput for unreadable files."""
        if target.url is not None:
            return self._collect_live(target, target.url)
        if target.path is None:
            raise UsageError("servicenow needs --from (a folder of exported tables) or --url (a running instance)")
        return self._collect_exports(target, target.path)

    def _collect_exports(self, target: Target, path: Path) -> CollectionResult:
        exports = read_exports(path, target.progress)
        name = _name_told(Estate("", None, exports.reads)) or "recorded"
        estate = Estate(target.platform_id or f"{self.kind}:{name}", None, exports.reads)
        tables = _foreign() if exports.is_foreign else _tables(estate, name, None)
        return self._result(estate, name, tables, exports.sha256, exports.warnings)

    def _collect_live(self, target: Target, url: str) -> CollectionResult:
        base = read_base_url(url, drop_suffixes=(API, "/api/now", "/api"))
        since = wanted_since(target.since, self._clock.now())
        with live_answers(base, target, patience=self._patience, clock=self._clock) as answers:
            reads = read_tables(answers, base, since=since)
        estate = Estate(target.platform_id or f"{self.kind}:{base.authority}", base, reads)
        tables = _tables(estate, base.authority, since)
        return self._result(estate, base.authority, tables, "", (_IN_CLEAR,) if base.is_in_clear else ())

    def _result(
        self, estate: Estate, name: str, tables: Mapping[str, Gathered], sha256: str, warnings: tuple[str, ...]
    ) -> CollectionResult:
        return CollectionResult(
            platform_id=estate.platform_id,
            product="servicenow",
            name=name,
            connector=self.kind,
            connector_version=self.version,
            source_kind="api" if estate.base else "export",
            tables=tables,
            source_sha256=sha256,
            base_url=estate.base.text if estate.base else "",
            warnings=warnings,
        )


def _name_told(estate: Estate) -> str:
    return estate.properties.get("instance_name", "").strip()


def _foreign() -> dict[str, Gathered]:
    return dict.fromkeys(TABLES, Gathered(CollectionStatus.ERROR, (), _FOREIGN, _FOREIGN_MEND))


def _tables(estate: Estate, name: str, since: datetime | None) -> dict[str, Gathered]:
    tables = {
        **platform_tables(estate, name, since),
        **people_tables(estate),
        **access_tables(estate),
        **building_tables(estate),
        **link_tables(estate),
        **secret_tables(estate),
        "settings": settings_table(estate),
    }
    refusals = [read.verdict for read in estate.reads.values() if read.verdict.status not in _USABLE]
    if len(refusals) < len(estate.reads):
        return {table: tables[table] for table in TABLES}
    # Nothing was told: no table may look as if it had been looked at. What we were told by the user stays.
    worst = max(refusals, key=lambda verdict: verdict.status is CollectionStatus.DENIED)
    kept = {"platforms": tables["platforms"].rows}
    return {
        table: Gathered(worst.status, kept.get(table, ()), f"nothing could be read; {worst.reason}", worst.unlock)
        for table in TABLES
    }
