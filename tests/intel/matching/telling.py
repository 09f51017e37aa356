"""What rows of claims say together, for the judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from passmuster.intel.matching.judging import Told
from passmuster.intel.matching.spans import span_of
from passmuster.intel.versions.scheme import Scheme
from passmuster.model.advisory import RangeStatus, VersionRange


def told_of(claims: Sequence[tuple[Any, ...]]) -> Told:
    """What rows of claims (scheme, status, default status, then the ends) say together of one package."""
    spans, rest = [], RangeStatus.UNKNOWN
    for scheme, status, default, introduced, fixed, last, exact in claims:
        if default and RangeStatus(default) is not RangeStatus.UNKNOWN:
            rest = RangeStatus(default)
        told = VersionRange(RangeStatus(status), introduced, fixed, last, exact)
        span = span_of(told, Scheme(scheme))
        if span is not None:
            spans.append(span)
    fixes = tuple((span.told.fixed or "", span.fix) for span in spans if span.fix is not None)
    return Told(tuple(spans), fixes, rest=rest)
