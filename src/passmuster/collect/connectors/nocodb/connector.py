"""The connector for NocoDB: reads an instance, or recorded answers of one, into the tables of a snapshot."""

from __future__ import annotations

from collections.abc import Mapping

from passmuster.collect.base_url import read_base_url
from passmuster.collect.connectors.nocodb.building import building_tables
from passmuster.collect.connectors.nocodb.estate import Estate
from passmuster.collect.connectors.nocodb.instance import instance_tables
from passmuster.collect.connectors.nocodb.people import people_tables
from passmuster.collect.connectors.nocodb.reading import read_estate, recorded_sources
from passmuster.collect.connectors.nocodb.roles import role_tables
from passmuster.collect.connectors.nocodb.session import PASSWORD, TOKEN, USER, live_sources
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Secret, Target
from passmuster.collect.recorded import source_sha256
from passmuster.collect.statuses import Verdict
from passmuster.errors import UsageError
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult, Gathered
from passmuster.snapshot.tables import TABLES

_REFUSALS = frozenset({CollectionStatus.DENIED, CollectionStatus.ERROR, CollectionStatus.UNSUPPORTED})
_QUESTIONS = ("users", "tokens", "bases", "integrations", "plugins", "app_settings")
_IN_CLEAR = "the platform was read over http: what was sent and answered could be read on the way; use https"


class NocoDb:
    """Reads one NocoDB instance; never writes to it."""

    kind = "nocodb"
    version = "1"
    title = "NocoDB"
    secrets: tuple[Secret, ...] = (USER, PASSWORD, TOKEN)

    def __init__(self, *, patience: Patience | None = None, clock: Clock | None = None) -> None:
        """A connector with the usual patience; tests hand in their own and a clock."""
        self._patience = patience or Patience()
        self._clock = clock or Clock()

    def collect(self, target: Target) -> CollectionResult:
        """Everything that can be read; raises UsageError for a wrong address, UnreadableInput for a wrong folder."""
        if target.url is not None:
            base = read_base_url(target.url, drop_suffixes=("/dashboard", "/api/v1", "/api/v2"))
            warnings = [_IN_CLEAR] if base.is_in_clear else []
            with live_sources(base, target, warnings, patience=self._patience, clock=self._clock) as sources:
                estate = read_estate(sources, target.platform_id or f"{self.kind}:{base.authority}", base)
            return self._result(estate, "", warnings)
        if target.path is None:
            raise UsageError("nocodb needs --url (a running NocoDB) or --from (a folder of recorded answers)")
        sources = recorded_sources(target.path, target.progress)
        estate = read_estate(sources, target.platform_id or f"{self.kind}:recorded", None)
        return self._result(estate, source_sha256(target.path), [])

    def _result(self, estate: Estate, sha256: str, warnings: list[str]) -> CollectionResult:
        name = estate.base.authority if estate.base else estate.platform_id.removeprefix(f"{self.kind}:")
        return CollectionResult(
            platform_id=estate.platform_id,
            product="nocodb",
            name=name,
            connector=self.kind,
            connector_version=self.version,
            source_kind="api" if estate.base else "export",
            tables=_tables(estate, name),
            source_sha256=sha256,
            base_url=estate.base.text if estate.base else "",
            warnings=tuple(warnings),
        )


def _tables(estate: Estate, name: str) -> Mapping[str, Gathered]:
    tables = {
        **instance_tables(estate, name),
        **people_tables(estate),
        **role_tables(estate),
        **building_tables(estate),
    }
    refusal = _total_refusal(estate)
    if refusal is None:
        return {table: tables[table] for table in TABLES}
    # Nothing was told: no table may look as if it had been looked at. What we were told by the user stays.
    kept = {"platforms": tables["platforms"].rows}
    return {table: Gathered(refusal.status, kept.get(table, ()), refusal.reason, refusal.unlock) for table in TABLES}


def _total_refusal(estate: Estate) -> Verdict | None:
    """The verdict on everything, where nothing that needs a credential was answered; else None."""
    me = estate.verdict("me")
    asked = [estate.verdict(name) for name in _QUESTIONS if name in estate.reads.by_name]
    if asked and any(verdict.status not in _REFUSALS for verdict in asked):
        return None
    blamed = me if not me.is_ok else asked[0]
    if CollectionStatus.DENIED in (me.status, *(verdict.status for verdict in asked)):
        unlock = f"set {USER.variable} and {PASSWORD.variable}, or {TOKEN.variable}, to what NocoDB accepts"
        return Verdict(CollectionStatus.DENIED, f"everything was refused; {blamed.reason}", unlock)
    return Verdict(CollectionStatus.ERROR, f"nothing answered as NocoDB does; {blamed.reason}")
