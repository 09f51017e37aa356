"""What a CVE record says is affected: versions, whole ranges inside one string, changes within a range."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from passmuster.intel.feeds.fields import Fields
from passmuster.intel.feeds.ordering import order_of
from passmuster.intel.ranges import is_every, is_nothing, parse_ranges
from passmuster.model.advisory import AffectedProduct, RangeStatus, VersionRange

_STATUSES = tuple(RangeStatus)


def read_affected(entry: Fields, *, is_hosted_only: bool) -> AffectedProduct:
    """One product with its ranges; complains of statuses that are none."""
    told = _status(entry, "defaultStatus")
    default = told or RangeStatus.UNKNOWN
    ranges = tuple(each for version in entry.mappings("versions") for each in _ranges(version))
    if told is RangeStatus.UNKNOWN and _are_samples(ranges):
        ranges = (*ranges, VersionRange(status=RangeStatus.UNKNOWN))
    return AffectedProduct(
        vendor=_name(entry, "vendor"),
        product=_name(entry, "product"),
        package=_name(entry, "packageName"),
        collection=entry.text("collectionURL"),
        purl=entry.text("packageURL"),
        cpes=entry.texts("cpes"),
        platforms=tuple(word for word in entry.texts("platforms") if not is_nothing(word)),
        default_status=default,
        ranges=ranges,
        fixed_versions=tuple(dict.fromkeys(fixed_versions(ranges))),
        is_hosted_only=is_hosted_only,
    )


def _are_samples(ranges: Sequence[VersionRange]) -> bool:
    """Whether single versions alone are told: of the others a publisher who writes `unknown` claims nothing.

    Beside a range `unknown` is what many publishers write of the rest without a thought, as is leaving it out.
    """
    is_single = all(each.exact is not None for each in ranges)
    return is_single and any(each.status is RangeStatus.AFFECTED for each in ranges)


def _name(entry: Fields, name: str) -> str:
    text = entry.text(name).strip()
    return "" if is_nothing(text) else text


def _status(entry: Fields, name: str, *, required: bool = False) -> RangeStatus | None:
    word = entry.text(name, required=required)
    if not word:
        return None
    if word not in _STATUSES:
        entry.complain(name, f"{word[:20]!r} is none of {', '.join(_STATUSES)}")
        return None
    return RangeStatus(word)


def _ranges(version: Fields) -> Iterator[VersionRange]:
    text = version.text("version", required=True)
    status = _status(version, "status", required=True) or RangeStatus.UNKNOWN
    scheme = version.text("versionType")
    less, at_most = version.text("lessThan"), version.text("lessThanOrEqual")
    if not less and not at_most and not version.has("changes"):
        yield from parse_ranges(text, status=status, scheme=scheme)
        return
    first = VersionRange(
        status=status,
        introduced=_start(text),
        fixed=None if not less or is_every(less) else _end(less, "<"),
        last_affected=None if less or not at_most or is_every(at_most) else _end(at_most, "<="),
        scheme=scheme,
    )
    yield from _split(first, list(version.mappings("changes")))


def _start(text: str) -> str | None:
    """The lower bound: `n/a`, `unspecified` and `*` are none; an operator before it is taken away."""
    if is_nothing(text) or is_every(text):
        return None
    found = parse_ranges(text)
    if len(found) == 1 and found[0].introduced and not found[0].fixed and not found[0].last_affected:
        return found[0].introduced
    return text.strip()


def _end(text: str, operator: str) -> str:
    """The upper bound as it is, but for an operator that repeats what the field's name says."""
    stripped = text.strip()
    return stripped.removeprefix(operator).strip() or stripped


def _split(whole: VersionRange, changes: list[Fields]) -> Iterator[VersionRange]:
    """The range cut where its status changes; an affected stretch that ends where it is unaffected is fixed there."""
    current = whole
    for change in _in_order(changes):
        at, status = change.text("at", required=True), _status(change, "status", required=True)
        if not at or status is None or status is current.status:
            continue
        if at != current.introduced:
            yield replace(current, fixed=at, last_affected=None)
        current = replace(whole, status=status, introduced=at)
    is_tail_empty = current.status is not whole.status and current.last_affected is not None
    # Some authorities write "up to 1.3.17, changed at 1.3.18": nothing lies after the change.
    if not is_tail_empty:
        yield current


def _in_order(changes: list[Fields]) -> list[Fields]:
    """Changes by version, which the format does not promise; as they were given where one cannot be ordered."""
    keys = [order_of(str(change.values.get("at"))) for change in changes]
    ordered = [key for key in keys if key is not None]
    return (
        changes
        if len(ordered) < len(changes)
        else [changes[n] for n in sorted(range(len(keys)), key=ordered.__getitem__)]
    )


def fixed_versions(ranges: Iterable[VersionRange]) -> Iterator[str]:
    """First versions with the fix: where an affected range ends, and what is marked unaffected from some version on.

    A bound that is a pattern (`3.0.*`) or no version is none of them, nor is the excluded start of a range (`> 2.0`).
    """
    told = tuple(ranges)
    starts = {each.introduced for each in told if each.status is RangeStatus.AFFECTED}
    for each in told:
        if each.status is RangeStatus.AFFECTED:
            candidate = each.fixed
        elif each.status is RangeStatus.UNAFFECTED:
            is_open = each.fixed is None and each.last_affected is None
            exact = None if each.exact in starts else each.exact
            candidate = exact or (each.introduced if is_open else None)
        else:
            candidate = None
        if candidate and "*" not in candidate and candidate != "0" and not is_nothing(candidate):
            yield candidate
