"""Stretches of arrays laid out one after the other, and the distinct numbers of an array."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_MOST_MARKS = 2**28
_SPARSEST = 500


def expand(start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """All places from `start` to before `end` of each stretch: which stretch each is of, and the place."""
    lengths = np.maximum(end - start, 0)
    which = np.repeat(np.arange(len(lengths)), lengths)
    offsets = np.cumsum(lengths) - lengths
    return which, np.arange(len(which)) + np.repeat(start - offsets, lengths)


def distinct(numbers: Ints) -> Ints:
    """The distinct numbers in order; none is negative."""
    top = int(numbers.max(initial=-1)) + 1
    # Where they are dense, marking them is far quicker than sorting.
    if top > min(_MOST_MARKS, _SPARSEST * len(numbers)):
        return np.unique(numbers)
    is_there = np.zeros(top, bool)
    is_there[numbers] = True
    return np.flatnonzero(is_there)


def rises(numbers: Ints) -> bool:
    """Whether no number is below the one before it."""
    return bool((numbers[1:] >= numbers[:-1]).all())
