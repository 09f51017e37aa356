"""Power Platform, from an export of CISA's ScubaGear: settings, environments, data policies, tenant isolation."""

from __future__ import annotations

from passmuster.collect.connectors.power_platform.data_policies import DataPolicies, data_policies_of
from passmuster.collect.connectors.power_platform.environments import environment_rows
from passmuster.collect.connectors.power_platform.export_file import Export, read_export
from passmuster.collect.connectors.power_platform.not_exported import (
    tables_not_exported,
    tables_of_a_foreign_document,
)
from passmuster.collect.connectors.power_platform.odd_parts import OddParts, gathered
from passmuster.collect.connectors.power_platform.sources import UNLOCK, Source, sources_of
from passmuster.collect.connectors.power_platform.tenant_isolation import (
    isolation_policy_rows,
    isolation_rule_rows,
    isolation_setting_rows,
)
from passmuster.collect.connectors.power_platform.tenant_settings import tenant_setting_rows
from passmuster.collect.interface import Secret, Target
from passmuster.errors import UsageError
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import CollectionResult, Gap, Gathered

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
    tables["settings"] = _settings(sources, export.tenant_id or "tenant", remarks)
    tables["environments"] = _environments(sources["environment_list"], remarks)
    return tables | _data_policies(sources["dlp_policies"], sources["tenant_isolation"], remarks)


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
    if not export.verdicts and not export.odd_verdicts.gaps:
        reason = "the export holds settings and no verdicts"
        return Gathered(CollectionStatus.UNSUPPORTED, (), reason, "hand over the ScubaResults_*.json of the same run")
    return gathered(list(export.verdicts), export.odd_verdicts, source="Results.PowerPlatform", unlock=_HAND_OVER)


def _settings(sources: dict[str, Source], scope_id: str, remarks: OddParts) -> Gathered:
    """Tenant settings and tenant isolation share this table and come from two commands.

    Where one of the two failed the table stays readable, or every control on the other would go unanswered. That can
    never turn into a pass: each setting that controls ask for is then a row with neither a value nor `is_set`, which
    is unknown to a rule of settings whatever it does when a setting is missing, and unknown to the SQL of the packs.
    """
    tenant, isolation = sources["environment_creation"], sources["tenant_isolation"]
    source = "environment_creation, tenant_isolation"
    problems = [each.problem for each in (tenant, isolation) if not each.is_read]
    if len(problems) == 2:
        return Gathered(CollectionStatus.ERROR, (), "; ".join(problems), UNLOCK, source)
    odd = OddParts()
    rows = tenant_setting_rows(tenant, scope_id, odd) + isolation_setting_rows(isolation, scope_id, odd)
    remarks.remarks += odd.remarks
    gaps = tuple(Gap("value_bool", problem, UNLOCK) for problem in problems)
    return gathered(rows, odd, source=source, unlock=UNLOCK, gaps=gaps)


def _environments(source: Source, remarks: OddParts) -> Gathered:
    if not source.is_read:
        return Gathered(CollectionStatus.ERROR, (), source.problem, UNLOCK, source.name)
    odd = OddParts()
    rows = environment_rows(source, odd)
    remarks.remarks += odd.remarks
    return gathered(rows, odd, source=source.name, unlock=UNLOCK)


def _data_policies(dlp: Source, isolation: Source, remarks: OddParts) -> dict[str, Gathered]:
    """Both tables of data policies. They stand or fall with `dlp_policies`; see `_settings` for why tenant isolation
    that could not be read leaves them readable: its policy is then a row of which nothing is known."""
    odd = OddParts()
    found: DataPolicies = data_policies_of(dlp, odd)
    remarks.remarks += odd.remarks
    names, source = ("data_policies", "data_policy_rules"), "dlp_policies, tenant_isolation"
    if found.problem:
        return dict.fromkeys(names, Gathered(CollectionStatus.ERROR, (), found.problem, UNLOCK, source))
    policies = found.policies + isolation_policy_rows(isolation)
    rules = found.rules + isolation_rule_rows(isolation, odd)
    gaps = () if isolation.is_read else (Gap("is_enabled", isolation.problem, UNLOCK),)
    return {
        name: gathered(rows, odd, source=source, unlock=UNLOCK, gaps=gaps)
        for name, rows in zip(names, (policies, rules), strict=True)
    }
