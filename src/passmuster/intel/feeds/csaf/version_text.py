"""Versions as CSAF branches name them, and when such a text cannot be told."""

from __future__ import annotations

import re

from passmuster.intel.ranges import is_every, is_nothing, parse_ranges
from passmuster.model.advisory import RangeStatus, VersionRange

# Schemes of `vers:` that tell nothing of how versions are ordered.
_PLAIN_SCHEMES = ("all", "generic", "intdot", "none")
_VERSION = re.compile(r"[vV]?\.?\d[\w.+:~-]*")


def read_versions(text: str, status: RangeStatus, *, is_range: bool) -> tuple[VersionRange, ...] | None:
    """The ranges of one version text; None where it says nothing, or is for ranges (`is_range`) and tells none."""
    text = " ".join(text.split())
    found = parse_ranges(text, status=status, scheme=_scheme(text))
    if is_nothing(text) or not found:
        return None
    is_lone = len(found) == 1 and found[0].exact == text
    if is_lone and is_range and not _VERSION.fullmatch(text):
        return (VersionRange(status=status),) if is_every(text.partition("/")[0]) else None
    return found


def _scheme(text: str) -> str:
    scheme = text[5:].partition("/")[0].lower() if text.lower().startswith("vers:") else ""
    return "" if scheme in _PLAIN_SCHEMES else scheme


def is_vers(text: str) -> bool:
    """Whether a text is a range written as `vers:SCHEME/...`, whatever would be expected in its place."""
    return re.match(r"vers:[a-z0-9.+-]*/", text) is not None
