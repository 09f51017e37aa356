"""Names of the weaknesses in MITRE's Common Weakness Enumeration, versions 1.0 to 4.20 (cwe.mitre.org)."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

_NEWEST = (4, 20)


@cache
def _history() -> dict[str, tuple[tuple[tuple[int, ...], str], ...]]:
    """Of each weakness the versions from which on it had a name, and the name, in order."""
    text = files("passmuster.intel.feeds.csaf").joinpath("cwe_names.csv").read_text(encoding="utf-8")
    found: dict[str, list[tuple[tuple[int, ...], str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(f"CWE-{row['id']}", []).append((_version(row["since"]), row["name"]))
    return {name: tuple(sorted(given)) for name, given in found.items()}


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


@cache
def cwe_names() -> dict[str, tuple[str, ...]]:
    """All names each weakness (`CWE-79`) ever had, the present one last."""
    return {name: tuple(each for _, each in given) for name, given in _history().items()}


@cache
def all_cwe_names() -> frozenset[str]:
    """Every name of any weakness."""
    return frozenset(each for names in cwe_names().values() for each in names)


def cwe_name_at(name: str, version: str) -> str | None:
    """The name a weakness had in a version; "" where it was none yet, None where the version is newer than the list."""
    asked = _version(version)
    if asked > _NEWEST:
        return None
    return next((each for since, each in reversed(_history().get(name, ())) if since <= asked), "")
