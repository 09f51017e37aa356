"""Which version one upgrade has to reach so that everything that is wanted of it is fixed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any

from packaging.version import InvalidVersion, Version

_PART = re.compile(r"\d+|[a-z]+")


def target_version(needs: Sequence[Sequence[str]], current: str) -> str:
    """The least version above `current` that fixes every need (first fixed versions, one a branch); "" without needs.

    Versions no scheme can order are ordered by their numbers and letters.
    """
    names = {version for versions in needs for version in versions if version.strip()}
    if not names:
        return ""
    key = _key_for([*names, *([current] if current else [])])
    ordered = sorted(names, key=lambda version: (key(version), version))
    above = [version for version in ordered if not current or key(version) > key(current)]
    for version in above:
        if all(_fixes(version, versions, key) for versions in needs if versions):
            return version
    return ordered[-1]


def _fixes(version: str, fixed: Sequence[str], key: Callable[[str], Any]) -> bool:
    """Whether it lies at or above the fix of its branch, the one that shares the most leading numbers with it."""
    shared = {each: _shared(version, each) for each in fixed}
    nearest = [each for each in fixed if shared[each] == max(shared.values())]
    return all(key(each) <= key(version) for each in nearest) or all(key(each) <= key(version) for each in fixed)


def _shared(one: str, other: str) -> int:
    pairs = zip(_PART.findall(one.lower()), _PART.findall(other.lower()), strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _key_for(versions: Sequence[str]) -> Callable[[str], Any]:
    try:
        for version in versions:
            Version(version)
    except InvalidVersion:
        return _by_parts
    return Version


def _by_parts(version: str) -> list[tuple[bool, int, str]]:
    parts = _PART.findall(version.lower())
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]
