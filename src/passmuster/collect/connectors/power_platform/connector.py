"""Power Platform: from an export of CISA's ScubaGear, tables of the CoE starter kit, or the interfaces themselves."""

from __future__ import annotations

from pathlib import Path

from passmuster.collect.connectors.power_platform.coe.collecting import collect_kit, is_kit
from passmuster.collect.connectors.power_platform.data_policies import data_policies_of, with_a_list
from passmuster.collect.connectors.power_platform.environments import environment_rows
from passmuster.collect.connectors.power_platform.export_file import Export, read_export
from passmuster.collect.connectors.power_platform.live.collecting import (
    collect_live,
    collect_recorded,
    is_recorded,
)
from passmuster.collect.connectors.power_platform.live.places import (
    SECRETS,
    Hosts,
    hosts_file_in,
    hosts_of_url,
    read_hosts,
)
from passmuster.collect.connectors.power_platform.not_exported import (
    tables_not_exported,
    tables_of_a_foreign_document,
)
from passmuster.collect.connectors.power_platform.odd_parts import OddParts
from passmuster.collect.connectors.power_platform.purview.collecting import with_audit_log
from passmuster.collect.connectors.power_platform.purview.files import audit_exports
from passmuster.collect.connectors.power_platform.sources import Source, sources_of, table_of
from passmuster.collect.connectors.power_platform.tenant_isolation import (
    isolation_policy_rows,
    isolation_rule_rows,
    isolation_setting_rows,
)
from passmuster.collect.connectors.power_platform.tenant_settings import tenant_setting_rows
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Secret, Target
from passmuster.errors import UnreadableInput, UsageError
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult, Gathered

_RESULTS_ALONE = "only ScubaGear's verdicts were kept, not the settings they were reached from"
_HAND_OVER = "hand over the ProviderSettingsExport.json of the same run"
_LOG_ALONE = (
    "is an export of the audit log, which tells who changed what and nothing of the tenant itself; put it into one "
    "folder with what tells of it (an export, or a file that names hosts), and name the folder"
)
_FOREIGN = "the document holds none of environment_creation, dlp_policies, environment_list and tenant_isolation"
_FOREIGN_MEND = "hand over the ProviderSettingsExport.json or ScubaResults_*.json of a ScubaGear run for powerplatform"


class PowerPlatformConnector:
    """Reads one tenant; never writes to it."""

    kind = "power-platform"
    version = "1"
    title = "Power Platform"
    secrets: tuple[Secret, ...] = SECRETS

    def __init__(self, *, patience: Patience | None = None, clock: Clock | None = None) -> None:
        """A connector with the usual patience; tests hand in their own and a clock."""
        self._patience = patience or Patience()
        self._clock = clock or Clock()

    def collect(self, target: Target) -> CollectionResult:
        """The tables the source fills; raises UsageError without one, UnreadableInput where it cannot be read."""
        if target.url is not None:
            return self._live(hosts_of_url(target.url), target)
        if target.path is None:
            raise UsageError(
                "power-platform needs --url (the host of the administration interface) or --from (a ScubaGear export, "
                "a folder of CoE starter kit tables, a folder of recorded answers, or a file that names hosts)"
            )
        exports = audit_exports(target.path)
        beside = set(target.path.iterdir()) if target.path.is_dir() else {target.path}
        if exports and beside == set(exports):
            raise UnreadableInput(f"{target.path}: {_LOG_ALONE}")
        return with_audit_log(self._of_path(target, target.path), exports)

    def _of_path(self, target: Target, path: Path) -> CollectionResult:
        if is_recorded(path):
            return collect_recorded(target, path, self.version)
        hosts = hosts_file_in(path)
        if hosts is not None:
            return self._live(read_hosts(hosts), target)
        if is_kit(path):
            return collect_kit(target, path, self.version)
        return _of_export(target, path, self.version)

    def _live(self, hosts: Hosts, target: Target) -> CollectionResult:
        return collect_live(target, hosts, self.version, patience=self._patience, clock=self._clock)


def _of_export(target: Target, path: Path, version: str) -> CollectionResult:
    export = read_export(path)
    remarks = OddParts()
    tables = tables_of(export, remarks)
    return CollectionResult(
        platform_id=target.platform_id or f"power-platform:{export.tenant_id or 'unknown'}",
        product="power_platform",
        name=export.tenant_name or export.tenant_id or "Power Platform tenant",
        connector=PowerPlatformConnector.kind,
        connector_version=version,
        source_kind="scubagear",
        tables=tables,
        source_sha256=export.sha256,
        warnings=remarks.told(),
    )


CONNECTOR = PowerPlatformConnector()


def tables_of(export: Export, remarks: OddParts) -> dict[str, Gathered]:
    """Every table of the snapshot, as far as this export tells."""
    if export.is_foreign:
        return tables_of_a_foreign_document(_FOREIGN, _FOREIGN_MEND)
    tables = tables_not_exported() | {"platforms": _platform(export), "verdicts": _verdicts(export)}
    if export.settings is None:
        alone = Gathered(CollectionStatus.UNSUPPORTED, (), _RESULTS_ALONE, _HAND_OVER)
        return tables | dict.fromkeys(("settings", "environments", "data_policies", "data_policy_rules"), alone)
    sources = sources_of(export.settings)
    isolation = sources["tenant_isolation"]
    tables["settings"] = _settings(sources["environment_creation"], isolation, export.tenant_id or "tenant", remarks)
    tables["environments"] = _environments(sources["environment_list"], remarks)
    return tables | _data_policies(with_a_list(sources["dlp_policies"]), isolation, remarks)


def _platform(export: Export) -> Gathered:
    return Gathered.of(
        [
            {
                "vendor": "Microsoft",
                "product": "power_platform",
                "name": export.tenant_name or None,
                "external_id": export.tenant_id or None,
                "hosting": "vendor",
            }
        ],
        source="tenant_id, tenant_details",
    )


def _verdicts(export: Export) -> Gathered:
    odd = export.odd_verdicts
    if odd.gaps:
        reason = odd.reason()
        return Gathered(CollectionStatus.PARTIAL, export.verdicts, reason, _HAND_OVER, source="Results.PowerPlatform")
    if not export.verdicts:
        # No unlock: verdicts answer nothing more where the settings behind them are there.
        reason = "the export holds settings and no verdicts"
        return Gathered(CollectionStatus.UNSUPPORTED, (), reason)
    return Gathered.of(export.verdicts, source="Results.PowerPlatform")


def _settings(tenant: Source, isolation: Source, scope_id: str, remarks: OddParts) -> Gathered:
    odd, odd_isolation = remarks.of_next_part(), remarks.of_next_part()
    rows = tenant_setting_rows(tenant, scope_id, odd) + isolation_setting_rows(isolation, scope_id, odd_isolation)
    return table_of(rows, tenant.state(odd), isolation.state(odd_isolation))


def _environments(source: Source, remarks: OddParts) -> Gathered:
    odd = remarks.of_next_part()
    rows = environment_rows(source, odd)
    return table_of(rows, source.state(odd))


def _data_policies(dlp: Source, isolation: Source, remarks: OddParts) -> dict[str, Gathered]:
    odd, odd_isolation = remarks.of_next_part(), remarks.of_next_part()
    found = data_policies_of(dlp, odd)
    policies = found.policies + isolation_policy_rows(isolation, odd_isolation)
    rules = found.rules + isolation_rule_rows(isolation, odd_isolation)
    states = (dlp.state(odd), isolation.state(odd_isolation))
    return {"data_policies": table_of(policies, *states), "data_policy_rules": table_of(rules, *states)}
