"""Texts of versions and ends of ranges as numbers that keep their order, scheme by scheme."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from passmuster.intel.matching.spans import Span, span_of
from passmuster.intel.versions.key import Key
from passmuster.intel.versions.scheme import Scheme
from passmuster.model.advisory import VersionRange

Ints = NDArray[np.int64]
Named = tuple[int, str]
"""A scheme by its place in `SCHEMES`, and a text."""
SCHEMES = tuple(Scheme)
_READ: Mapping[str, Callable[[str], VersionRange]] = {
    "introduced": lambda text: VersionRange(introduced=text),
    "fixed": lambda text: VersionRange(fixed=text),
    "last_affected": lambda text: VersionRange(last_affected=text),
    "exact": lambda text: VersionRange(exact=text),
}
ENDS = tuple(_READ)
TOP = 2**32 - 1
UNORDERED = TOP - 1
"""The rank of what has no place in any order."""


class Stretch(NamedTuple):
    """Ranks from `low` to before `high` in an order that has those from `first` to before `end`."""

    low: int = 0
    high: int = TOP
    first: int = 0
    end: int = TOP


EVERYTHING, NOTHING, UNREADABLE = Stretch(), Stretch(0, 0), Stretch(0, 0, 0, 0)


@dataclass(frozen=True)
class Texts:
    """The distinct (scheme, text) of a column, and for each row the place of its own; -1 where it is null."""

    names: Sequence[Named]
    place: Ints

    @staticmethod
    def of(column: pa.Array, scheme: Ints) -> Texts:
        """The texts of a column, each by the scheme of its row."""
        if column.null_count == len(column):
            return Texts((), np.full(len(column), -1, np.int64))
        encoded = column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()
        texts = encoded.dictionary.to_pylist()
        codes = np.asarray(encoded.indices.fill_null(len(texts)), np.int64)
        width = len(texts) + 1
        # Few of all that could be are there: marking them is quicker than sorting.
        is_there = np.zeros(len(SCHEMES) * width, bool)
        is_there[scheme * width + codes] = True
        is_there[len(texts) :: width] = False
        found = np.flatnonzero(is_there)
        place = np.full(len(is_there), -1, np.int64)
        place[found] = np.arange(len(found))
        names = [(each // width, texts[each % width]) for each in found.tolist()]
        return Texts(names, place[scheme * width + codes])


class Order:
    """The order of some keys, scheme by scheme, the families of a scheme one after the other."""

    def __init__(self, keys: Iterable[tuple[int, Key | None]]) -> None:
        families: dict[tuple[int, str], list[Any]] = {}
        for scheme, key in keys:
            if key is not None:
                families.setdefault((scheme, key.family), []).append(key.order)
        self._places = {name: _in_order(orders) for name, orders in families.items()}
        self._ends: dict[tuple[int, str], tuple[int, int]] = {}
        for scheme, family in sorted(families):
            first = max((end for (of, _), (_, end) in self._ends.items() if of == scheme), default=0)
            # One rank more than there are places: before the first of them.
            self._ends[scheme, family] = (first, first + len(self._places[scheme, family]) + 1)

    def rank(self, scheme: int, key: Key | None) -> int:
        """The rank of a key that was given; what comes at the same place has the same."""
        if key is None:
            return UNORDERED
        name = (scheme, key.family)
        return self._ends[name][0] + 1 + bisect_left(self._places[name], key.order)

    def stretch(self, scheme: int, span: Span | None) -> Stretch:
        """The ranks within a span; none where it tells nothing."""
        if span is None:
            return NOTHING
        if not span.is_readable:
            return UNREADABLE
        known = span.low or span.high
        if known is None:
            return EVERYTHING
        first, end = self._ends[scheme, known.family]
        low = first if span.low is None else self.rank(scheme, span.low)
        high = end if span.high is None else self.rank(scheme, span.high) + span.is_high_in
        return Stretch(low, high, first, end)


def _in_order(orders: Iterable[Any]) -> list[Any]:
    """In order, and of those that come at the same place one; not all of them can be hashed."""
    kept: list[Any] = []
    for order in sorted(orders):
        if not kept or kept[-1] < order:
            kept.append(order)
    return kept


def spans_of(column: str, texts: Texts) -> list[Span | None]:
    """What each text says where it stands alone in that column."""
    read = _READ[column]
    return [span_of(read(text), SCHEMES[scheme]) for scheme, text in texts.names]


def stretches(order: Order, columns: Sequence[Texts], spans: Sequence[Sequence[Span | None]]) -> tuple[Ints, ...]:
    """`low`, `high`, `first` and `end` of each claim, from what its ends say (columns as in `ENDS`)."""
    introduced, fixed, last, exact = (
        _of_rows(column, [order.stretch(scheme, span) for (scheme, _), span in zip(column.names, told, strict=True)])
        for column, told in zip(columns, spans, strict=True)
    )
    upper = np.where(columns[1].place >= 0, fixed, last)
    found = _between(introduced, upper)
    return tuple(np.where(columns[3].place >= 0, exact, found))


def _of_rows(column: Texts, told: Sequence[Stretch]) -> Ints:
    """The stretch of each row: one column a row."""
    table = np.array([*told, EVERYTHING], np.int64).T
    return table[:, column.place]


def _between(lower: Ints, upper: Ints) -> Ints:
    """From the start of one to the end of the other; unreadable where they contradict each other, or one is."""
    low, high = np.maximum(lower[0], upper[2]), np.minimum(upper[1], lower[3])
    first, end = np.maximum(lower[2], upper[2]), np.minimum(lower[3], upper[3])
    is_read = (low < high) & (first < end)
    return np.where(is_read, np.stack([low, high, first, end]), np.array(UNREADABLE, np.int64)[:, None])
