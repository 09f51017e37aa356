"""The values the sections of registers and matrices show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from passmuster.model.assurance import VendorGaps
from passmuster.model.register_view import EventCell, EventMatrix, RegisterView, Sheet
from passmuster.model.results import ControlResult
from passmuster.report.assurance_sheets import assurance_sheets
from passmuster.report.event_words import STATES, cell_lines, class_words
from passmuster.report.responsibility import VERDICTS, responsibility_counts, responsibility_sheet
from passmuster.report.text import counted

_MOST_ENVIRONMENTS = 25
_LONGEST_LIST = 400
_PICTURES = {
    "whole": ("seg-pass", "seg-pass"),
    "partly": ("seg-pass", "seg-fail"),
    "open": ("seg-pass", "seg-unknown"),
    "missing": ("seg-fail", "seg-fail"),
    "unknown": ("seg-unknown", "seg-unknown"),
}


@dataclass(frozen=True)
class CellView:
    """One cell of the matrix: two halves of its picture, its word, and what is behind it."""

    event: str
    picture: tuple[str, str]
    word: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class VendorLine:
    """One vendor in a sentence."""

    name: str
    tier: str
    told: str


def registers_view(view: RegisterView, results: Sequence[ControlResult]) -> dict[str, Any]:
    """Everything the templates of the three sections name."""
    responsibilities = responsibility_sheet(results)
    listed = (*view.sheets, responsibilities)
    vendors = [_bounded(sheet) for sheet in assurance_sheets(view.vendors)]
    return {
        "events": _events(view.events),
        "pictures": [(state, _PICTURES[state], word) for state, word in STATES.items()],
        "vendors": [_vendor(each) for each in view.vendors],
        "vendor_sheets": vendors,
        "gap_count": sum(not gap.is_open_question for each in view.vendors for gap in each.gaps),
        "sheets": [_bounded(sheet) for sheet in listed],
        "index": [(sheet.key, sheet.title, _due(sheet)) for sheet in listed],
        "verdicts": tuple(VERDICTS.values()),
        "parties": responsibility_counts(results),
    }


def _events(matrix: EventMatrix) -> dict[str, Any]:
    rows = [(row, [_cell(cell, matrix) for cell in row.cells]) for row in matrix.rows[:_MOST_ENVIRONMENTS]]
    return {
        "matrix": matrix,
        "heads": [(class_words(name), place < matrix.required) for place, name in enumerate(matrix.classes)],
        "rows": rows,
        "rest": max(0, len(matrix.rows) - len(rows)),
        "told": _told(matrix),
    }


def _cell(cell: EventCell, matrix: EventMatrix) -> CellView:
    return CellView(class_words(cell.event_class), _PICTURES[cell.state], STATES[cell.state], cell_lines(cell, matrix))


def _told(matrix: EventMatrix) -> str:
    """The matrix of required classes in one sentence."""
    states = [cell.state for row in matrix.rows for cell in row.cells[: matrix.required]]
    parts = [f"{word}: {states.count(state)}." for state, word in STATES.items() if states.count(state)]
    what = counted(matrix.required, "required class", "required classes")
    return " ".join([f"{what} of event in {counted(len(matrix.rows), 'environment')}.", *parts])


def _vendor(each: VendorGaps) -> VendorLine:
    real = sum(not gap.is_open_question for gap in each.gaps)
    told = f"{counted(real, 'gap')}, {counted(len(each.gaps) - real, 'open question')}"
    return VendorLine(each.vendor.name, each.vendor.tier, told)


def _due(sheet: Sheet) -> str:
    """How much of a register wants somebody's attention."""
    if sheet.count is None:
        return "not known"
    bad, unsure = sheet.marks.count("bad"), sheet.marks.count("open")
    parts = [f"{sheet.count:,}"]
    parts += [f"{bad:,} falling short"] if bad else []
    parts += [f"{unsure:,} with something not known"] if unsure else []
    return ", ".join(parts)


def _bounded(sheet: Sheet) -> Sheet:
    return replace(sheet, shown=min(sheet.shown, _LONGEST_LIST))
