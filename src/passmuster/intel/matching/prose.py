"""Products, versions and fixes told in a sentence: many records name them nowhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from passmuster.intel.catalogue.entry import Product
from passmuster.model.advisory import AffectedProduct, VersionRange

_LONGEST = 4_000
_SHORTEST_NAME = 3
# Letters that stand for plain ones where case does not count: long s, Kelvin's K, i with and without its dot.
_ALIKE = tuple(json.dumps(letter).strip('"') for letter in "\u017f\u212a\u0130\u0131")
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
_FROM_TO = re.compile(
    rf"\s*(?:versions?\s+)?(?:from\s+)?{_VERSION}\s+(?:through|to|up\s+to)\s+{_VERSION}", re.IGNORECASE
)
_FROM_BEFORE = re.compile(
    rf"\s*(?:versions?\s+)?(?:from\s+)?{_VERSION},?\s+(?:and\s+)?(?:to\s+)?(?:before|prior\s+to)\s+{_VERSION}",
    re.IGNORECASE,
)
_ONE = re.compile(rf"\s*(?:versions?\s+)?{_VERSION}", re.IGNORECASE)
_NAMED = r"v?\d+(?:\.\d+)+(?:-[a-z]+(?:\.?\d+)*)?"
_LIST = rf"{_NAMED}(?:(?:,\s*(?:and\s+)?|\s+and\s+){_NAMED})*"
# "Service Studio 11 11.53.30": the first number is of the product's name.
_EDITION = re.compile(r"\s+v?\d{1,4}(?=\s+v?\d+\.\d)")
_MANY = re.compile(rf"\s*(?:versions?\s+)?({_LIST})", re.IGNORECASE)
_FIXED_IN = re.compile(
    r"\b(?:fix(?:ed)?|patch(?:ed)?|addressed|resolved|remediated)\b[^.]{0,60}?\b(?:in|by|with)\s+"
    rf"(?:(?:the|releases?|versions?|patch|infinity)\s+|(?:[\w@/-]+\s+){{1,2}}versions?\s+){{0,3}}({_LIST})",
    re.IGNORECASE,
)
_HOLDS_FIX = re.compile(
    rf"\bversions?\s+({_LIST})\s+(?:fix(?:es)?|patch(?:es)?|address(?:es)?|resolves?|contains?\s+(?:a|the)\s+(?:fix|patch))\b",
    re.IGNORECASE,
)
_BEFORE_LIST = re.compile(rf"\b(?:before|prior\s+to)\s+(?:versions?\s+)?({_LIST})", re.IGNORECASE)
_UPGRADE_TO = re.compile(
    rf"\b(?:upgrad|updat)(?:e|ing)\b[^.]{{0,80}}?\bto\s+(?:the\s+)?(?:versions?\s+|releases?\s+)?(?:>=\s*)?({_LIST})",
    re.IGNORECASE,
)
_UP_TO = re.compile(rf"\b(?:up\s+to(?:\s+and\s+including)?|through)\s+(?:versions?\s+)?({_NAMED})", re.IGNORECASE)
_NUMBER = re.compile(_NAMED.removeprefix("v?"), re.IGNORECASE)
_LEAD = r"^(?:an?\s[^.]{0,80}\s(?:in|of)\s+)?"


def told_in_prose(
    description: str, products: Iterable[Product], catalogue: Iterable[Product] = ()
) -> tuple[AffectedProduct, ...]:
    """What a description says of these products: ranges behind the name, or the bare name where it opens with it.

    A name that goes on to be a longer one of the `catalogue` (`OutSystems Service Studio`) is that one's.
    """
    text = description[:_LONGEST]
    known = tuple(catalogue)
    return tuple(entry for product in products if (entry := _told(text, product, known)) is not None)


def texts_in_prose(products: Iterable[Product]) -> tuple[str, ...] | None:
    """Texts one of which a record (as ASCII JSON, lower case) holds where `told_in_prose` finds one of the products.

    None where that cannot be said beforehand.
    """
    names = [name.lower() for product in products for name in _names_of(product)]
    return (*names, *_ALIKE) if all(json.dumps(name) == f'"{name}"' for name in names) else None


def fixes_told(description: str) -> tuple[str, ...]:
    """The versions a description says the flaw is fixed in."""
    text = description[:_LONGEST]
    return _numbers([*_FIXED_IN.findall(text), *_HOLDS_FIX.findall(text)])


def ends_told(texts: Iterable[str]) -> tuple[str, ...]:
    """The versions before which texts say all are affected, or to which to upgrade: a fix, where none is named."""
    found = [
        each for text in texts for pattern in (_BEFORE_LIST, _UPGRADE_TO) for each in pattern.findall(text[:_LONGEST])
    ]
    return _numbers(found)


def last_told(text: str) -> str | None:
    """The version up to which a text says that something is affected; None where it names none, or several."""
    found = set(_UP_TO.findall(text[:_LONGEST]))
    return found.pop() if len(found) == 1 else None


def _numbers(lists: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(number for each in lists for number in _NUMBER.findall(each)))


def _told(text: str, product: Product, catalogue: Sequence[Product]) -> AffectedProduct | None:
    names = _names_of(product)
    # A name that needs its vendor beside it may be an ordinary word (`make`): it counts as the vendor writes it.
    case = "" if product.vendors else "(?i)"
    for name in sorted(names, key=len, reverse=True):
        for match in re.finditer(rf"{case}{_NOT_AFTER}{re.escape(name)}(?i:{_ASIDE})", text):
            told = _ranges_after(text, match.end())
            if told:
                is_cloud_spared = _SELF_HOSTED.search(match[0]) is not None
                return AffectedProduct(product=name, ranges=told, is_cloud_spared=is_cloud_spared)
    opening = next((name for name in names if _opens(text, name, catalogue)), None)
    return AffectedProduct(product=opening) if opening else None


def _names_of(product: Product) -> list[str]:
    return [name for name in (product.name, *product.names) if len(name) >= _SHORTEST_NAME and "*" not in name]


def _opens(text: str, name: str, catalogue: Iterable[Product]) -> bool:
    match = re.match(rf"{_LEAD}({re.escape(name)})(?![\w-])", text, re.IGNORECASE)
    if match is None:
        return False
    rest = text[match.start(1) :].casefold()
    longer = (other for product in catalogue for other in (product.name, *product.names) if len(other) > len(name))
    return not any(rest.startswith(other.casefold()) for other in longer)


def _ranges_after(text: str, place: int) -> tuple[VersionRange, ...]:
    edition = _EDITION.match(text, place)
    place = edition.end() if edition else place
    told = _range_after(text, place)
    many = _MANY.match(text, place)
    listed = _NUMBER.findall(many[1]) if many else []
    if len(listed) > 1 and (told is None or told.exact is not None):
        return tuple(VersionRange(exact=number) for number in listed)
    return (told,) if told is not None else ()


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
