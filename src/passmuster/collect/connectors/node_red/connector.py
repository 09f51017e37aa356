"""The connector for Node-RED: reads its admin API, or recorded answers of it."""

from __future__ import annotations

from pathlib import Path

from passmuster.collect.base_url import BaseUrl, read_base_url
from passmuster.collect.connectors.node_red.gather import tables_of
from passmuster.collect.connectors.node_red.instance import Instance, read_instance
from passmuster.collect.connectors.node_red.reading import PASSWORD, TOKEN, USER, Readings, read_live, read_recorded
from passmuster.collect.interface import Target
from passmuster.collect.recorded import source_sha256
from passmuster.errors import UsageError
from passmuster.snapshot.gathered import CollectionResult

_RECORDED_ID = "node-red:recorded"


class NodeRedConnector:
    """Reads one Node-RED instance; never writes to it."""

    kind = "node-red"
    version = "1"
    title = "Node-RED"
    secrets = (TOKEN, USER, PASSWORD)

    def collect(self, target: Target) -> CollectionResult:
        """Everything that can be read; raises UsageError for a wrong address, UnreadableInput for a wrong folder."""
        if target.url is not None:
            base = read_base_url(target.url)
            platform_id = target.platform_id or f"{self.kind}:{base.authority}"
            readings = read_live(base, target)
            return self._result(readings, read_instance(readings, platform_id, base), base, None)
        if target.path is None:
            raise UsageError("node-red needs --url (a running Node-RED) or --from (a folder of recorded answers)")
        readings = read_recorded(target.path, target.progress)
        known = read_instance(readings, target.platform_id or _RECORDED_ID, None)
        return self._result(readings, known, None, target.path)

    def _result(
        self, readings: Readings, known: Instance, base: BaseUrl | None, folder: Path | None
    ) -> CollectionResult:
        name = base.authority if base else known.platform_id.removeprefix(f"{self.kind}:")
        return CollectionResult(
            platform_id=known.platform_id,
            product="node_red",
            name=name,
            connector=self.kind,
            connector_version=self.version,
            source_kind="api" if base else "export",
            tables=tables_of(readings, known, name),
            source_sha256=source_sha256(folder) if folder else "",
            base_url=known.base_url,
            warnings=(_IN_CLEAR,) if base and base.is_in_clear else (),
        )


_IN_CLEAR = "the platform was read over http: what was sent and answered could be read on the way; use https"
