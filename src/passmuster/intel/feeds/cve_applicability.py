"""Products that a CVE record names by CPE alone (`cpeApplicability`), where its list of products tells no versions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from passmuster.intel.feeds.cve_affected import fixed_versions
from passmuster.intel.feeds.fields import Fields
from passmuster.intel.ranges import is_nothing, parse_ranges
from passmuster.model.advisory import AffectedProduct, VersionRange

_BOUNDS = (
    ("versionStartIncluding", ">="),
    ("versionStartExcluding", ">"),
    ("versionEndExcluding", "<"),
    ("versionEndIncluding", "<="),
)
_COLON = re.compile(r"(?<!\\):")


def read_applicability(container: Fields, told: Sequence[AffectedProduct]) -> Iterator[AffectedProduct]:
    """One product a CPE name with all its ranges; nothing where `told` tells versions already."""
    if any(product.ranges for product in told):
        return
    found: dict[str, list[VersionRange]] = {}
    for match in _matches(container):
        criteria = match.text("criteria")
        ranges = _ranges(match, criteria)
        if ranges and len(_parts(criteria)) > 5:
            found.setdefault(criteria, []).extend(ranges)
    for criteria, together in found.items():
        vendor, product = _parts(criteria)[3:5]
        yield AffectedProduct(
            vendor=vendor,
            product=product,
            cpes=(criteria,),
            ranges=tuple(together),
            fixed_versions=tuple(dict.fromkeys(fixed_versions(together))),
        )


def _matches(container: Fields) -> Iterator[Fields]:
    """What is vulnerable; a node that is negated, or that only says on what it runs, is left out."""
    for entry in container.mappings("cpeApplicability"):
        for node in entry.mappings("nodes"):
            if node.values.get("negate") is True:
                continue
            yield from (match for match in node.mappings("cpeMatch") if match.values.get("vulnerable") is True)


def _ranges(match: Fields, criteria: str) -> tuple[VersionRange, ...]:
    bounds = [(operator, match.text(name)) for name, operator in _BOUNDS if match.has(name)]
    if bounds:
        told = ", ".join(f"{operator} {text}" for operator, text in bounds if not is_nothing(text))
        return parse_ranges(told) if told else ()
    parts = _parts(criteria)
    return parse_ranges(parts[5]) if len(parts) > 5 else ()


def _parts(criteria: str) -> list[str]:
    """The parts of a CPE name, without the strokes that guard what is special in one."""
    return [part.replace("\\", "") for part in _COLON.split(criteria)]
