"""The connector for Salesforce: a folder of metadata, or an organisation through its REST API."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from passmuster.collect.audit_log import wanted_since
from passmuster.collect.base_url import read_base_url
from passmuster.collect.connectors.salesforce.api import TOKEN, Asked, is_recorded, live_answers, read_organization
from passmuster.collect.connectors.salesforce.source import read_source
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Secret, Target
from passmuster.collect.recorded import RecordedAnswers, source_sha256
from passmuster.errors import UsageError
from passmuster.snapshot.gathered import CollectionResult


class SalesforceConnector:
    """Reads one organisation; never writes to it."""

    kind = "salesforce"
    version = "1"
    title = "Salesforce"
    secrets: tuple[Secret, ...] = (TOKEN,)

    def __init__(self, *, patience: Patience | None = None, clock: Clock | None = None) -> None:
        """A connector with the usual patience; tests hand in their own and a clock."""
        self._patience = patience or Patience()
        self._clock = clock or Clock()

    def collect(self, target: Target) -> CollectionResult:
        """Everything that can be read; raises UsageError for a wrong address, UnreadableInput for a wrong folder."""
        if target.url is not None:
            return self._collect_live(target)
        if target.path is None:
            raise UsageError(
                "salesforce needs --from (a folder of metadata, or of recorded answers) or --url (an organisation)"
            )
        if is_recorded(target.path):
            return self._collect_recorded(target.path, target)
        source = read_source(target.path, target.platform_id, target.progress)
        return CollectionResult(
            platform_id=source.platform_id,
            product="salesforce",
            name=source.name,
            connector=self.kind,
            connector_version=self.version,
            source_kind="sfdx",
            tables=source.tables,
            source_sha256=source.sha256,
            warnings=source.warnings,
        )

    def _collect_recorded(self, folder: Path, target: Target) -> CollectionResult:
        answers = RecordedAnswers(folder, progress=target.progress)
        asked = read_organization(answers, platform_id=target.platform_id, base=None, since=self._since(target))
        return self._result(asked, source_kind="export", sha256=source_sha256(folder))

    def _collect_live(self, target: Target) -> CollectionResult:
        base = read_base_url(target.url or "", drop_suffixes=("/services/data", "/services"))
        if base.is_in_clear:
            raise UsageError(f"--url {base.text}: an access token is not sent over http; use https")
        with live_answers(base, target, patience=self._patience, clock=self._clock) as answers:
            asked = read_organization(answers, platform_id=target.platform_id, base=base, since=self._since(target))
        return self._result(asked, source_kind="api", base_url=base.text)

    def _since(self, target: Target) -> datetime:
        return wanted_since(target.since, self._clock.now())

    def _result(self, asked: Asked, *, source_kind: str, sha256: str = "", base_url: str = "") -> CollectionResult:
        return CollectionResult(
            platform_id=asked.platform_id,
            product="salesforce",
            name=asked.name,
            connector=self.kind,
            connector_version=self.version,
            source_kind=source_kind,
            tables=asked.tables,
            source_sha256=sha256,
            base_url=base_url,
            warnings=asked.warnings,
        )
