"""What an OSV record says is affected: events in order become ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from passmuster.intel.feeds.fields import Fields
from passmuster.model.advisory import AffectedProduct, RangeStatus, VersionRange

_EVENTS = ("introduced", "fixed", "last_affected", "limit")
_MOST_LISTED = 100
Events = list[tuple[str, str]]
_SCHEMES = frozenset({"SEMVER", "ECOSYSTEM", "GIT"})


def read_affected(entry: Fields, *, cpes: tuple[str, ...]) -> AffectedProduct:
    """The package, its ranges and the versions listed; complains of events that are none."""
    package = entry.mapping("package")
    ecosystem = package.text("ecosystem", required=bool(package.values))
    name = package.text("name", required=bool(package.values))
    if not package.values and not entry.has("ranges"):
        entry.complain("package", "is missing")
    ranges: list[VersionRange] = []
    fixed: list[str] = []
    for block in entry.mappings("ranges"):
        scheme, events = _events(block)
        ranges += pair_events(events, scheme)
        fixed += [version for name, version in events if name == "fixed" and scheme != "git"]
    return AffectedProduct(
        product=name or _repository(entry),
        package=name,
        collection=ecosystem,
        purl=package.text("purl"),
        cpes=cpes,
        default_status=RangeStatus.UNAFFECTED,
        ranges=(*ranges, *_listed(entry, ranges)),
        fixed_versions=tuple(dict.fromkeys(fixed)),
    )


def _listed(entry: Fields, ranges: list[VersionRange]) -> Iterator[VersionRange]:
    """The versions listed one by one; a long list beside ranges only spells out what the ranges say."""
    versions = entry.texts("versions")
    if len(versions) <= _MOST_LISTED or all(each.scheme == "git" for each in ranges):
        yield from (VersionRange(exact=version, scheme="listed") for version in versions)


def _repository(entry: Fields) -> str:
    for block in entry.mappings("ranges"):
        address = block.text("repo").rstrip("/")
        if address:
            return address.rpartition("/")[2].removesuffix(".git")
    return ""


def _events(block: Fields) -> tuple[str, Events]:
    scheme = block.text("type", required=True)
    if scheme and scheme not in _SCHEMES:
        block.complain("type", f"{scheme[:20]!r} is none of {', '.join(sorted(_SCHEMES))}")
    events = list(block.mappings("events", required=True))
    if block.has("events") and not any(event.has("introduced") for event in events):
        block.complain("events", "none of them says where it was introduced")
    return scheme.lower(), [pair for event in events for pair in _event(event)]


def _event(event: Fields) -> Iterator[tuple[str, str]]:
    found = [(name, event.text(name, required=True)) for name in _EVENTS if event.has(name)]
    if not found:
        event.complain("", f"names none of {', '.join(_EVENTS)}")
    yield from found


def pair_events(events: Events, scheme: str) -> Iterator[VersionRange]:
    """Events as ranges: each `introduced` with the first end after it; an end of what is closed already says no more.

    `limit` is where the record stops speaking: it ends what is still open, and mends nothing.
    """
    limit = next((version for name, version in events if name == "limit" and version != "*"), None)
    opened: str | None = None
    for name, version in _in_order([event for event in events if event[0] != "limit"], scheme):
        if name == "introduced":
            # Introduced again while open is the same stretch.
            opened = version if opened is None else opened
        elif opened is not None:
            fixed, last = (version, None) if name == "fixed" else (None, version)
            yield VersionRange(introduced=opened, fixed=fixed, last_affected=last, scheme=scheme)
            opened = None
    if opened is not None:
        yield VersionRange(introduced=opened, fixed=limit, scheme=scheme)


def _in_order(events: Events, scheme: str) -> Events:
    """Events by version, as the format means them, unless they were given in pairs or cannot be ordered.

    Pairs that overlap (14.0 to 14.14.1, 14.14.0 to 14.20) are meant as they stand; sorted, a part would be lost. Of the
    same version events stay in their order: a start and an end of it are an empty stretch, not an open one.
    """
    keys = [key for _, version in events if (key := _order_of(version)) is not None]
    if len(keys) < len(events) or (scheme != "semver" and not all(key.is_release for key in keys)):
        return events
    are_pairs = all((name == "introduced") == (place % 2 == 0) for place, (name, _) in enumerate(events))
    if are_pairs and all(start <= end for start, end in zip(keys[::2], keys[1::2], strict=False)):
        return events
    order = sorted(range(len(events)), key=keys.__getitem__)
    return [events[place] for place in order]


class _Order(NamedTuple):
    numbers: tuple[int, ...]
    is_release: bool
    before_release: tuple[tuple[int, int, str], ...]


def _order_of(version: str) -> _Order | None:
    """The place of a version by the rules of semantic versioning; None where it is none."""
    match = re.fullmatch(r"v?(\d{1,9}(?:\.\d{1,9}){0,5})(?:-([0-9A-Za-z.-]+))?(?:\+.*)?", version)
    if match is None:
        return None
    numbers = tuple(map(int, match[1].split(".")))
    parts = (match[2] or "").split(".")
    marks = tuple((0, int(part[:18]), "") if part.isdigit() else (1, 0, part) for part in parts)
    return _Order((*numbers, *(0,) * (6 - len(numbers))), match[2] is None, marks)
