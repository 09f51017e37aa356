"""All registers as one workbook, a sheet each, as an auditor asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from passmuster.documents.workbook_out import Column, Form, write_workbook
from passmuster.model.register_view import Cell, RegisterView, Sheet
from passmuster.model.results import ControlResult
from passmuster.report.assurance_sheets import assurance_sheets
from passmuster.report.event_words import event_sheet
from passmuster.report.responsibility import responsibility_sheet
from passmuster.report.text import clean, counted, day_and_time

_LONGEST_TITLE = 31
_WIDE = 44
_NARROW = 18
_LONG = ("Title", "Why", "Gap", "Connectors", "Basis", "Document")


def all_sheets(view: RegisterView, results: Sequence[ControlResult]) -> tuple[Sheet, ...]:
    """Every register in the order of the report."""
    vendors = assurance_sheets(view.vendors)
    return (*view.sheets, event_sheet(view.events), responsibility_sheet(results), *vendors)


def write_registers(
    view: RegisterView, results: Sequence[ControlResult], target: Path, *, platform: str, as_of: datetime
) -> None:
    """Write the workbook; raises OutputRefused. Equal input gives equal bytes."""
    about = f"{clean(platform)}, as of {day_and_time(as_of)}. An empty cell that says nothing else means not known."
    write_workbook(target, [_form(sheet, about) for sheet in all_sheets(view, results)])


def _form(sheet: Sheet, about: str) -> Form:
    notes = [sheet.title, sheet.intro, about]
    if not sheet.status.is_readable:
        notes.append(f"Not read in full: {sheet.status.replace('_', ' ')}. {clean(sheet.reason)}".strip())
    if sheet.count is not None and sheet.count > len(sheet.rows):
        notes.append(f"The first {len(sheet.rows):,} of {counted(sheet.count, 'row')}; the snapshot holds all.")
    columns = tuple(Column(title, width=_WIDE if title in _LONG else _NARROW) for title in sheet.columns)
    rows = [tuple(_value(cell) for cell in row) for row in sheet.rows]
    return Form(_title(sheet.title), columns, rows, notes=tuple(notes))


def _value(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, datetime) and cell.tzinfo is not None:
        return cell.astimezone(UTC).replace(tzinfo=None)
    return cell


def _title(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else title[:_LONGEST_TITLE].rstrip()
