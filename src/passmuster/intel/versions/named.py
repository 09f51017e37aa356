"""Releases with names in place of numbers: ServiceNow's families and Salesforce's seasons."""

from __future__ import annotations

import re

from passmuster.intel.versions.key import Key

FAMILIES = (
    "aspen", "berlin", "calgary", "dublin", "eureka", "fuji", "geneva", "helsinki", "istanbul", "jakarta", "kingston",
    "london", "madrid", "new york", "orlando", "paris", "quebec", "rome", "san diego", "tokyo", "utah", "vancouver",
    "washington dc", "xanadu", "yokohama", "zurich", "australia", "brazil",
)  # fmt: skip
_FAMILY = "|".join(sorted((name.replace(" ", "[ ]?") for name in FAMILIES), key=len, reverse=True))
_RELEASE = re.compile(
    rf"^(?:servicenow )?(?:glide )?({_FAMILY})(?: \d\d \d\d \d{{4}})?"
    r"(?: (?:patch|p) ?(\d+)([a-z])?)?(?: (?:hot ?fix|hf) ?(\d+)([a-z])?)?"
    r"(?: (?:ga|ea|general availability|early availability|release))*(?: \d\d \d\d \d{4})*(?: \d{4})?$"
)
_SEASON = re.compile(r"^(winter|spring|summer)\s*['’`]?\s*(\d{2}|\d{4})$")
# Winter '25 comes out in October 2024, before Spring '25.
_SEASONS = ("winter", "spring", "summer")


def servicenow_key(text: str) -> Key | None:
    """Family, patch and hot fix, as told (`Utah Patch 10a Hot Fix 2b`) or in an instance's build name; else None."""
    plain = re.sub(r"[\s_\-.,()]+", " ", text.casefold()).strip()
    match = _RELEASE.match(plain)
    if not match:
        return None
    names = {name.replace(" ", ""): number for number, name in enumerate(FAMILIES)}
    family = names[match[1].replace(" ", "")]
    return Key("servicenow", (family, int(match[2] or 0), match[3] or "", int(match[4] or 0), match[5] or ""))


def salesforce_key(text: str) -> Key | None:
    """A season and its year (`Spring 2025`, `Summer '24`); else None."""
    match = _SEASON.match(text.strip().casefold())
    if not match:
        return None
    year = int(match[2])
    return Key("salesforce", (year + 2000 if year < 100 else year, _SEASONS.index(match[1])))
