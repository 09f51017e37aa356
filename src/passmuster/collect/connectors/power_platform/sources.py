"""The parts of an export, which of them were read, and why not where they were not; tables made from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from passmuster.collect.connectors.power_platform.odd_parts import OddParts
from passmuster.collect.connectors.power_platform.powershell import as_list, as_text, is_absent
from passmuster.model.words import CollectionStatus
from passmuster.snapshot.gathered import Gathered, SourceState

COMMANDS: dict[str, tuple[str, ...]] = {
    "environment_creation": ("Get-TenantSettings", "Get-PowerPlatformTenantSettingsRest"),
    "dlp_policies": ("Get-DlpPolicy", "Get-PowerPlatformDlpPoliciesRest"),
    "environment_list": ("Get-AdminPowerAppEnvironment", "Get-PowerPlatformEnvironmentsRest"),
    "tenant_isolation": ("Get-PowerAppTenantIsolationPolicy", "Get-PowerPlatformTenantIsolationRest"),
}
UNLOCK = (
    "run ScubaGear for powerplatform as a Power Platform Administrator who has a Power Apps licence, "
    "or with a registered service principal"
)


@dataclass(frozen=True)
class Source:
    """One part of the export: its elements where it was read, else why it was not."""

    name: str
    items: tuple[Any, ...] = ()
    problem: str = ""

    @property
    def is_read(self) -> bool:
        """Whether the part was read."""
        return not self.problem

    def state(self, odd: OddParts) -> SourceState:
        """What became of the part, once its elements were gone through."""
        if self.problem:
            return SourceState(self.name, CollectionStatus.ERROR, self.problem, UNLOCK)
        if odd.gaps:
            return SourceState(self.name, CollectionStatus.PARTIAL, odd.reason(), UNLOCK)
        return SourceState(self.name, CollectionStatus.OK)


def table_of(rows: list[dict[str, Any]], *states: SourceState) -> Gathered:
    """The table made from these parts."""
    return replace(Gathered.from_sources(rows, states), source=", ".join(state.name for state in states))


def has_expected_key(settings: Mapping[str, Any]) -> bool:
    """Whether any part of a Power Platform export is there at all."""
    return any(name in settings for name in COMMANDS)


def sources_of(settings: Mapping[str, Any]) -> dict[str, Source]:
    """Every part, read or not. ScubaGear writes `[]` where a command failed, so an empty part was not read."""
    failed = _failed_commands(settings)
    return {name: _source(name, settings, failed) for name in COMMANDS}


def _source(name: str, settings: Mapping[str, Any], failed: frozenset[str]) -> Source:
    blamed = [command for command in (*COMMANDS[name], name) if command.lower() in failed]
    if blamed:
        return Source(name, problem=f"the export names {blamed[0]} among the commands that failed")
    if name not in settings:
        return Source(name, problem=f"the export holds no {name}")
    items = [item for item in as_list(settings[name]) if not is_absent(item) and item != {}]
    if not items:
        return Source(name, problem=f"{name} is empty in the export, which means that its command failed")
    return Source(name, tuple(items))


def _failed_commands(settings: Mapping[str, Any]) -> frozenset[str]:
    names = (as_text(item) for item in as_list(settings.get("powerplatform_unsuccessful_commands")))
    return frozenset(name.lower() for name in names if name)
