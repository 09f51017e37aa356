"""Products, versions and fixes told in a sentence: many records name them nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable

from passmuster.intel.catalogue.entry import Product
from passmuster.model.advisory import AffectedProduct, VersionRange

_LONGEST = 4_000
_SHORTEST_NAME = 4
_VERSION = r"v?\.?(\d[\w.-]*?)(?=[.,;:)]?(?:\s|$))"
_ASIDE = r"(?:\s+\([^)]{0,80}\)|\s+(?:community|enterprise|self-hosted|edition|platform))*"
_SELF_HOSTED = re.compile(r"self[- ](?:hosted|managed)|on[- ]prem", re.IGNORECASE)
_EARLIEST = re.compile(rf"earliest\s+affected\s+version\s+is\s+{_VERSION}", re.IGNORECASE)
# "A plug-in for X before 2.0" has the version of the plug-in.
_NOT_AFTER = r"(?<![\w-])(?<!for )(?<!to )(?<!with )(?<!by )"
_BEFORE = re.compile(rf"\s*(?:versions?\s+)?(?:before|prior\s+to|<)\s+(?:versions?\s+)?{_VERSION}", re.IGNORECASE)
_THROUGH = re.compile(
    rf"\s*(?:versions?\s+)?(?:through|up\s+to(?:\s+and\s+including)?|<=)\s+(?:versions?\s+)?{_VERSION}", re.IGNORECASE
)
_FROM_TO = re.compile(rf"\s*(?:versions?\s+)?{_VERSION}\s+(?:through|to|up\s+to)\s+{_VERSION}", re.IGNORECASE)
_FROM_BEFORE = re.compile(rf"\s*(?:versions?\s+)?{_VERSION}\s+(?:before|prior\s+to)\s+{_VERSION}", re.IGNORECASE)
_ONE = re.compile(rf"\s*(?:versions?\s+)?{_VERSION}", re.IGNORECASE)
_LIST = r"v?\d+(?:\.\d+)+(?:(?:,\s*(?:and\s+)?|\s+and\s+)v?\d+(?:\.\d+)+)*"
_FIXED_IN = re.compile(
    r"\b(?:fix(?:ed)?|patch(?:ed)?|addressed|resolved|remediated)\b[^.]{0,60}?\b(?:in|by|with)\s+"
    rf"(?:(?:the|releases?|versions?|patch|infinity)\s+){{0,3}}({_LIST})",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)+")
_LEAD = r"^(?:an?\s[^.]{0,80}\s(?:in|of)\s+)?"


def told_in_prose(description: str, products: Iterable[Product]) -> tuple[AffectedProduct, ...]:
    """What a description says of these products: ranges behind the name, or the bare name where it opens with it."""
    text = description[:_LONGEST]
    return tuple(entry for product in products if (entry := _told(text, product)) is not None)


def fixes_told(description: str) -> tuple[str, ...]:
    """The versions a description says the flaw is fixed in."""
    lists = _FIXED_IN.findall(description[:_LONGEST])
    return tuple(dict.fromkeys(number for each in lists for number in _NUMBER.findall(each)))


def _told(text: str, product: Product) -> AffectedProduct | None:
    names = [name for name in (product.name, *product.names) if len(name) >= _SHORTEST_NAME and "*" not in name]
    for name in sorted(names, key=len, reverse=True):
        for match in re.finditer(rf"{_NOT_AFTER}{re.escape(name)}{_ASIDE}", text, re.IGNORECASE):
            told = _range_after(text, match.end())
            if told is not None:
                is_cloud_spared = _SELF_HOSTED.search(match[0]) is not None
                return AffectedProduct(product=name, ranges=(told,), is_cloud_spared=is_cloud_spared)
    opening = next((name for name in names if re.match(rf"{_LEAD}{re.escape(name)}\b", text, re.IGNORECASE)), None)
    return AffectedProduct(product=opening) if opening else None


def _range_after(text: str, place: int) -> VersionRange | None:
    earliest = _EARLIEST.search(text)
    introduced = earliest[1] if earliest else None
    if match := _FROM_BEFORE.match(text, place):
        return VersionRange(introduced=match[1], fixed=match[2])
    if match := _FROM_TO.match(text, place):
        return VersionRange(introduced=match[1], last_affected=match[2])
    if match := _BEFORE.match(text, place):
        return VersionRange(introduced=introduced, fixed=match[1])
    if match := _THROUGH.match(text, place):
        return VersionRange(introduced=introduced, last_affected=match[1])
    match = _ONE.match(text, place)
    return VersionRange(exact=match[1]) if match else None
