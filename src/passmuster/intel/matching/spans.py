"""A record's ranges as places in an order, and where a version lies against them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from passmuster.intel.versions.key import Key
from passmuster.intel.versions.order import compare_keys, key_of
from passmuster.intel.versions.scheme import Scheme
from passmuster.intel.versions.wording import bare, means_every, means_first, tells_nothing
from passmuster.model.advisory import RangeStatus, VersionRange

_ANY_LATER = re.compile(r"^(.*?\d)(?:\.(?:x|\*))+$|^(\d.*?)\*$", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"\d+$")

Line = tuple[int, ...]
"""The numbers a product's name ends with: 9 and 1 of `Dynamics 365 (on-premises) version 9.1`."""


class Place(Enum):
    """Where a version lies against a span."""

    BELOW = auto()
    INSIDE = auto()
    ABOVE = auto()
    OUTSIDE = auto()
    """Not the one version named."""
    ELSEWHERE = auto()
    """On another line of releases; the span does not speak of it."""
    UNCLEAR = auto()


@dataclass(frozen=True)
class Span:
    """From `low` (None: the first version) to `high` (None: without end, exclusive unless `is_high_in`).

    `is_readable` is False where an end cannot be ordered or the ends contradict each other.
    """

    status: RangeStatus
    low: Key | None = None
    high: Key | None = None
    is_high_in: bool = False
    is_readable: bool = True
    is_single: bool = False
    line: Line = ()
    other_lines: tuple[Line, ...] = ()
    told: VersionRange = field(default_factory=VersionRange)

    @property
    def is_everything(self) -> bool:
        """Whether no version at all lies outside."""
        return self.is_readable and self.low is None and self.high is None and not self.line

    @property
    def fix(self) -> Key | None:
        """The first version after the span, where it is named."""
        return self.high if self.told.fixed is not None else None


def span_of(told: VersionRange, scheme: Scheme, *, line: Line = (), other_lines: tuple[Line, ...] = ()) -> Span | None:
    """The span a range tells; None where it tells nothing (`n/a`)."""
    if told.exact is not None:
        return _single(told, scheme, line, other_lines)
    low, is_low_read = (None, True) if means_first(told.introduced) else _end(told.introduced or "", scheme)
    high_text = told.fixed if told.fixed is not None else told.last_affected
    is_high_in = told.fixed is None and told.last_affected is not None
    high, is_high_read = (None, True) if _is_no_end(high_text) else _end(high_text or "", scheme, is_high_in=is_high_in)
    if is_high_in and high_text and _ANY_LATER.match(high_text.strip()):
        is_high_in = False
    order = compare_keys(low, high) if low is not None and high is not None else -1
    is_forward = order is not None and (order < 0 or (order == 0 and is_high_in))
    return Span(
        told.status,
        low,
        high,
        is_high_in=is_high_in,
        is_readable=is_low_read and is_high_read and is_forward,
        line=line if low is None or high is None else (),
        other_lines=other_lines if low is None or high is None else (),
        told=told,
    )


def place_of(version: Key, span: Span) -> Place:
    """Where `version` lies against `span`."""
    if not span.is_readable:
        return Place.UNCLEAR
    if span.line and not _is_on(version, span):
        return Place.ELSEWHERE
    after_low = 1 if span.low is None else compare_keys(version, span.low)
    before_high = -1 if span.high is None else compare_keys(version, span.high)
    if after_low is None or before_high is None:
        return Place.UNCLEAR
    if span.is_single:
        return Place.INSIDE if after_low == 0 else Place.OUTSIDE
    if after_low < 0:
        return Place.BELOW
    return Place.INSIDE if before_high < 0 or (before_high == 0 and span.is_high_in) else Place.ABOVE


def is_same_text(version: str, span: Span) -> bool:
    """Whether the span names just this version, letter for letter but for case and what stands around it."""
    exact = span.told.exact
    return exact is not None and bare(exact).casefold() == bare(version).casefold()


def _single(told: VersionRange, scheme: Scheme, line: Line, other_lines: tuple[Line, ...]) -> Span | None:
    text = (told.exact or "").strip()
    if tells_nothing(text):
        return None
    if means_every(text):
        return Span(told.status, line=line, other_lines=other_lines, told=told)
    later = _ANY_LATER.match(text)
    if later:
        stem = later[1] or later[2]
        low, high = key_of(stem, scheme), _next_of(stem, scheme)
        return Span(told.status, low, high, is_readable=low is not None and high is not None, told=told)
    key = key_of(text, scheme)
    return Span(told.status, key, key, is_high_in=True, is_readable=key is not None, is_single=True, told=told)


def _end(text: str, scheme: Scheme, *, is_high_in: bool = False) -> tuple[Key | None, bool]:
    later = _ANY_LATER.match(text.strip())
    stem = (later[1] or later[2]) if later else text
    key = _next_of(stem, scheme) if later and is_high_in else key_of(stem, scheme)
    return key, key is not None


def _next_of(stem: str, scheme: Scheme) -> Key | None:
    return key_of(_LAST_NUMBER.sub(lambda number: str(int(number[0]) + 1), stem), scheme)


def _is_no_end(text: str | None) -> bool:
    return text is None or means_every(text) or tells_nothing(text)


def _is_on(version: Key, span: Span) -> bool:
    if version.family not in ("number", "year", "date"):
        return False
    numbers: tuple[int, ...] = version.order[0]
    own = span.line
    more_exact = [line for line in span.other_lines if len(line) > len(own) and line[: len(own)] == own]
    return _starts(numbers, own) and not any(_starts(numbers, line) for line in more_exact)


def _starts(numbers: tuple[int, ...], line: Line) -> bool:
    padded = (*numbers, *(0 for _ in line))
    return padded[: len(line)] == line
