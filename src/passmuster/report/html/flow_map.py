"""The map of data flows: sources, apps and destinations in three layers, laid out here, drawn by the template."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from passmuster.model.report import FlowEdge
from passmuster.report.html.flow_table import boundary_rank, worst_classification
from passmuster.report.text import counted, one_line

WIDTH = 960
NODE_WIDTH = 250
NODE_HEIGHT = 46
_GAP = 12
_TOP = 34
_MOST_IN_LAYER = 16
_LABEL_WIDTH = 31
_COLUMNS = (0, (WIDTH - NODE_WIDTH) // 2, WIDTH - NODE_WIDTH)
_BOUNDARY_WORDS = {"external": "External", "partner": "Partner", "internal": "Internal"}
_REST = "other destination"
_SENSITIVE = ("restricted", "confidential")

Key = tuple[str, str, str | None]


@dataclass(frozen=True)
class Node:
    """A box of the map, with its place in pixels of the drawing."""

    label: str
    note: str
    kind: str
    x: float
    y: float


@dataclass(frozen=True)
class Link:
    """A curve between two boxes; `path` is SVG path data."""

    path: str
    width: float
    is_sensitive: bool


@dataclass(frozen=True)
class Drawing:
    """The whole map. `is_reduced` where boxes stand for more than one thing."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    is_reduced: bool
    text: str


def draw(edges: Sequence[FlowEdge]) -> Drawing:
    """The map of the flows. Too many destinations become one box a host, and what is still too much `others`."""
    reduced = _reduce(edges)
    layers = _ordered_layers(reduced)
    tallest = max(len(layer) for layer in layers)
    height = _TOP + tallest * (NODE_HEIGHT + _GAP)
    placed = [_place(layer, column, height) for column, layer in enumerate(layers)]
    names = ("source", "app", "target")
    nodes = tuple(
        _node(key, layer=name, at=spot)
        for name, spots in zip(names, placed, strict=True)
        for key, spot in spots.items()
    )
    is_reduced = len(set(map(_triple, reduced))) < len(set(map(_triple, edges)))
    return Drawing(WIDTH, height, nodes, _links(reduced, placed), is_reduced, _told(edges))


def _triple(edge: FlowEdge) -> tuple[Key, Key, Key]:
    return _source(edge), _app(edge), _target(edge)


def _source(edge: FlowEdge) -> Key:
    return edge.source, "", None


def _app(edge: FlowEdge) -> Key:
    return edge.app, "", None


def _target(edge: FlowEdge) -> Key:
    return edge.target, edge.host, edge.boundary


def _reduce(edges: Sequence[FlowEdge]) -> list[FlowEdge]:
    kept = list(edges)
    if len({_target(edge) for edge in kept}) > _MOST_IN_LAYER:
        kept = [replace(edge, target=edge.host or edge.target, host=edge.host) for edge in kept]
    sources = _merged({_source(edge): "other source" for edge in kept if edge.source}, kept, _source)
    apps = _merged({_app(edge): "other app" for edge in kept}, kept, _app)
    targets = _merged({_target(edge): _REST for edge in kept}, kept, _target)
    return [_renamed(edge, sources, apps, targets) for edge in kept]


def _merged(words: dict[Key, str], edges: list[FlowEdge], read: Callable[[FlowEdge], Key]) -> dict[Key, str]:
    """New names of the keys that do not fit; keys of different boundaries stay apart."""
    kept = _most_telling([(read(edge), _weight(edge)) for edge in edges if read(edge) in words])
    lost = [key for key in words if key not in kept]
    numbers = Counter(key[2] for key in lost)
    return {key: counted(numbers[key[2]], words[key]) for key in lost}


def _renamed(edge: FlowEdge, sources: dict[Key, str], apps: dict[Key, str], targets: dict[Key, str]) -> FlowEdge:
    target = _target(edge)
    return replace(
        edge,
        source=sources.get(_source(edge), edge.source),
        app=apps.get(_app(edge), edge.app),
        target=targets.get(target, edge.target),
        host="" if target in targets else edge.host,
    )


def _most_telling(weighed: list[tuple[Key, int]]) -> set[Key]:
    weights: Counter[Key] = Counter()
    for key, weight in weighed:
        weights[key] += weight
    if len(weights) <= _MOST_IN_LAYER:
        return set(weights)
    ranked = sorted(weights, key=lambda key: (boundary_rank(key[2]), -weights[key], key[0]))
    return set(ranked[: _MOST_IN_LAYER - 3])


def _weight(edge: FlowEdge) -> int:
    # What leaves the company is what the reader looks for, so it stays in the picture longest.
    return (10 if edge.boundary == "external" else 1) * (10 if edge.classification in _SENSITIVE else 1)


def _ordered_layers(edges: list[FlowEdge]) -> tuple[list[Key], list[Key], list[Key]]:
    targets = sorted({_target(edge) for edge in edges}, key=_target_place)
    apps = _by_neighbours([(_app(edge), _target(edge)) for edge in edges], targets)
    sources = _by_neighbours([(_source(edge), _app(edge)) for edge in edges if edge.source], apps)
    return sources, apps, targets


def _target_place(key: Key) -> tuple[int, bool, str, str]:
    return boundary_rank(key[2]), key[0].endswith((_REST, _REST + "s")), key[0], key[1]


def _by_neighbours(pairs: list[tuple[Key, Key]], beside: list[Key]) -> list[Key]:
    """The left keys of the pairs in the order of the middle of their right ones: few lines cross."""
    place = {key: number for number, key in enumerate(beside)}
    places: dict[Key, list[int]] = {}
    for left, right in pairs:
        places.setdefault(left, []).append(place[right])
    return sorted(places, key=lambda key: (sum(places[key]) / len(places[key]), key[0]))


def _place(layer: list[Key], column: int, height: int) -> dict[Key, tuple[float, float]]:
    free = height - _TOP - len(layer) * (NODE_HEIGHT + _GAP)
    top = _TOP + free / 2
    return {key: (_COLUMNS[column], round(top + n * (NODE_HEIGHT + _GAP), 1)) for n, key in enumerate(layer)}


def _node(key: Key, *, layer: str, at: tuple[float, float]) -> Node:
    label, host, boundary = key
    note, kind = "", layer
    if layer == "target":
        kind = boundary if boundary in _BOUNDARY_WORDS else "unknown"
        where = "" if host == label else host
        note = " · ".join(filter(None, (_BOUNDARY_WORDS.get(kind, "Not known where"), where)))
    return Node(_cut(label), _cut(note), kind, *at)


def _links(edges: list[FlowEdge], placed: list[dict[Key, tuple[float, float]]]) -> tuple[Link, ...]:
    groups: dict[tuple[tuple[float, float], tuple[float, float]], list[FlowEdge]] = {}
    for edge in edges:
        app = placed[1][_app(edge)]
        if edge.source:
            groups.setdefault((placed[0][_source(edge)], app), []).append(edge)
        groups.setdefault((app, placed[2][_target(edge)]), []).append(edge)
    links = [_link(start, end, group) for (start, end), group in groups.items()]
    return tuple(sorted(links, key=lambda link: link.is_sensitive))


def _link(start: tuple[float, float], end: tuple[float, float], edges: list[FlowEdge]) -> Link:
    x1, y1 = start[0] + NODE_WIDTH, start[1] + NODE_HEIGHT / 2
    x2, y2 = end[0], end[1] + NODE_HEIGHT / 2
    bend = (x2 - x1) / 2
    path = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
    is_sensitive = worst_classification(edges) in _SENSITIVE
    return Link(path, round(1.5 + math.log2(len(edges)) * 0.8 + is_sensitive, 2), is_sensitive)


def _cut(label: str) -> str:
    """The label as far as it fits the box; of an address the middle goes, since both its ends tell."""
    line = one_line(label)
    if "://" not in line:
        return line if _columns(line) <= _LABEL_WIDTH else _fitting(line, _LABEL_WIDTH - 1).rstrip() + "…"
    line = line.split("://", 1)[1].rstrip("/")
    if _columns(line) <= _LABEL_WIDTH:
        return line
    return f"{_fitting(line, 12)}…{_fitting(line[::-1], _LABEL_WIDTH - 13)[::-1]}"


def _fitting(line: str, columns: int) -> str:
    used = accumulate(_columns(character) for character in line)
    return line[: sum(width <= columns for width in used)]


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _told(edges: Sequence[FlowEdge]) -> str:
    outside = [edge for edge in edges if edge.boundary == "external"]
    hosts = {edge.host or edge.target for edge in outside}
    sensitive = sum(edge.classification in _SENSITIVE for edge in outside)
    unclassified = sum(edge.classification is None for edge in outside)
    nowhere = sum(edge.boundary is None for edge in edges)
    more = f"; not known how sensitive: {unclassified:,} more" if unclassified else ""
    more += f"; not known whether internal or external: {counted(nowhere, 'flow')}" if nowhere else ""
    return (
        f"{counted(len(edges), 'flow')} through {counted(len({edge.app for edge in edges}), 'app')}; "
        f"{counted(len(hosts), 'external destination')}; "
        f"{counted(sensitive, 'flow')} of confidential or restricted data to external destinations{more}."
    )
