"""The connector for Directus: reads a project, or recorded answers of one, into the tables of a snapshot."""

from __future__ import annotations

from collections.abc import Mapping

from passmuster.collect.audit_log import wanted_since
from passmuster.collect.base_url import BaseUrl, read_base_url
from passmuster.collect.connectors.directus.estate import Estate
from passmuster.collect.connectors.directus.flows import flow_tables
from passmuster.collect.connectors.directus.instance import instance_tables
from passmuster.collect.connectors.directus.people import people_tables
from passmuster.collect.connectors.directus.reading import TOKEN, live_sources, read_estate, recorded_sources
from passmuster.collect.connectors.directus.requests import COLLECTION_OF
from passmuster.collect.connectors.directus.rights import rights_tables
from passmuster.collect.connectors.directus.settings import settings_table
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Secret, Target
from passmuster.collect.recorded import source_sha256
from passmuster.collect.statuses import Verdict
from passmuster.errors import UsageError
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult, Gathered
from passmuster.snapshot.tables import TABLES

_REFUSALS = frozenset({CollectionStatus.DENIED, CollectionStatus.ERROR, CollectionStatus.UNSUPPORTED})
_IN_CLEAR = "the platform was read over http: what was sent and answered could be read on the way; use https"


class Directus:
    """Reads one Directus project; never writes to it."""

    kind = "directus"
    version = "1"
    title = "Directus"
    secrets: tuple[Secret, ...] = (TOKEN,)

    def __init__(self, *, patience: Patience | None = None, clock: Clock | None = None) -> None:
        """A connector with the usual patience; tests hand in their own and a clock."""
        self._patience = patience or Patience()
        self._clock = clock or Clock()

    def collect(self, target: Target) -> CollectionResult:
        """Everything that can be read; raises UsageError for a wrong address, UnreadableInput for a wrong folder."""
        since = wanted_since(target.since, self._clock.now())
        if target.url is not None:
            base = read_base_url(target.url, drop_suffixes=("/admin/login", "/admin"))
            with live_sources(base, target, patience=self._patience, clock=self._clock) as sources:
                estate = read_estate(sources, target.platform_id or f"{self.kind}:{base.authority}", base, since=since)
            return self._result(estate, "", (_IN_CLEAR,) if base.is_in_clear else ())
        if target.path is None:
            raise UsageError("directus needs --url (a running Directus) or --from (a folder of recorded answers)")
        sources = recorded_sources(target.path, target.progress)
        estate = read_estate(sources, target.platform_id or f"{self.kind}:recorded", None, since=since)
        return self._result(estate, source_sha256(target.path), ())

    def _result(self, estate: Estate, sha256: str, warnings: tuple[str, ...]) -> CollectionResult:
        base: BaseUrl | None = estate.base
        name = base.authority if base else estate.platform_id.removeprefix(f"{self.kind}:")
        return CollectionResult(
            platform_id=estate.platform_id,
            product="directus",
            name=name,
            connector=self.kind,
            connector_version=self.version,
            source_kind="api" if base else "export",
            tables=_tables(estate, name),
            source_sha256=sha256,
            base_url=base.text if base else "",
            warnings=warnings,
        )


def _tables(estate: Estate, name: str) -> Mapping[str, Gathered]:
    tables = {
        **instance_tables(estate, name),
        **people_tables(estate),
        **rights_tables(estate),
        **flow_tables(estate),
        "settings": settings_table(estate),
    }
    refusal = _total_refusal(estate)
    if refusal is None:
        return {table: tables[table] for table in TABLES}
    # Nothing was told: no table may look as if it had been looked at. What we were told by the user stays.
    kept = {"platforms": tables["platforms"].rows}
    return {table: Gathered(refusal.status, kept.get(table, ()), refusal.reason, refusal.unlock) for table in TABLES}


def _total_refusal(estate: Estate) -> Verdict | None:
    """The verdict on everything, where not one question that needs a credential was answered; else None."""
    asked = [estate.verdict(name) for name in COLLECTION_OF if name in estate.reads.by_name]
    if any(verdict.status not in _REFUSALS for verdict in asked):
        return None
    denied = [verdict for verdict in asked if verdict.status is CollectionStatus.DENIED]
    if denied:
        unlock = f"set {TOKEN.variable} to a valid token"
        return Verdict(CollectionStatus.DENIED, f"everything was refused; {denied[0].reason}", unlock)
    return Verdict(CollectionStatus.ERROR, f"nothing answered as Directus does; {asked[0].reason}")
