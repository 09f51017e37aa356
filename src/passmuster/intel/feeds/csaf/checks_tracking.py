"""Tests of the revision history and the document's version (6.1.14 to 6.1.22, 6.1.30)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cmp_to_key
from itertools import pairwise
from typing import Any

from passmuster.intel.feeds.csaf.walk import Complaint, Csaf

_HISTORY = "document.tracking.revision_history"
_VERSION = "document.tracking.version"


def _core(number: str) -> tuple[int, ...]:
    """The numbers of a version, without pre-release and build."""
    return tuple(int(part) for part in re.split(r"[-+]", number, maxsplit=1)[0].split("."))


def _prerelease(number: str) -> str:
    return number.split("+", maxsplit=1)[0].partition("-")[2]


def _compare_identifiers(one: str, other: str) -> int:
    if one.isdigit() and other.isdigit():
        return (int(one) > int(other)) - (int(one) < int(other))
    if one.isdigit() != other.isdigit():
        return -1 if one.isdigit() else 1
    return (one > other) - (one < other)


def compare_versions(one: str, other: str) -> int:
    """-1, 0 or 1 by semantic versioning (2.0.0, section 11); a whole number is a version of one part."""
    left, right = _core(one), _core(other)
    if left != right:
        return 1 if left > right else -1
    before, after = _prerelease(one), _prerelease(other)
    if not before or not after:
        return bool(after) - bool(before)
    mine, theirs = before.split("."), after.split(".")
    for first, second in zip(mine, theirs, strict=False):
        if order := _compare_identifiers(first, second):
            return order
    return (len(mine) > len(theirs)) - (len(mine) < len(theirs))


_BY_VERSION = cmp_to_key(compare_versions)


def _numbers(csaf: Csaf) -> list[tuple[str, str]]:
    return [(path, entry["number"]) for _, (path, entry) in csaf.revisions]


def _by_time(csaf: Csaf) -> list[tuple[Any, str]]:
    """Time and number of each revision, oldest first; of one instant by number."""
    found = [(time, entry["number"]) for time, (_, entry) in csaf.revisions]
    return sorted(found, key=lambda each: (each[0], _BY_VERSION(each[1])))


def unsorted_history(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.14: a later revision has a lower number."""
    numbers = [number for _, number in _by_time(csaf)]
    for earlier, later in pairwise(numbers):
        if compare_versions(earlier, later) > 0:
            yield _HISTORY, f"by date {later} comes after {earlier}; correct the dates or the numbers"


def stale_version(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.16: the document's version is not that of its latest revision."""
    latest, version = _by_time(csaf)[-1][1], csaf.tracking["version"]
    same = compare_versions(latest, version) == 0
    if csaf.tracking["status"] == "draft":
        same = _core(latest) == _core(version)
    if not same:
        yield _VERSION, f"is {version!r}, the latest revision is {latest!r}; make them the same"


def draft_status(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.17: a version 0 or a pre-release that is no draft."""
    version = csaf.tracking["version"]
    if (_core(version)[0] == 0 or _prerelease(version)) and csaf.is_released:
        yield "document.tracking.status", f"version {version} is a draft's; set the status to draft"


def released_history(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.18: a released document with revisions of version 0."""
    for path, number in _numbers(csaf) if csaf.is_released else ():
        if _core(number)[0] == 0:
            yield path, f"{number} is a draft's number in a released document; remove the revision"


def prerelease_history(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.19: the history names pre-releases."""
    for path, number in _numbers(csaf):
        if _prerelease(number):
            yield path, f"{number} is a pre-release; the history holds none, remove it"


def prerelease_version(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.20: a released document whose version is a pre-release."""
    version = csaf.tracking["version"]
    if csaf.is_released and _prerelease(version):
        yield _VERSION, f"{version} is a pre-release in a released document; remove the part after the dash"


def missing_revisions(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.21: the history begins after 1, or leaves a (major) number out."""
    majors = sorted({_core(number)[0] for _, number in _numbers(csaf)})
    first = _core(_by_time(csaf)[0][1])[0]
    if first > 1:
        yield _HISTORY, f"begins with {first}; the first revision is 0 or 1"
    for earlier, later in pairwise(majors):
        if later != earlier + 1:
            yield _HISTORY, f"goes from {earlier} to {later}; add the revisions between"


def repeated_revisions(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.22: a number stands twice in the history."""
    numbers = [number for _, number in _numbers(csaf)]
    for path, number in _numbers(csaf):
        if numbers.index(number) != int(path.rpartition(".")[2]):
            yield path, f"the revision {number} is there already; give each its own number"


def mixed_numbering(csaf: Csaf) -> Iterator[Complaint]:
    """6.1.30: whole numbers and semantic versions side by side."""
    kinds = {"." in number for _, number in _numbers(csaf)} | {"." in csaf.tracking["version"]}
    if len(kinds) > 1:
        yield "document.tracking", "counts by whole numbers and by semantic versions; use one of them throughout"
