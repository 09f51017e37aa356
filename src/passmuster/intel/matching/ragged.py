"""Stretches of arrays laid out one after the other, and the distinct numbers of an array."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def expand(start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """All places from `start` to before `end` of each stretch: which stretch each is of, and the place."""
    lengths = np.maximum(end - start, 0)
    which = np.repeat(np.arange(len(lengths)), lengths)
    offsets = np.cumsum(lengths) - lengths
    return which, np.arange(len(which)) + np.repeat(start - offsets, lengths)


def distinct(numbers: Ints) -> Ints:
    """The distinct numbers in order."""
    ordered = np.sort(numbers)
    is_new = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    return ordered[is_new]


def rises(numbers: Ints) -> bool:
    """Whether no number is below the one before it."""
    return bool((numbers[1:] >= numbers[:-1]).all())
