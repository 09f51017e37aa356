"""The connector for n8n: reads an instance, or recorded answers of one, into the tables of a snapshot."""

from __future__ import annotations

from collections.abc import Mapping

from passmuster.collect.base_url import BaseUrl, read_base_url
from passmuster.collect.connectors.n8n.estate import Estate
from passmuster.collect.connectors.n8n.mapping_links import link_tables
from passmuster.collect.connectors.n8n.mapping_people import people_tables
from passmuster.collect.connectors.n8n.mapping_platform import platform_tables
from passmuster.collect.connectors.n8n.mapping_secrets import secret_tables
from passmuster.collect.connectors.n8n.mapping_settings import settings_table
from passmuster.collect.connectors.n8n.mapping_workflows import steps_of, workflow_tables
from passmuster.collect.connectors.n8n.reading import read_estate, recorded_sources
from passmuster.collect.connectors.n8n.requests import API, API_QUESTIONS, OWNER_QUESTIONS
from passmuster.collect.connectors.n8n.session import API_KEY, PASSWORD, USER, live_sources
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Secret, Target
from passmuster.collect.recorded import source_sha256
from passmuster.collect.statuses import Verdict
from passmuster.errors import UsageError
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult, Gathered
from passmuster.snapshot.tables import TABLES

_REFUSALS = frozenset({CollectionStatus.DENIED, CollectionStatus.ERROR, CollectionStatus.UNSUPPORTED})
_RECORDED_ID = "n8n:recorded"
_NO_VERDICTS = Gathered(CollectionStatus.EMPTY, reason="no verdicts of other tools are read from n8n")
_NO_AUDIT_EVENTS = Gathered(
    CollectionStatus.UNSUPPORTED,
    reason="n8n hands changes to log streaming alone (Enterprise) and has no interface that lists them",
)


class N8n:
    """Reads one n8n instance; never writes to it."""

    kind = "n8n"
    version = "2"
    title = "n8n"
    secrets: tuple[Secret, ...] = (API_KEY, USER, PASSWORD)

    def __init__(self, *, patience: Patience | None = None, clock: Clock | None = None) -> None:
        """A connector with the usual patience; tests hand in their own and a clock."""
        self._patience = patience or Patience()
        self._clock = clock or Clock()

    def collect(self, target: Target) -> CollectionResult:
        """Everything that can be read; raises UsageError for a wrong address, UnreadableInput for a wrong folder."""
        if target.url is not None:
            return self._collect_live(read_base_url(target.url, drop_suffixes=(API, "/api", "/rest")), target)
        if target.path is None:
            raise UsageError("n8n needs --url (a running n8n) or --from (a folder of recorded answers)")
        sources = recorded_sources(target.path, target.progress)
        estate = read_estate(sources, target.platform_id or _RECORDED_ID, None)
        return self._result(estate, source_sha256=source_sha256(target.path), warnings=[])

    def _collect_live(self, base: BaseUrl, target: Target) -> CollectionResult:
        warnings = [_IN_CLEAR] if base.is_in_clear else []
        platform_id = target.platform_id or f"{self.kind}:{base.authority}"
        with live_sources(base, target, warnings, patience=self._patience, clock=self._clock) as sources:
            estate = read_estate(sources, platform_id, base)
        return self._result(estate, source_sha256="", warnings=warnings)

    def _result(self, estate: Estate, *, source_sha256: str, warnings: list[str]) -> CollectionResult:
        name = estate.base.authority if estate.base else estate.platform_id.removeprefix(f"{self.kind}:")
        return CollectionResult(
            platform_id=estate.platform_id,
            product="n8n",
            name=name,
            connector=self.kind,
            connector_version=self.version,
            source_kind="api" if estate.base else "export",
            tables=_tables(estate, name),
            source_sha256=source_sha256,
            base_url=estate.base.text if estate.base else "",
            warnings=tuple(warnings),
        )


def _tables(estate: Estate, name: str) -> Mapping[str, Gathered]:
    steps = list(steps_of(estate))
    tables = {
        **platform_tables(estate, name),
        **people_tables(estate),
        **secret_tables(estate),
        **workflow_tables(estate, steps),
        **link_tables(estate, steps),
        "settings": settings_table(estate),
        "verdicts": _NO_VERDICTS,
        "audit_events": _NO_AUDIT_EVENTS,
    }
    refusal = _total_refusal(estate)
    if refusal is None:
        return {table: tables[table] for table in TABLES}
    # Nothing was told: no table may look as if it had been looked at. What we were told by the user stays.
    kept = {"platforms": tables["platforms"].rows}
    return {table: Gathered(refusal.status, kept.get(table, ()), refusal.reason, refusal.unlock) for table in TABLES}


def _total_refusal(estate: Estate) -> Verdict | None:
    """The verdict on everything, where not one question that needs a credential was answered; else None."""
    questions = (*API_QUESTIONS, *OWNER_QUESTIONS)
    asked = [estate.verdict(question.name) for question in questions if question.name in estate.reads]
    if any(verdict.status not in _REFUSALS for verdict in asked):
        return None
    denied = [verdict for verdict in asked if verdict.status is CollectionStatus.DENIED]
    if denied:
        unlock = f"set {API_KEY.variable} to a valid API key"
        return Verdict(CollectionStatus.DENIED, f"everything was refused; {denied[0].reason}", unlock)
    return Verdict(CollectionStatus.ERROR, f"nothing answered as n8n does; {asked[0].reason}")


_IN_CLEAR = "the platform was read over http: what was sent and answered could be read on the way; use https"
