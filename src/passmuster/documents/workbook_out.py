"""Workbooks (.xlsx) that people fill in: text stays text, drop-downs, help, locked cells; equal input, equal bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from passmuster.documents.atomic import new_file

# The time of writing in the file would make two equal workbooks differ.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - the library wants it without a zone
_LONGEST_LIST = 255
_MOST_CHARACTERS = 32_767
_LINE_POINTS, _MOST_LINES = 15, 12

Value = str | int | float | bool | date | datetime | None


@dataclass(frozen=True)
class Column:
    """A column of a form: heading, help shown where a cell is chosen, the words allowed, width in characters."""

    title: str
    help: str = ""
    choices: tuple[str, ...] = ()
    width: int = 20
    is_open: bool = True
    """Whether people write here; other cells are locked against slips."""


@dataclass(frozen=True)
class Form:
    """A sheet: notes above, a header row, rows, and empty rows to fill in."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]] = ()
    notes: tuple[str, ...] = ()
    spare_rows: int = 0
    is_locked: bool = False
    """Whether the sheet is protected, without a password, but for its open columns."""


def write_workbook(target: Path, forms: Sequence[Form], *, properties: Mapping[str, str] | None = None) -> None:
    """Write a workbook whole; equal input gives equal bytes. Raises OutputRefused."""
    with new_file(target) as scratch:
        book = xlsxwriter.Workbook(str(scratch), _OPTIONS)
        book.set_properties({"created": _CREATED})
        for name, text in (properties or {}).items():
            book.set_custom_property(name, text, "text")
        looks = _Looks.of(book)
        lists = _Lists(forms)
        for form in forms:
            _write_form(book.add_worksheet(form.title), form, looks, lists)
        lists.write(book)
        book.close()


# Nothing that somebody typed becomes a formula or a link.
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True)
class _Looks:
    note: Any
    head: Any
    open: dict[str, Any]
    locked: dict[str, Any]

    @classmethod
    def of(cls, book: Any) -> _Looks:
        cell = {"valign": "top", "text_wrap": True}
        shut = {**cell, "bg_color": "#F3F4F6", "locked": True}
        ajar = {**cell, "locked": False}
        kinds = {"plain": {"num_format": "@"}, "number": {}, "day": {"num_format": "yyyy-mm-dd"}}
        kinds["time"] = {"num_format": "yyyy-mm-dd hh:mm:ss"}
        return cls(
            book.add_format({"italic": True, "font_color": "#374151"}),
            book.add_format({"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", **cell}),
            {name: book.add_format({**ajar, **look}) for name, look in kinds.items()},
            {name: book.add_format({**shut, **look}) for name, look in kinds.items()},
        )


@dataclass
class _Lists:
    """Choices too long for a rule of their own stand on a hidden sheet."""

    forms: Sequence[Form]
    places: dict[tuple[str, ...], str] = field(default_factory=dict)

    def source(self, choices: tuple[str, ...]) -> Any:
        if len(",".join(choices)) <= _LONGEST_LIST and not any("," in choice for choice in choices):
            return list(choices)
        if choices not in self.places:
            first = xl_rowcol_to_cell(0, len(self.places), row_abs=True, col_abs=True)
            last = xl_rowcol_to_cell(len(choices) - 1, len(self.places), row_abs=True, col_abs=True)
            self.places[choices] = f"=Choices!{first}:{last}"
        return self.places[choices]

    def write(self, book: Any) -> None:
        if not self.places:
            return
        sheet = book.add_worksheet("Choices")
        for column, choices in enumerate(self.places):
            sheet.write_column(0, column, choices)
        sheet.hide()


def _write_form(sheet: Any, form: Form, looks: _Looks, lists: _Lists) -> None:
    for row, note in enumerate(form.notes):
        sheet.write_string(row, 0, note, looks.note)
    head = len(form.notes)
    last = head + len(form.rows) + form.spare_rows
    for place, column in enumerate(form.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(head, place, column.title, looks.head)
        for row in range(last - form.spare_rows + 1, last + 1):
            sheet.write_blank(row, place, None, (looks.open if column.is_open else looks.locked)["plain"])
        if last > head and column.is_open and (column.choices or column.help):
            sheet.data_validation(head + 1, place, last, place, _rule(column, lists))
    for row, values in enumerate(form.rows, start=head + 1):
        lines = max((_lines(column, value) for column, value in zip(form.columns, values, strict=True)), default=1)
        if lines > 1:
            # Not every program grows a row for wrapped text by itself.
            sheet.set_row(row, _LINE_POINTS * min(lines, _MOST_LINES))
        for place, (column, value) in enumerate(zip(form.columns, values, strict=True)):
            _write_cell(sheet, (row, place), value, looks.open if column.is_open else looks.locked)
    sheet.freeze_panes(head + 1, 0)
    # On paper: as wide as the page, the headings on each.
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)
    if form.rows:
        sheet.autofilter(head, 0, head + len(form.rows), len(form.columns) - 1)
    if form.is_locked:
        sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})


def _lines(column: Column, value: Value) -> int:
    """About how many lines the wrapped value takes."""
    return -(-len(value) // max(column.width - 2, 1)) if isinstance(value, str) else 1


def _rule(column: Column, lists: _Lists) -> dict[str, Any]:
    told = {"input_title": column.title[:32], "input_message": column.help[:255]} if column.help else {}
    if not column.choices:
        return {"validate": "any", **told}
    return {
        "validate": "list",
        "source": lists.source(column.choices),
        "error_title": "Not one of the words",
        "error_message": f"Choose from the list: {', '.join(column.choices)}"[:255],
        **told,
    }


def _write_cell(sheet: Any, place: tuple[int, int], value: Value, looks: Mapping[str, Any]) -> None:
    row, column = place
    if value is None or value == "":
        sheet.write_blank(row, column, None, looks["plain"])
    elif isinstance(value, bool):
        # A word: a spreadsheet shows its own boolean in the reader's language.
        sheet.write_string(row, column, "yes" if value else "no", looks["plain"])
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, looks["number"])
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), looks["time"])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, looks["day"])
    else:
        sheet.write_string(row, column, value[:_MOST_CHARACTERS], looks["plain"])
