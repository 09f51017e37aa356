"""Finding in bulk which versions of many products lie in which of many ranges, or cannot be held against them.

Every distinct version text is ordered once a scheme and gets a number; ranges become intervals of these numbers, and
binary searches find what lies inside. What has no place in the order of a range (another numbering, ends nobody can
read) counts as found: the bulk finds what must be looked at, `judging` says what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from passmuster.intel.matching.places import ENDS, SCHEMES, TOP, Order, Texts, spans_of, stretches
from passmuster.intel.matching.ragged import distinct, expand, rises
from passmuster.intel.versions.key import Key
from passmuster.intel.versions.order import key_of

Ints = NDArray[np.int64]
_RANKS = TOP + 1


@dataclass(frozen=True)
class Claims:
    """Ranges said to be affected: of which product (a number), by which scheme (its place in `SCHEMES`), the ends.

    `ends` are texts, one array a name of `ENDS`, null where none is told.
    """

    product: Ints
    scheme: Ints
    ends: Sequence[pa.Array]


@dataclass(frozen=True)
class Hits:
    """Pairs: a place among the distinct versions of the shelf, and the place of a claim."""

    owned: Ints
    claim: Ints


class Shelf:
    """The distinct versions of an inventory; claims of any day are held against them."""

    def __init__(self, product: Ints, version: pa.DictionaryArray) -> None:
        """Products are numbers from 0; `version` are the texts, none null. Pairs may come often, in any order."""
        self.texts: list[str] = version.dictionary.to_pylist()
        width = max(1, len(self.texts))
        self.product, self.text = np.divmod(distinct(product * width + np.asarray(version.indices, np.int64)), width)
        """Of each distinct version its product and the place of its text in `texts`, in order of product."""
        products = int(self.product[-1]) + 1 if len(self.product) else 0
        self._bounds = np.searchsorted(self.product, np.arange(products + 1))

    def hits(self, claims: Claims) -> Hits:
        """Which distinct versions lie in a claim or cannot be held against it; a pair may come several times."""
        is_owned = np.append(self._bounds[1:] > self._bounds[:-1], False)
        kept = np.flatnonzero(is_owned[np.minimum(claims.product, len(is_owned) - 1)])
        if not rises(claims.product):
            # What is searched for in order is found far sooner: the memory it lies in is at hand.
            kept = kept[np.argsort(claims.product[kept])]
        product, scheme = claims.product[kept], claims.scheme[kept]
        shelves, base = _numbered(product * len(SCHEMES) + scheme)
        at, owned = expand(self._bounds[shelves // len(SCHEMES)], self._bounds[shelves // len(SCHEMES) + 1])
        columns = [Texts.of(each.take(kept), scheme) for each in claims.ends]
        spans = [spans_of(name, texts) for name, texts in zip(ENDS, columns, strict=True)]
        own, keys = self._keys_of(owned, (shelves % len(SCHEMES))[at])
        order = Order(
            [
                *((number, key) for (number, _), key in zip(own.names, keys, strict=True)),
                *(
                    (number, key)
                    for texts, told in zip(columns, spans, strict=True)
                    for (number, _), span in zip(texts.names, told, strict=True)
                    if span is not None
                    for key in (span.low, span.high)
                ),
            ]
        )
        ranks = [order.rank(number, key) for (number, _), key in zip(own.names, keys, strict=True)]
        line = at * _RANKS + np.array([*ranks, 0], np.int64)[own.place]
        if not rises(line):
            places = np.argsort(line, kind="stable")
            line, owned = line[places], owned[places]
        bounds = np.searchsorted(line, np.arange(len(shelves) + 1) * _RANKS)
        return _Line(line, owned, bounds).hits(base, stretches(order, columns, spans), kept)

    def _keys_of(self, owned: Ints, scheme: Ints) -> tuple[Texts, list[Key | None]]:
        """The texts of some distinct versions, and the key of each."""
        column = pa.DictionaryArray.from_arrays(pa.array(self.text[owned]), pa.array(self.texts, pa.string()))
        texts = Texts.of(column, scheme)
        return texts, [key_of(text, SCHEMES[number]) for number, text in texts.names]


def _numbered(codes: Ints) -> tuple[Ints, Ints]:
    """The distinct codes in order, and for each the place of its own."""
    found = distinct(codes)
    return found, np.searchsorted(found, codes)


@dataclass(frozen=True)
class _Line:
    """Shelf by shelf the ranks of what is on it, in order; the version of each; where each shelf begins and ends."""

    ranks: Ints
    owned: Ints
    bounds: Ints

    def hits(self, shelf: Ints, stretch: tuple[Ints, ...], claims: Ints) -> Hits:
        """What lies between the ends of each claim, and what is of no order that the claim speaks of."""
        low, high, first, end = (shelf * _RANKS + each for each in stretch)
        start, stop = self.bounds[shelf], self.bounds[shelf + 1]
        found = [(np.searchsorted(self.ranks, low), np.searchsorted(self.ranks, high), claims)]
        is_strange = (self.ranks[start] < first) | (self.ranks[stop - 1] >= end)
        if is_strange.any():
            start, stop, first, end = (each[is_strange] for each in (start, stop, first, end))
            strange = claims[is_strange]
            found += [(start, np.searchsorted(self.ranks, first), strange)]
            found += [(np.searchsorted(self.ranks, end), stop, strange)]
        pairs = [(*expand(low, high), of) for low, high, of in found]
        return Hits(
            np.concatenate([self.owned[place] for _, place, _ in pairs]),
            np.concatenate([of[which] for which, _, of in pairs]),
        )
