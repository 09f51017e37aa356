"""Workbooks (.xlsx) from outside: no macros, no formulas, bounded when unpacked; mistakes name sheet and cell."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from passmuster.documents.xml_file import parse_xml
from passmuster.errors import UnreadableInput

MAX_PACKED_BYTES = 64 * 1024 * 1024
MAX_UNPACKED_BYTES = 512 * 1024 * 1024
MAX_PARTS = 2_000
MAX_ROWS = 200_000
MAX_COLUMNS = 400
MAX_CELLS = 4_000_000
_OPENS = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"

Value = str | int | float | bool | date | datetime | time | None


@dataclass(frozen=True)
class Cell:
    """A value, and where it stands (`B7`)."""

    at: str
    value: Value


@dataclass(frozen=True)
class Sheet:
    """A visible sheet: rows of cells without trailing empty rows."""

    title: str
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Workbook:
    """Its visible sheets in order, and the names of hidden ones, which are not read."""

    where: str
    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...] = ()


def read_workbook(path: Path) -> Workbook:
    """The values of a workbook; raises UnreadableInput with all mistakes: sheet, cell and mend.

    A formula's result is whatever the last program computed: such a cell is a mistake, and so is a merged one.
    """
    _check_package(path)
    try:
        # Formulas are wanted as formulas, to refuse them.
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
        seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        read = [_sheet(sheet) for sheet in seen]
        with zipfile.ZipFile(path) as package:
            merged = [line for sheet in seen for line in _merged(package, sheet)]
        hidden = tuple(sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible")
        book.close()
    except UnreadableInput as error:
        raise UnreadableInput(f"{path}: {error}") from None
    except Exception as error:
        # The library raises whatever it likes on a damaged file.
        raise UnreadableInput(
            f"{path}: is a damaged workbook ({type(error).__name__}); open it, save it as .xlsx and hand it over again"
        ) from None
    if complaints := [*merged, *(line for _, lines in read for line in lines)]:
        raise UnreadableInput("\n".join(f"{path}: {line}" for line in complaints))
    return Workbook(str(path), tuple(sheet for sheet, _ in read), hidden)


def _check_package(path: Path) -> None:
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
        size_bytes = path.stat().st_size
    except FileNotFoundError:
        raise UnreadableInput(f"{path}: there is no such file; check the path") from None
    except OSError as error:
        raise UnreadableInput(f"{path}: cannot be read: {error.strerror}") from None
    if start == _OLD_EXCEL:
        raise UnreadableInput(f"{path}: is an old or an encrypted workbook; save it as .xlsx without a password")
    if start != _OPENS:
        raise UnreadableInput(f"{path}: is no workbook; save it as .xlsx")
    if size_bytes > MAX_PACKED_BYTES:
        raise UnreadableInput(f"{path}: is larger than the {MAX_PACKED_BYTES // 2**20} MiB that are read; split it")
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UnreadableInput(f"{path}: is cut or damaged; hand it over again") from None
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise UnreadableInput(
            f"{path}: unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MiB or {MAX_PARTS} parts; it is not read"
        )
    names = {part.filename.lower() for part in parts}
    if any("vbaproject" in name or "macrosheets/" in name for name in names):
        raise UnreadableInput(f"{path}: holds macros; save it as .xlsx without them")
    if not any(name.endswith("workbook.xml") for name in names):
        raise UnreadableInput(f"{path}: is no workbook; save it as .xlsx")


def _sheet(sheet: Any) -> tuple[Sheet, list[str]]:
    """A sheet, and what is wrong with its cells; what is far larger than any form is refused before it fills memory."""
    # The size a file claims for itself is not to be believed.
    sheet.reset_dimensions()
    rows: list[tuple[Cell, ...]] = []
    complaints: list[str] = []
    count = 0
    for number, row in enumerate(sheet.rows, start=1):
        if number > MAX_ROWS:
            raise UnreadableInput(f"sheet {sheet.title!r}: has cells below row {MAX_ROWS}; delete those rows")
        if len(row) > MAX_COLUMNS:
            raise UnreadableInput(
                f"sheet {sheet.title!r}, row {number}: has cells far to the right; delete those columns"
            )
        count += len(row)
        if count > MAX_CELLS:
            raise UnreadableInput(f"sheet {sheet.title!r}: has more than {MAX_CELLS} cells; split it")
        rows.append(tuple(Cell(f"{_letter(column)}{number}", _plain(cell.value)) for column, cell in enumerate(row, 1)))
        for place, cell in zip(rows[-1], row, strict=True):
            if cell.data_type == "f":
                complaints.append(f"sheet {sheet.title!r}, cell {place.at}: is a formula; paste its value instead")
            elif cell.data_type == "e":
                complaints.append(f"sheet {sheet.title!r}, cell {place.at}: is an error ({cell.value}); mend it")
    while rows and all(cell.value is None for cell in rows[-1]):
        rows.pop()
    return Sheet(sheet.title, tuple(rows)), complaints


def _merged(package: zipfile.ZipFile, sheet: Any) -> list[str]:
    """Merged cells: their value stands in the first, the others look empty."""
    data = package.read(sheet._worksheet_path)  # the library tells of them only when it holds all in memory
    if b"mergeCell" not in data:
        return []
    found = [element.get("ref") for element in parse_xml(data, sheet.title).iter("mergeCell")]
    return [f"sheet {sheet.title!r}, cells {ref}: are merged; unmerge them" for ref in found]


@cache
def _letter(column: int) -> str:
    return get_column_letter(column)


def _plain(value: Any) -> Value:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool | int | float | datetime | date | time) or value is None:
        return value
    return str(value)
