"""What the rows of a store's ranges say, as columns: which tell of affected versions, and which need a closer look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from passmuster.intel.matching.places import SCHEMES
from passmuster.intel.versions.scheme import Scheme, scheme_named
from passmuster.intel.versions.wording import tells_nothing
from passmuster.model.advisory import RangeStatus, RecordKind

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
_UNTOLD, _UNORDERED = -1, SCHEMES.index(Scheme.UNORDERED)
_DOTTED = SCHEMES.index(Scheme.DOTTED)


class Said:
    """Columns with an item for each row of the table of ranges."""

    def __init__(self, ranges: pa.Table) -> None:
        """Read them; columns as `Store.range_table`."""
        record = np.asarray(ranges["row"], np.int64)
        _, entry = np.unique(record * 2**20 + np.asarray(ranges["ordinal"], np.int64) % 2**20, return_inverse=True)
        words = _of_texts(ranges, "scheme", _scheme_word, np.int64, _UNTOLD)
        is_nothing = _of_texts(ranges, "exact", tells_nothing, np.bool_, False)
        is_affected = _of_texts(ranges, "status", RangeStatus.AFFECTED.__eq__, np.bool_, False)
        self.is_told: Flags = is_affected & (words != _UNORDERED) & ~is_nothing
        """Whether the row says of versions that can be ordered that they are affected."""
        self.scheme, is_mixed = _first_scheme(words, entry)
        """By which scheme the entry it is of numbers versions, so far as its ranges say; dotted numbers otherwise."""
        is_all = _of_texts(ranges, "default_status", RangeStatus.AFFECTED.__eq__, np.bool_, False)
        is_open = _of_texts(ranges, "status", RangeStatus.UNKNOWN.__eq__, np.bool_, False)
        self._is_odd = is_mixed | is_all | ~_any(self.is_told, entry) | _any(is_open, entry)
        is_cve = _of_texts(ranges, "kind", RecordKind.CVE.__eq__, np.bool_, False)
        self._is_listed: Flags = self.is_told & is_cve & np.asarray(ranges["exact"].is_valid(), np.bool_)
        self._record = np.unique(record, return_inverse=True)[1]

    def is_odd_with(self, asked: Ints, row: Ints, scheme: Ints) -> Flags:
        """Whether more than the ranges counts in the record that each row is of, for what it is asked with."""
        _, group = np.unique(asked * (len(self._record) + 1) + self._record[row], return_inverse=True)
        lowest, highest = _extremes(scheme, group)
        is_listed = np.bincount(group, self._is_listed[row]) > 0 if len(group) else np.zeros(0, np.bool_)
        is_odd: Flags = _any(self._is_odd[row], group) | ((lowest != highest) | is_listed)[group]
        return is_odd


def _scheme_word(word: str) -> int:
    scheme = scheme_named(word)
    return _UNTOLD if scheme is None else SCHEMES.index(scheme)


def _of_texts(table: pa.Table, name: str, read: Callable[[str], Any], kind: Any, otherwise: Any) -> NDArray[Any]:
    """What each text of a column means, each distinct one read once; `otherwise` where it is null."""
    encoded = table[name].combine_chunks().dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    return np.array([*map(read, texts), otherwise], kind)[np.asarray(encoded.indices.fill_null(len(texts)), np.int64)]


def _first_scheme(words: Ints, entry: Ints) -> tuple[Ints, Flags]:
    """The one scheme that the rows of an entry name, and whether they name several."""
    is_word = (words != _UNTOLD) & (words != _UNORDERED)
    lowest, highest = (
        _extremes(np.where(is_word, words, len(SCHEMES)), entry)[0],
        _extremes(np.where(is_word, words, _UNTOLD), entry)[1],
    )
    scheme = np.where(highest == _UNTOLD, _DOTTED, lowest)
    return scheme[entry], ((highest != _UNTOLD) & (lowest != highest))[entry]


def _extremes(values: Ints, group: Ints) -> tuple[Ints, Ints]:
    """The lowest and the highest value of each group."""
    count = int(group.max(initial=-1)) + 1
    lowest, highest = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(lowest, group, values)
    np.maximum.at(highest, group, values)
    return lowest, highest


def _any(flags: Flags, group: Ints) -> Flags:
    """For each item whether any of its group is so."""
    return (np.bincount(group, flags) > 0)[group] if len(group) else flags
