"""CSV from outside: a header row, every row as wide as the header."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from passmuster.documents.limits import read_text
from passmuster.errors import UnreadableInput


def read_csv(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The header, and (line number, row) pairs; empty lines are passed over. Raises UnreadableInput."""
    reader = csv.reader(io.StringIO(read_text(path)), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if not any(header):
            raise UnreadableInput(f"{path}: is empty; the first line must name the columns")
        rows = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise UnreadableInput(
                    f"{path}: line {reader.line_num} has {len(cells)} cells, the header has {len(header)}; "
                    "quote cells that hold a comma"
                )
            rows.append((reader.line_num, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        raise UnreadableInput(
            f"{path}: line {reader.line_num}: {error}; quote the cell or save it as CSV again"
        ) from None
    return header, rows
