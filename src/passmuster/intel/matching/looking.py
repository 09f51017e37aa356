"""Which advisories of a store speak of which components, without reading those that speak of none."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from passmuster.intel.matching.naming import (
    Asked,
    Mention,
    is_real,
    mention_of,
    names_of,
    package_of_entry,
    prefixes_of,
    stems_of,
    terms_of,
)
from passmuster.intel.matching.prose import texts_in_prose
from passmuster.intel.matching.ragged import expand
from passmuster.intel.store.reading import Store
from passmuster.model.advisory import Advisory, AffectedProduct, RecordKind

Ints = NDArray[np.int64]
_CPES = '"cpes":'
COLUMNS = ("vendor", "product", "package", "collection", "purl")


class Names:
    """The products that the records of a store name, by name and by package."""

    def __init__(self, store: Store, *, only: Collection[str] | None = None, ranges: pa.Table | None = None) -> None:
        """Read the names, once for any number of components; of these advisories alone, where `only` names some.

        `ranges` stand for those of all that holds.
        """
        self._store = store
        self._only = None if only is None else frozenset(only)
        self.ranges = (store.range_table(only) if ranges is None else ranges).combine_chunks()
        place_of_row, rows = _numbered(self.ranges)
        self.entries = [AffectedProduct(**each) for each in self.ranges.select(COLUMNS).take(rows).to_pylist()]
        self._by_key: dict[object, list[int]] = {}
        for place, entry in enumerate(self.entries):
            for key in (*names_of(entry), package_of_entry(entry)):
                if key is not None:
                    self._by_key.setdefault(key, []).append(place)
        self._rows = np.argsort(place_of_row, kind="stable")
        self._bounds = np.searchsorted(place_of_row[self._rows], np.arange(len(self.entries) + 1))
        self._advisory = self.ranges["advisory"].combine_chunks().dictionary_encode()

    def mentions(self, asked: Asked) -> list[tuple[int, Mention]]:
        """The places of entries that name what is asked for, in order."""
        keys: set[object] = {*asked.words, *asked.packages, asked.package_name}
        names = {name for each in asked.products for name in terms_of(each)}
        places = {place for key in keys | names for place in self._by_key.get(key, ())}
        if any(product.has_lines for product in asked.products):
            places |= {place for name in names for place in self._by_stem.get(name, ())}
        for prefix in (prefix for each in asked.products for prefix in prefixes_of(each)):
            places |= self._starting_with(prefix)
        found = ((place, mention_of(self.entries[place], asked)) for place in sorted(places))
        return [(place, mention) for place, mention in found if mention is not None]

    def advisory_ids(self, asked: Sequence[Asked]) -> list[set[str]]:
        """Ids of all advisories that name each; for what the catalogue knows also of those that may in their text."""
        found = [self.ids_at(place for place, _ in self.mentions(each)) | self.wordless(each) for each in asked]
        # Withdrawn records have no ranges in the table, but are told of.
        for number, advisory in self.speaking_of(asked):
            found[number].add(advisory)
        return found

    def speaking_of(self, asked: Sequence[Asked], *, kind: RecordKind | None = None) -> list[tuple[int, str]]:
        """(number of what is asked, advisory) where a record, of that kind, bears its very name, withdrawn or not."""
        names = [
            (number, name)
            for number, each in enumerate(asked)
            for name in {*each.words, each.package_name, each.purl} - {""}
        ]
        found = self._store.speaking_of(names, kind=kind)
        return [each for each in found if self._only is None or each[1] in self._only]

    def rows_at(self, places: Ints) -> tuple[Ints, Ints]:
        """The rows of `ranges` that speak of entries: which of `places` each is of, and the row."""
        which, at = expand(self._bounds[places], self._bounds[places + 1])
        return which, self._rows[at]

    def ids_of_rows(self, rows: Ints) -> list[str]:
        """The advisory that each row of `ranges` is of."""
        ids = self._advisory.dictionary.to_pylist()
        return [ids[code] for code in np.asarray(self._advisory.indices)[rows].tolist()]

    def ids_at(self, places: Iterable[int]) -> set[str]:
        """The advisories that speak of entries."""
        return set(self.ids_of_rows(self.rows_at(np.fromiter(places, np.int64))[1]))

    def wordless(self, asked: Asked) -> set[str]:
        """Advisories with a record that names no product but may mean one by its text, for what the catalogue knows."""
        if not asked.is_known:
            return set()
        rows, others = self._nameless
        texts = texts_in_prose(asked.products)
        meant = [""] if texts is None or not rows else [*texts, _CPES]
        found = others | self._store.holding(meant, rows=rows)
        # A record may belong to several advisories.
        return found if self._only is None else found & self._only

    @cached_property
    def _nameless(self) -> tuple[set[int], set[str]]:
        """Of the records that name no product: the rows of CVE records, and the advisories of all others."""
        places = np.array([place for place, entry in enumerate(self.entries) if not is_real(entry)], np.int64)
        found = self.ranges.take(pa.array(self.rows_at(places)[1])).select(["row", "kind", "advisory"]).to_pylist()
        return (
            {each["row"] for each in found if each["kind"] == RecordKind.CVE},
            {each["advisory"] for each in found if each["kind"] != RecordKind.CVE},
        )

    @cached_property
    def _by_stem(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for key, places in self._by_key.items():
            for stem in stems_of(key) if isinstance(key, str) else ():
                found.setdefault(stem, []).extend(places)
        return found

    @cached_property
    def _sorted_names(self) -> list[str]:
        return sorted(key for key in self._by_key if isinstance(key, str))

    def _starting_with(self, prefix: str) -> set[int]:
        names, found = self._sorted_names, set()
        for name in names[bisect_left(names, prefix) :]:
            if not name.startswith(prefix):
                break
            found |= set(self._by_key[name])
        return found


def advisories_of(store: Store, asked: Asked) -> list[Advisory]:
    """Advisories that may concern what was asked for, in order of id; more may be among them, none is missing."""
    return store.advisories(Names(store).advisory_ids([asked])[0])


def taken_back(store: Store, asked: Asked) -> list[Advisory]:
    """Withdrawn advisories of which a record named what was asked for while it held, in order of id."""
    names = Names(store, ranges=store.withdrawn_range_table())
    found = store.advisories(names.ids_at(place for place, _ in names.mentions(asked)))
    return [each for each in found if each.is_withdrawn]


def _numbered(table: pa.Table) -> tuple[Ints, Ints]:
    """For each row a number of its names, and for each number a row that has it."""
    codes = np.zeros(table.num_rows, np.int64)
    first = np.zeros(0, np.int64)
    for name in COLUMNS:
        encoded = table[name].combine_chunks().dictionary_encode()
        codes = codes * max(1, len(encoded.dictionary)) + np.asarray(encoded.indices, np.int64)
        _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
    return codes, first
