"""Stacked bars: which part of a whole ended how, as shares of the width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Segment:
    """One part of a bar. `start` and `width` are percentages of the bar's width."""

    kind: str
    start: float
    width: float


def stacked(counts: Mapping[str, int], order: Sequence[StrEnum], *, whole: int = 0) -> tuple[Segment, ...]:
    """The parts in order, skipping empty ones. `whole` is what the full width stands for; the sum unless given."""
    total = whole or sum(counts.values())
    segments: list[Segment] = []
    start = 0.0
    for kind in order:
        number = counts.get(kind, 0)
        if number and total:
            width = 100 * number / total
            segments.append(Segment(str(kind), round(start, 3), round(width, 3)))
            start += width
    return tuple(segments)
