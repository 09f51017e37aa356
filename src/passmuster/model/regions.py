"""Where in the world a thing runs, by the words of vendors and clouds: only to tell what is surely elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

_EU = "at be bg hr cy cz dk ee fi fr de gr hu ie it lv lt lu mt nl pl pt ro sk si es se"
_EUROPE = f"{_EU} gb ch no is li"
_NORTH_AMERICA = "us ca mx"
_SOUTH_AMERICA = "br ar cl co pe"
_ASIA_PACIFIC = "au nz jp kr in sg hk tw cn id my th ph vn"
_GULF_AND_AFRICA = "ae sa qa il za eg ke ng"
_GROUPS: Mapping[str, str] = {
    "eu": _EU,
    "european union": _EU,
    "eea": f"{_EU} no is li",
    "europe": _EUROPE,
    "emea": f"{_EUROPE} {_GULF_AND_AFRICA}",
    "north america": _NORTH_AMERICA,
    "na": _NORTH_AMERICA,
    "noram": _NORTH_AMERICA,
    "namer": _NORTH_AMERICA,
    "south america": _SOUTH_AMERICA,
    "latam": f"{_SOUTH_AMERICA} mx",
    "latin america": f"{_SOUTH_AMERICA} mx",
    "americas": f"{_NORTH_AMERICA} {_SOUTH_AMERICA}",
    "amer": f"{_NORTH_AMERICA} {_SOUTH_AMERICA}",
    "apac": _ASIA_PACIFIC,
    "asia pacific": _ASIA_PACIFIC,
    "asia": _ASIA_PACIFIC,
}
_COUNTRIES: Mapping[str, str] = {
    "us": "usa, united states, united states of america",
    "ca": "canada",
    "mx": "mexico",
    "br": "brazil",
    "gb": "uk, united kingdom, great britain",
    "ie": "ireland",
    "de": "germany",
    "fr": "france",
    "nl": "netherlands",
    "ch": "switzerland",
    "no": "norway",
    "se": "sweden",
    "pl": "poland",
    "it": "italy",
    "es": "spain",
    "au": "australia",
    "nz": "new zealand",
    "jp": "japan",
    "kr": "korea, south korea",
    "in": "india",
    "sg": "singapore",
    "hk": "hong kong",
    "ae": "uae, united arab emirates",
    "za": "south africa",
    "il": "israel",
}
# Names of data centres as Azure, AWS and Google Cloud write them, without blanks and dashes.
_CENTRES = (
    (re.compile(r"(north|south|west|east)?(west|east|north|south)?(central)?us(gov\w*)?\d*"), "us"),
    (re.compile(r"us(gov)?(north|south|east|west|central)+\d*"), "us"),
    (re.compile(r"westeurope"), "nl"),
    (re.compile(r"(northeurope|euwest1)"), "ie"),
    (re.compile(r"(euwest2|europewest2|uk(south|west)\d?)"), "gb"),
    (re.compile(r"eu(rope)?(north|south|east|west|central)+\d*"), _EUROPE),
    (re.compile(r"(southeastasia|apsoutheast1)"), "sg"),
    (re.compile(r"(ap|asia|australia)(north|south|east|west|central)+\d*"), _ASIA_PACIFIC),
)
_JOINTS = re.compile(r"[^a-z0-9]+")


def _known() -> dict[str, frozenset[str]]:
    found = {_squeeze(name): frozenset(codes.split()) for name, codes in _GROUPS.items()}
    for codes in (_EUROPE, _NORTH_AMERICA, _SOUTH_AMERICA, _ASIA_PACIFIC, _GULF_AND_AFRICA):
        found |= {code: frozenset({code}) for code in codes.split() if code not in found}
    for code, names in _COUNTRIES.items():
        found |= {_squeeze(name): frozenset({code}) for name in names.split(",")}
    return found


def _squeeze(text: str) -> str:
    return _JOINTS.sub("", text.lower())


_KNOWN = _known()
_EVERYWHERE = frozenset({"global", "worldwide", "world", "all", "allregions", "everywhere"})


def countries_of(region: str) -> frozenset[str] | None:
    """The countries a region may lie in, by ISO 3166-1 in small letters; None where the word is not known."""
    word = _squeeze(region)
    if word in _KNOWN:
        return _KNOWN[word]
    for pattern, codes in _CENTRES:
        if pattern.fullmatch(word):
            return frozenset(codes.split())
    # A country's data centres are called after it: `germanywestcentral`, `francecentral`.
    stem = re.sub(r"(north|south|east|west|central)+\d*$", "", word)
    return _KNOWN.get(stem) if len(stem) > 2 else None


def do_meet(told: Collection[str], ours: Collection[str]) -> bool | None:
    """Whether what is told of some regions concerns what runs in ours: False only where they are surely apart.

    None where ours is not known (empty), or words cannot be held against each other. Told of none is told of all.
    """
    if not told or any(_squeeze(each) in _EVERYWHERE for each in told):
        return True
    answers = [_is_same(one, other) for one in told for other in ours]
    if not answers:
        return None
    return True if True in answers else None if None in answers else False


def _is_same(one: str, other: str) -> bool | None:
    if _squeeze(one) == _squeeze(other):
        return True
    here, there = countries_of(one), countries_of(other)
    return None if here is None or there is None else bool(here & there)


def listed(regions: Iterable[str]) -> str:
    """Regions in a sentence."""
    return ", ".join(regions)
