"""What a cell of the matrix of events says, in words. Pure."""

from __future__ import annotations

from passmuster.model.register_view import Cell, EventCell, EventMatrix, Sheet
from passmuster.report.text import day

STATES = {
    "whole": "Logged, kept, delivered",
    "partly": "Falls short",
    "open": "Logged; rest not known",
    "missing": "Not logged",
    "unknown": "Not known",
}
_MARKS = {"whole": "", "partly": "bad", "missing": "bad", "open": "open", "unknown": "open"}


def class_words(event_class: str) -> str:
    """`permission_change` as a reader says it."""
    return event_class.replace("_", " ").capitalize()


def cell_lines(cell: EventCell, matrix: EventMatrix) -> tuple[str, ...]:
    """What is known of the log behind a cell: how long it is kept, where it goes, when it last spoke."""
    if not cell.is_logged:
        return ()
    return (_kept(cell, matrix.retention_days), _delivered(cell), _seen(cell))


def _kept(cell: EventCell, wanted: int | None) -> str:
    if cell.kept_days is None:
        return "how long kept: not known"
    if cell.is_kept is False:
        return f"kept {cell.kept_days:,} of {wanted:,} days"
    return f"kept {cell.kept_days:,} days"


def _delivered(cell: EventCell) -> str:
    if cell.is_delivered is None:
        return "delivery: not known"
    if not cell.is_delivered:
        return "delivered nowhere"
    fresh = {True: "", False: ", but late", None: ", freshness not known"}[cell.is_fresh]
    return f"to {cell.delivered_to}{fresh}"


def _seen(cell: EventCell) -> str:
    return f"last seen {day(cell.last_seen_at)}" if cell.last_seen_at else "last seen: not known"


def event_sheet(matrix: EventMatrix) -> Sheet:
    """The matrix as a list: one row an environment and class."""
    cells = [(row, place, cell) for row in matrix.rows for place, cell in enumerate(row.cells)]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            row.environment,
            class_words(cell.event_class),
            place < matrix.required,
            STATES[cell.state],
            cell.is_logged,
            cell.kept_days,
            cell.is_kept,
            cell.is_delivered,
            cell.delivered_to,
            cell.is_fresh,
            cell.last_seen_at,
        )
        for row, place, cell in cells
    )
    return Sheet(
        key="events",
        title="Events that are logged",
        intro="Each class of event in each environment, held against the house limits.",
        columns=(
            *("Environment", "Event", "Required", "State", "Logged", "Days kept", "Long enough", "Delivered"),
            *("To", "In time", "Last seen"),
        ),
        rows=rows,
        marks=tuple(_MARKS[cell.state] for _, _, cell in cells),
        count=len(rows),
        status=matrix.status,
        reason=matrix.reason,
    )
