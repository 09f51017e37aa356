"""CSV from outside: a header row, every row as wide as the header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from passmuster.documents.limits import MAX_BYTES, read_text
from passmuster.errors import UnreadableInput

Rows = list[tuple[int, dict[str, str]]]
# The library would stop at 128 KiB a cell, which a finding's description may exceed; the file's own size is the bound.
csv.field_size_limit(MAX_BYTES)


def read_csv(path: Path) -> tuple[list[str], Rows]:
    """The header and (line number, row) pairs without empty lines; raises UnreadableInput with all mistakes."""
    return parse_csv(read_text(path), str(path))


def parse_csv(text: str, where: str, *, keeps_twins: bool = False) -> tuple[list[str], Rows]:
    """The same of a text of any origin; `keeps_twins` numbers columns of one name instead of refusing them."""
    reader = csv.reader(io.StringIO(text), strict=True)
    complaints: list[str] = []
    rows: Rows = []
    header: list[str] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        header = _numbered(header) if keeps_twins else header
        complaints += _header_complaints(header)
        for cells in reader:
            if len(cells) == len(header):
                if any(cell.strip() for cell in cells):
                    rows.append((reader.line_num, dict(zip(header, cells, strict=True))))
            elif any(cell.strip() for cell in cells):
                complaints.append(
                    f"line {reader.line_num} has {len(cells)} cells, the header has {len(header)}; "
                    "quote cells that hold a comma"
                )
    except csv.Error as error:
        complaints.append(f"line {reader.line_num}: {error}; quote the cell or save it as CSV again")
    if complaints:
        raise UnreadableInput("\n".join(f"{where}: {complaint}" for complaint in complaints))
    return header, rows


def _numbered(header: list[str]) -> list[str]:
    before = [header[:position].count(name) for position, name in enumerate(header)]
    return [f"{name} ({twins + 1})" if name and twins else name for name, twins in zip(header, before, strict=True)]


def _header_complaints(header: list[str]) -> Iterator[str]:
    if not any(header):
        yield "is empty; the first line must name the columns"
    elif len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        yield "line 1: the cells are not separated by commas; save it as comma-separated CSV"
    yield from (
        f"line 1: the column {name!r} is given twice; remove one of them"
        for name in sorted({name for name in header if name and header.count(name) > 1})
    )
    if any(header) and not all(header):
        yield f"line 1: column {header.index('') + 1} has no name; name it or remove it"
