"""Rows of a CSV file or of a workbook's first sheet, as text by column, with the place of each for complaints."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from passmuster.documents.csv_file import read_csv
from passmuster.documents.workbook_in import Sheet, read_workbook
from passmuster.errors import UnreadableInput

MOST_ROWS = 50_000


@dataclass(frozen=True)
class Row:
    """One row: where it stands, and its cells without blanks around them."""

    place: str
    cells: dict[str, str]

    def get(self, column: str) -> str:
        """The cell, empty where there is no such column."""
        return self.cells.get(column, "")


def read_rows(path: Path, *, needed: Collection[str], known: Collection[str]) -> list[Row]:
    """The rows; raises UnreadableInput where a needed column is missing, one is unknown, or there are too many."""
    header, rows = _of_workbook(path) if path.suffix.lower() == ".xlsx" else _of_csv(path)
    missing = [name for name in needed if name not in header]
    unknown = [name for name in header if name not in known]
    complaints = [f"{path.name}: the column {name!r} is missing" for name in missing]
    complaints += [f"{path.name}: there is no column {name!r}; known are {', '.join(known)}" for name in unknown]
    if len(rows) > MOST_ROWS:
        complaints.append(f"{path.name}: has more than {MOST_ROWS} rows; split it")
    if complaints:
        raise UnreadableInput("\n".join(complaints))
    return rows


def _of_csv(path: Path) -> tuple[Sequence[str], list[Row]]:
    header, lines = read_csv(path)
    return header, [
        Row(f"{path.name}, line {number}", {name: _unguarded(cell) for name, cell in cells.items()})
        for number, cells in lines
    ]


def _unguarded(cell: str) -> str:
    """The cell without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def _of_workbook(path: Path) -> tuple[Sequence[str], list[Row]]:
    sheets = read_workbook(path).sheets
    if not sheets or not sheets[0].rows:
        raise UnreadableInput(f"{path.name}: has no rows; the first row names the columns")
    return _of_sheet(path.name, sheets[0])


def _of_sheet(where: str, sheet: Sheet) -> tuple[Sequence[str], list[Row]]:
    header = [str(cell.value or "").strip() for cell in sheet.rows[0]]
    while header and not header[-1]:
        header.pop()
    rows = []
    for cells in sheet.rows[1:]:
        told = {
            name: "" if cell.value is None else str(cell.value).strip()
            for name, cell in zip(header, cells, strict=False)
        }
        if any(told.values()):
            rows.append(Row(f"{where}, sheet {sheet.title!r}, cell {cells[0].at}", told))
    return header, rows
