"""Reachability in graphs with cycles: strongly connected components, then bit masks level by level.

Users never enter the recursion; only group-to-group (or role-to-role) edges do. The formulation is the fastest of
those tried in `benchmarks/closure.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

_BLOCK_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class _Condensed:
    """A graph without cycles: the component of each node, and its edges grouped by the level of their target."""

    component: Ints
    count: int
    levels: tuple[tuple[Ints, Ints, Ints], ...]


def reach(*, nodes: int, edges: tuple[Ints, Ints], seeds: tuple[Ints, Ints], items: int) -> tuple[Ints, Ints]:
    """Every (node, item) pair where the item was put on the node or on one that leads to it.

    `edges` are (from, to) node numbers, `seeds` are (node, item) numbers; the pairs come back without doubles.
    """
    if nodes == 0 or items == 0 or len(seeds[0]) == 0:
        empty = np.empty(0, np.int64)
        return empty, empty
    graph = _condense(nodes, edges)
    per_block = max(1, _BLOCK_BYTES // (8 * graph.count)) * 64
    seed_component = graph.component[seeds[0]]
    parts = [
        _reach_block(graph, seed_component, seeds[1], first, min(per_block, items - first))
        for first in range(0, items, per_block)
    ]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _condense(nodes: int, edges: tuple[Ints, Ints]) -> _Condensed:
    source, target = edges
    matrix = csr_matrix((np.ones(len(source), np.int8), (source, target)), shape=(nodes, nodes))
    count, labels = connected_components(matrix, directed=True, connection="strong")
    component = labels.astype(np.int64)
    pairs = np.sort(component[source] * count + component[target])
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    source, target = pairs // count, pairs % count
    apart = source != target
    return _Condensed(component, int(count), _levels(int(count), source[apart], target[apart]))


def _levels(count: int, source: Ints, target: Ints) -> tuple[tuple[Ints, Ints, Ints], ...]:
    """Edges by the longest path to their target, each level as (sources sorted by target, starts, targets)."""
    pointers = np.searchsorted(source, np.arange(count + 1))
    waiting = np.bincount(target, minlength=count)
    level = np.zeros(count, np.int64)
    front = np.flatnonzero(waiting == 0)
    while len(front):
        lengths = pointers[front + 1] - pointers[front]
        offsets = np.repeat(pointers[front] - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        reached = target[offsets + np.arange(lengths.sum())]
        np.maximum.at(level, reached, np.repeat(level[front], lengths) + 1)
        children, arrivals = np.unique(reached, return_counts=True)
        waiting[children] -= arrivals
        front = children[waiting[children] == 0]
    order = np.lexsort((target, level[target]))
    source, target = source[order], target[order]
    bounds = np.searchsorted(level[target], np.arange(1, int(level.max(initial=0)) + 2))
    result = []
    for first, last in pairwise(bounds):
        targets, starts = np.unique(target[first:last], return_index=True)
        result.append((source[first:last], starts, targets))
    return tuple(result)


def _reach_block(graph: _Condensed, seed_component: Ints, seed_item: Ints, first: int, size: int) -> tuple[Ints, Ints]:
    words = (size + 63) // 64
    masks: Words = np.zeros((graph.count, words), np.uint64)
    chosen = (seed_item >= first) & (seed_item < first + size)
    local = seed_item[chosen] - first
    bits = np.left_shift(np.uint64(1), (local & 63).astype(np.uint64))
    np.bitwise_or.at(masks, (seed_component[chosen], local >> 6), bits)
    for sources, starts, targets in graph.levels:
        masks[targets] |= np.bitwise_or.reduceat(masks[sources], starts, axis=0)
    return _spell(masks[graph.component], first)


def _spell(masks: Words, first: int) -> tuple[Ints, Ints]:
    """The (row, item) pairs of the bits set; only words that hold a bit are taken apart."""
    places = np.flatnonzero(masks)
    words = masks.ravel()[places].astype("<u8", copy=False)
    bits = np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little").view(np.bool_))
    row, word = np.divmod(places, masks.shape[1])
    start = word * 64 + first
    where = bits >> 6
    bits &= 63
    return row[where], start[where] + bits
