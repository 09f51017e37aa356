"""The connector for Salesforce: a folder of metadata, or an organisation through its REST API."""

from __future__ import annotations

from passmuster.collect.connectors.salesforce.source import read_source
from passmuster.collect.interface import Secret, Target
from passmuster.errors import UsageError
from passmuster.snapshot.gathered import CollectionResult


class SalesforceConnector:
    """Reads one organisation; never writes to it."""

    kind = "salesforce"
    version = "1"
    title = "Salesforce"
    secrets: tuple[Secret, ...] = ()

    def collect(self, target: Target) -> CollectionResult:
        """Everything that can be read; raises UsageError for a wrong address, UnreadableInput for a wrong folder."""
        if target.path is None:
            raise UsageError("salesforce needs --from (a folder of metadata)")
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
