"""From hosts or a recorded folder to what a connector hands over."""

from __future__ import annotations

from pathlib import Path

from passmuster.collect.connectors.power_platform.live.estate import Estate
from passmuster.collect.connectors.power_platform.live.log_search import Wanted
from passmuster.collect.connectors.power_platform.live.places import BAP, Hosts
from passmuster.collect.connectors.power_platform.live.reading import read_estate
from passmuster.collect.connectors.power_platform.live.sources import live_sources, recorded_sources
from passmuster.collect.connectors.power_platform.live.tables import name_of, tables_of
from passmuster.collect.http import Clock, Patience
from passmuster.collect.interface import Target
from passmuster.collect.recorded import source_sha256
from passmuster.snapshot.gathered import CollectionResult

KIND = "power-platform"
_RECORDED = ("environments", "tenant_settings", "policies")
_UNTRIED = "this part was built from Microsoft's documentation and has not been tried against a live tenant"


def is_recorded(folder: Path) -> bool:
    """Whether a folder holds recorded answers."""
    return folder.is_dir() and any((folder / f"{name}.json").is_file() for name in _RECORDED)


def collect_recorded(target: Target, folder: Path, version: str) -> CollectionResult:
    """A folder of recorded answers."""
    sources = recorded_sources(folder, target.progress)
    estate = read_estate(sources, tenant_of(target))
    return _result(estate, target, version, sha256=source_sha256(folder), source_kind="export")


def collect_live(target: Target, hosts: Hosts, version: str, *, patience: Patience, clock: Clock) -> CollectionResult:
    """The hosts a user named."""
    with live_sources(hosts, target, patience=patience, clock=clock) as sources:
        log = Wanted(target.since, patience.budget_s, clock)
        estate = read_estate(sources, hosts.tenant or tenant_of(target), log=log)
    return _result(estate, target, version, source_kind="api", base_url=hosts.named[BAP].text)


def tenant_of(target: Target) -> str:
    """The tenant's id in `--platform-id power-platform:<id>`; empty without."""
    kind, separator, tenant = (target.platform_id or "").partition(":")
    return tenant.lower() if separator and kind == KIND else ""


def _result(
    estate: Estate, target: Target, version: str, *, source_kind: str, sha256: str = "", base_url: str = ""
) -> CollectionResult:
    return CollectionResult(
        platform_id=target.platform_id or f"{KIND}:{estate.tenant or 'unknown'}",
        product="power_platform",
        name=name_of(estate),
        connector=KIND,
        connector_version=version,
        source_kind=source_kind,
        tables=tables_of(estate),
        source_sha256=sha256,
        base_url=base_url,
        warnings=(_UNTRIED,),
    )
