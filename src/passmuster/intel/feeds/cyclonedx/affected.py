"""Which components and versions a vulnerability in a bill of materials concerns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from passmuster.intel.feeds.cyclonedx.naming import Named, name_of, name_of_link
from passmuster.intel.feeds.cyclonedx.valid import all_components, all_services
from passmuster.intel.ranges import parse_ranges
from passmuster.model.advisory import AffectedProduct, RangeStatus, VersionRange

_SPARED = ("not_affected", "false_positive")
_RESOLVED = ("resolved", "resolved_with_pedigree")


def affected_products(bom: dict[str, Any], told: dict[str, Any]) -> tuple[AffectedProduct, ...]:
    """One entry for each component or service that is named, with the versions and the analysis of them."""
    components = {item["bom-ref"]: item for _, item in all_components(bom) if "bom-ref" in item}
    services = {item["bom-ref"]: item for _, item in all_services(bom) if "bom-ref" in item}
    state = told.get("analysis", {}).get("state", "")
    found = []
    for affected in told.get("affects", []):
        item = components.get(affected["ref"]) or services.get(affected["ref"])
        named = name_of(item) if item is not None else name_of_link(affected["ref"])
        found.append(_product(named, affected, state, is_service=affected["ref"] in services))
    return tuple(found)


def _product(named: Named, affected: dict[str, Any], state: str, *, is_service: bool) -> AffectedProduct:
    versions = affected.get("versions", [])
    ranges = tuple(_ranges(versions, state)) if versions else _own_version(named, state)
    tells_affected = any(each.status is RangeStatus.AFFECTED for each in ranges)
    return AffectedProduct(
        vendor=named.vendor,
        product=named.name,
        package=named.package,
        purl=named.purl,
        cpes=(named.cpe,) if named.cpe else (),
        default_status=_default_status(state, is_listed=bool(versions) and tells_affected),
        ranges=ranges,
        fixed_versions=_fixed_versions(named, ranges, state),
        is_hosted_only=is_service,
    )


def _meaning(state: str) -> RangeStatus:
    if state in _SPARED or state in _RESOLVED:
        return RangeStatus.UNAFFECTED
    return RangeStatus.UNKNOWN if state == "in_triage" else RangeStatus.AFFECTED


def _own_version(named: Named, state: str) -> tuple[VersionRange, ...]:
    """Where no versions are listed the component as it stands in the bill is meant."""
    return (VersionRange(status=_meaning(state), exact=named.version),)


def _ranges(versions: list[dict[str, Any]], state: str) -> Iterator[VersionRange]:
    for each in versions:
        status = RangeStatus(each.get("status", "affected"))
        if status is RangeStatus.AFFECTED and (state in _SPARED or state == "in_triage"):
            # The analysis is of the versions listed, and goes before the word that is theirs by default.
            status = _meaning(state)
        if "version" in each:
            yield VersionRange(status=status, exact=each["version"])
        else:
            scheme = each["range"].removeprefix("vers:").partition("/")[0] if each["range"].startswith("vers:") else ""
            for found in parse_ranges(each["range"], status=status):
                yield replace(found, scheme=scheme)


def _default_status(state: str, *, is_listed: bool) -> RangeStatus:
    return RangeStatus.UNAFFECTED if is_listed or state in _SPARED else RangeStatus.UNKNOWN


def _fixed_versions(named: Named, ranges: tuple[VersionRange, ...], state: str) -> tuple[str, ...]:
    ends = [each.fixed for each in ranges if each.status is RangeStatus.AFFECTED and each.fixed]
    named_fixed = [each.exact for each in ranges if each.status is RangeStatus.UNAFFECTED and each.exact]
    own = [named.version] if state in _RESOLVED and not ends and not named_fixed and named.version else []
    return tuple(dict.fromkeys([*ends, *(named_fixed if state in _RESOLVED else []), *own]))
