"""Power Platform, from an export of CISA's ScubaGear: settings, environments, data policies, tenant isolation."""

from __future__ import annotations

from passmuster.collect.connectors.power_platform.data_policies import data_policies_of, with_a_list
from passmuster.collect.connectors.power_platform.environments import environment_rows
from passmuster.collect.connectors.power_platform.export_file import Export, read_export
from passmuster.collect.connectors.power_platform.not_exported import (
    tables_not_exported,
    tables_of_a_foreign_document,
)
from passmuster.collect.connectors.power_platform.odd_parts import OddParts
from passmuster.collect.connectors.power_platform.sources import Source, sources_of, table_of
from passmuster.collect.connectors.power_platform.tenant_isolation import (
    isolation_policy_rows,
    isolation_rule_rows,
    isolation_setting_rows,
)
from passmuster.collect.connectors.power_platform.tenant_settings import tenant_setting_rows
from passmuster.collect.interface import Secret, Target
from passmuster.errors import UsageError
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult, Gathered

_RESULTS_ALONE = "only ScubaGear's verdicts were kept, not the settings they were reached from"
_HAND_OVER = "hand over the ProviderSettingsExport.json of the same run"
_FOREIGN = "the document holds none of environment_creation, dlp_policies, environment_list and tenant_isolation"
_FOREIGN_MEND = "hand over the ProviderSettingsExport.json or ScubaResults_*.json of a ScubaGear run for powerplatform"


class PowerPlatformConnector:
    """Reads what ScubaGear exported of one tenant."""

    kind = "power-platform"
    version = "1"
    title = "Power Platform (ScubaGear export)"
    secrets: tuple[Secret, ...] = ()

    def collect(self, target: Target) -> CollectionResult:
        """The tables an export fills; raises UsageError without one, UnreadableInput where it is no readable JSON."""
        if target.path is None or target.url is not None:
            raise UsageError(
                "power-platform: only exports are read so far: run ScubaGear for powerplatform and pass what it wrote "
                "with --from PATH (a ProviderSettingsExport.json, a ScubaResults_*.json, or their folder)"
            )
        export = read_export(target.path)
        remarks = OddParts()
        tables = tables_of(export, remarks)
        return CollectionResult(
            platform_id=target.platform_id or f"power-platform:{export.tenant_id or 'unknown'}",
            product="power_platform",
            name=export.tenant_name or export.tenant_id or "Power Platform tenant",
            connector=self.kind,
            connector_version=self.version,
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
