"""The decision points of SSVC in its namespaces `ssvc` and `cvss` in October 2026 (github.com/CERTCC/SSVC)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Point:
    """A decision point in one version. `values` are keys and names, in their order."""

    name: str
    values: tuple[tuple[str, str], ...]


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


@cache
def _points() -> dict[tuple[str, str], dict[tuple[int, ...], Point]]:
    text = files("passmuster.intel.feeds.csaf").joinpath("ssvc_points.csv").read_text(encoding="utf-8")
    found: dict[tuple[str, str], dict[tuple[int, ...], Point]] = {}
    for row in csv.DictReader(text.splitlines()):
        values = tuple((key, name) for key, _, name in (each.partition(":") for each in row["values"].split("|")))
        versions = found.setdefault((row["namespace"], row["key"]), {})
        versions[_version(row["version"])] = Point(row["name"], values)
    return found


@cache
def _namespaces() -> frozenset[str]:
    return frozenset(namespace for namespace, _ in _points())


def is_listed(namespace: str) -> bool:
    """Whether the points of the namespace are known here at all."""
    return namespace in _namespaces()


def is_newer(namespace: str, key: str, version: str) -> bool:
    """Whether the version (numbers and stops) is newer than the list, so that it cannot be judged."""
    known = _points().get((namespace, key), {})
    return bool(known) and _version(version) > max(known)


def point(namespace: str, key: str, version: str) -> Point | None:
    """The decision point, None where there is none."""
    return _points().get((namespace, key), {}).get(_version(version))
