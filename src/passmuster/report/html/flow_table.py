"""Data flows as a table: one line a flow, or one a destination where there are too many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from passmuster.model.report import FlowEdge

MOST_LINES = 40
_BOUNDARIES = ("external", "partner", None, "internal")
_CLASSIFICATIONS = ("restricted", "confidential", None, "internal", "public")


@dataclass(frozen=True)
class FlowLine:
    """One line of the table: where the data goes, and what takes it there."""

    target: str
    host: str
    boundary: str | None
    classification: str | None
    apps: str
    sources: str
    flows: int


@dataclass(frozen=True)
class FlowTable:
    """The lines, external destinations first; `rest` more are not shown. Grouped: one line a destination."""

    lines: tuple[FlowLine, ...]
    rest: int
    is_grouped: bool


def flow_table(edges: Sequence[FlowEdge]) -> FlowTable:
    """The flows for reading, grouped by destination where they would not fit."""
    if len(edges) <= MOST_LINES:
        lines = sorted((_line([edge]) for edge in edges), key=_weight)
    else:
        groups: dict[tuple[str, str | None], list[FlowEdge]] = {}
        for edge in edges:
            groups.setdefault((edge.host or edge.target, edge.boundary), []).append(edge)
        lines = sorted((_line(group) for group in groups.values()), key=_weight)
    shown = tuple(lines[:MOST_LINES])
    return FlowTable(shown, len(lines) - len(shown), is_grouped=len(edges) > MOST_LINES)


def worst_classification(edges: Iterable[FlowEdge]) -> str | None:
    """The most sensitive classification; one that is not known ranks above internal."""
    return min((edge.classification for edge in edges), key=_classification_rank)


def boundary_rank(boundary: str | None) -> int:
    """0 for external; what is not known ranks above internal."""
    return _BOUNDARIES.index(boundary) if boundary in _BOUNDARIES else 2


def _line(edges: list[FlowEdge]) -> FlowLine:
    first = edges[0]
    return FlowLine(
        target=first.target if len({edge.target for edge in edges}) == 1 else first.host,
        host=first.host,
        boundary=first.boundary,
        classification=worst_classification(edges),
        apps=_names(edge.app for edge in edges),
        sources=_names(edge.source for edge in edges),
        flows=len(edges),
    )


def _names(names: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(filter(None, names)))
    more = f" and {len(distinct) - 3:,} more" if len(distinct) > 3 else ""
    return ", ".join(distinct[:3]) + more


def _weight(line: FlowLine) -> tuple[int, int, int, str]:
    return boundary_rank(line.boundary), _classification_rank(line.classification), -line.flows, line.target


def _classification_rank(classification: str | None) -> int:
    return _CLASSIFICATIONS.index(classification) if classification in _CLASSIFICATIONS else 2
