"""Which advisories of a store are worth a look for which versions: in bulk, and never one too few.

An advisory is passed over for a version only where every range that it tells of the product can be held against the
version, and none holds it. Where more than ranges counts, it is looked at whatever the version: nothing is said to be
affected, all but a list is, a single version is listed (a sentence may say "up to" it), a stretch is said not to be
known, a record numbers the product in several ways, the vendor alone hosts it, a notice announces it, a record names no
product.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from passmuster.intel.matching.bulk import Claims, Shelf
from passmuster.intel.matching.looking import Names
from passmuster.intel.matching.naming import Asked, Mention
from passmuster.intel.matching.places import ENDS, SCHEMES
from passmuster.intel.matching.said import Said
from passmuster.intel.matching.sources import scheme_of_package
from passmuster.intel.store.reading import Store
from passmuster.model.advisory import RecordKind

Ints = NDArray[np.int64]
_HOSTED = '"is_hosted_only":'
_NONE = -1


@dataclass(frozen=True)
class Version:
    """A version of something asked for (its place in a list)."""

    asked: int
    text: str


class Finding:
    """The advisories of a store, ready to be held against versions of what is asked for."""

    def __init__(self, store: Store, asked: Sequence[Asked], *, only: Collection[str] | None = None) -> None:
        """Read the ranges and who is named in them; of these advisories alone, where `only` names some."""
        self._names = Names(store, only=only)
        self._asked = asked
        self._said = Said(self._names.ranges)
        self._hosted = store.holding([_HOSTED])

    def of_all(self, places: Sequence[int]) -> list[set[str]]:
        """For some of what is asked for: every advisory that names it."""
        return self._names.advisory_ids([self._asked[place] for place in places])

    def of_versions(self, versions: Sequence[Version]) -> list[set[str]]:
        """For each version the advisories that may leave it open; more may be among them, none is missing."""
        pairs = self._pairs()
        always = self._always(pairs)
        found = [set(always[version.asked]) for version in versions]
        told = np.flatnonzero(self._said.is_told[pairs.row] & ~pairs.is_odd)
        claims = Claims(
            pairs.asked[told],
            pairs.scheme[told],
            [self._names.ranges[name].combine_chunks().take(pa.array(pairs.row[told])) for name in ENDS],
        )
        asked = np.array([version.asked for version in versions], np.int64)
        texts = pa.array([version.text for version in versions], pa.string()).dictionary_encode()
        shelf = Shelf(asked, texts)
        hits = shelf.hits(claims)
        place = {
            each: number for number, each in enumerate(zip(shelf.product.tolist(), shelf.text.tolist(), strict=True))
        }
        advisories = self._names.ids_of_rows(pairs.row[told[hits.claim]])
        by_version: dict[int, set[str]] = {}
        for owned, advisory in zip(hits.owned.tolist(), advisories, strict=True):
            by_version.setdefault(owned, set()).add(advisory)
        for number, key in enumerate(zip(asked.tolist(), texts.indices.to_pylist(), strict=True)):
            found[number] |= by_version.get(place[key], set())
        return found

    def _pairs(self) -> _Pairs:
        """Each row of ranges with each thing asked for that it speaks of, and by which scheme."""
        named = [(number, *each) for number, asked in enumerate(self._asked) for each in self._names.mentions(asked)]
        place = np.array([place for _, place, _ in named], np.int64)
        schemes = np.array([_scheme(mention) for _, _, mention in named], np.int64)
        which, row = self._names.rows_at(place)
        asked = np.array([number for number, _, _ in named], np.int64)[which]
        scheme = np.where(schemes[which] == _NONE, self._said.scheme[row], schemes[which])
        return _Pairs(asked, row, scheme, self._said.is_odd_with(asked, row, scheme))

    def _always(self, pairs: _Pairs) -> list[set[str]]:
        """For each thing asked for the advisories to look at whatever the version."""
        found = [self._names.wordless(each) for each in self._asked]
        for number, advisory in self._names.speaking_of(self._asked, kind=RecordKind.NOTICE):
            found[number].add(advisory)
        advisories = self._names.ids_of_rows(pairs.row)
        for number, advisory, is_odd in zip(pairs.asked.tolist(), advisories, pairs.is_odd.tolist(), strict=True):
            if is_odd or advisory in self._hosted:
                found[number].add(advisory)
        return found


@dataclass(frozen=True)
class _Pairs:
    """What is asked for, a row of ranges that speaks of it, the scheme by which, and whether it is looked at anyway."""

    asked: Ints
    row: Ints
    scheme: Ints
    is_odd: NDArray[np.bool_]


def _scheme(mention: Mention) -> int:
    """The scheme that the name settles, as its place in `SCHEMES`; -1 where the ranges' own words do."""
    own = mention.product.scheme if mention.product else None
    chosen = own or scheme_of_package(mention.entry)
    return _NONE if chosen is None else SCHEMES.index(chosen)
