"""Which products and versions a vulnerability of a valid document concerns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passmuster.intel.feeds.csaf.naming import NamedProduct
from passmuster.intel.feeds.csaf.version_text import read_versions
from passmuster.model.advisory import AffectedProduct, RangeStatus, VersionRange

_AFFECTED = ("known_affected", "first_affected", "last_affected")
_SPARED = ("known_not_affected", "fixed", "first_fixed")
_UNDECIDED = ("under_investigation", "unknown")

Told = list[tuple[str, NamedProduct]]
"""Status and product, of one family."""


def affected_products(
    vulnerability: Mapping[str, Any], named: Mapping[str, NamedProduct]
) -> tuple[AffectedProduct, ...]:
    """One entry a product family, with everything that is said of its versions."""
    families: dict[tuple[Any, ...], Told] = {}
    statuses = vulnerability.get("product_status", {})
    for status in (*_AFFECTED, *_SPARED, *_UNDECIDED):
        for product in statuses.get(status, []):
            families.setdefault(named[product].family, []).append((status, named[product]))
    return tuple(_product(told) for told in families.values())


def _product(told: Told) -> AffectedProduct:
    one = told[0][1]
    ranges: list[VersionRange] = []
    is_clear = True
    for status, product in told:
        found = _ranges(status, product)
        is_clear = is_clear and found is not None
        ranges += found or ()
    ranges = _joined(told, ranges)
    has_affected = any(each.status is RangeStatus.AFFECTED for each in ranges)
    # One that is only said to be fixed has versions without the fix too, of which nothing is said.
    is_spared = all(status == "known_not_affected" for status, _ in told)
    return AffectedProduct(
        vendor=one.vendor,
        product=one.product,
        package=one.package,
        purl=one.purl,
        cpes=tuple(dict.fromkeys(cpe for _, product in told for cpe in product.cpes)),
        platforms=one.platforms,
        # A version nobody names is spared only where the affected ones are told so that they can be compared.
        default_status=RangeStatus.UNAFFECTED if is_clear and (has_affected or is_spared) else RangeStatus.UNKNOWN,
        ranges=tuple(dict.fromkeys(ranges)),
        fixed_versions=_fixed_versions(told, ranges),
    )


def _ranges(status: str, product: NamedProduct) -> tuple[VersionRange, ...] | None:
    """What one status says of one product; None where its versions cannot be told."""
    if status in _AFFECTED:
        meaning = RangeStatus.AFFECTED
    else:
        meaning = RangeStatus.UNAFFECTED if status in _SPARED else RangeStatus.UNKNOWN
    if product.version is None:
        # A bare name may have its version inside; only where branches name the product is it all of them.
        return (VersionRange(status=meaning),) if product.vendor and product.product != product.name else None
    found = read_versions(product.version, meaning, is_range=product.is_range)
    exact = found[0].exact if found and len(found) == 1 else None
    if exact is not None and status == "first_affected":
        return (VersionRange(status=meaning, introduced=exact),)
    if exact is not None and status == "last_affected":
        return (VersionRange(status=meaning, last_affected=exact),)
    return found


def _joined(told: Told, ranges: list[VersionRange]) -> list[VersionRange]:
    """Where a first and a last affected version are told of one line, they are the two ends of one range."""
    firsts = [product.version for status, product in told if status == "first_affected"]
    lasts = [product.version for status, product in told if status == "last_affected"]
    if len(firsts) != 1 or len(lasts) != 1:
        return ranges
    halves = (
        VersionRange(introduced=firsts[0]),
        VersionRange(last_affected=lasts[0]),
    )
    whole = VersionRange(introduced=firsts[0], last_affected=lasts[0])
    return (
        [whole, *(each for each in ranges if each not in halves)] if all(half in ranges for half in halves) else ranges
    )


def _fixed_versions(told: Told, ranges: list[VersionRange]) -> tuple[str, ...]:
    """First fixed versions: those named so, else those named fixed; and the ends of affected ranges."""
    named: dict[str, list[str]] = {"first_fixed": [], "fixed": []}
    for status, product in told:
        if status in named and product.version is not None:
            for each in read_versions(product.version, RangeStatus.UNAFFECTED, is_range=product.is_range) or ():
                version = each.exact or each.introduced
                named[status] += [version] if version else []
    ends = [each.fixed for each in ranges if each.status is RangeStatus.AFFECTED and each.fixed]
    return tuple(dict.fromkeys([*ends, *(named["first_fixed"] or named["fixed"])]))
