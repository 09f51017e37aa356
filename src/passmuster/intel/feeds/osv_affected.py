"""What an OSV record says is affected: events in order become ranges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from passmuster.intel.feeds.fields import Fields
from passmuster.intel.feeds.ordering import order_of
from passmuster.intel.ranges import parse_ranges
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
        ranges=(*_ended(entry, ranges), *_listed(entry, ranges)),
        fixed_versions=tuple(dict.fromkeys(fixed)),
    )


def _ended(entry: Fields, ranges: list[VersionRange]) -> Iterator[VersionRange]:
    """The ranges; an open one ends at the last version known to be affected, which some databases tell apart."""
    known = entry.mapping("database_specific").values.get("last_known_affected_version_range")
    bounds = parse_ranges(known) if isinstance(known, str) else ()
    last = bounds[0].last_affected if len(bounds) == 1 else None
    end = bounds[0].fixed if len(bounds) == 1 else None
    for each in ranges:
        is_open = each.fixed is None and each.last_affected is None and each.scheme != "git"
        yield replace(each, last_affected=last, fixed=end) if is_open and (last or end) else each


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
    keys = [key for _, version in events if (key := order_of(version)) is not None]
    if len(keys) < len(events) or (scheme != "semver" and not all(key.is_release for key in keys)):
        return events
    are_pairs = all((name == "introduced") == (place % 2 == 0) for place, (name, _) in enumerate(events))
    if are_pairs and all(start <= end for start, end in zip(keys[::2], keys[1::2], strict=False)):
        return events
    order = sorted(range(len(events)), key=keys.__getitem__)
    return [events[place] for place in order]
