"""Registers in workbooks: a sheet a register, named so; in from people, out to them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from passmuster.documents.csv_file import read_csv
from passmuster.documents.workbook_in import Cell, Sheet, Value, read_workbook
from passmuster.documents.workbook_out import Column, Form, write_workbook
from passmuster.errors import UnreadableInput
from passmuster.report.csv_writer import safe_cell
from passmuster.snapshot.register_tables import FROM_CSV
from passmuster.snapshot.registers import plain_cell

_LINE = re.compile(r"(?P<name>[a-z_]+\.csv): line (?P<line>\d+)")
_MIDNIGHT = time()
_WIDTH = 28


@dataclass
class HandedIn:
    """Registers as CSV by file name, and for those out of workbooks which line is which row of which sheet."""

    files: dict[str, bytes] = field(default_factory=dict)
    rows: dict[str, tuple[str, Mapping[int, int]]] = field(default_factory=dict)

    def in_their_words(self, told: str) -> str:
        """Complaints about lines of the CSV files, about the rows of the sheets they came from."""
        return _LINE.sub(self._place, told)

    def _place(self, found: re.Match[str]) -> str:
        sheet, rows = self.rows.get(found["name"], ("", {}))
        return f"{sheet}: row {rows.get(int(found['line']), found['line'])}" if sheet else found[0]


def read_handed_in(files: Iterable[tuple[str, Path]]) -> HandedIn:
    """Registers out of CSV files and workbooks, by the name each was handed over under.

    A workbook of one sheet may instead be named as the register. Raises UnreadableInput with all mistakes.
    """
    told = HandedIn()
    complaints: list[str] = []
    for name, path in files:
        try:
            parts = _of_workbook(name, path) if path.suffix.lower() == ".xlsx" else [_of_csv(name, path)]
        except UnreadableInput as error:
            complaints += str(error).replace(f"{path}:", f"{name}:").splitlines()
            continue
        for file, content, rows in parts:
            if file in told.files:
                complaints.append(f"{name}: the register {Path(file).stem} is handed over twice; leave one of them out")
            told.files[file] = content
            if rows is not None:
                told.rows[file] = rows
    if complaints:
        raise UnreadableInput("\n".join(complaints))
    return told


def write_register_workbook(registers: Sequence[Path], target: Path) -> None:
    """The registers in these CSV files, a sheet each; a workbook that can be taken in again. Raises OutputRefused."""
    write_workbook(target, [_form(path) for path in registers])


def _form(path: Path) -> Form:
    header, lines = read_csv(path)
    rows = [tuple(plain_cell(cells[name]) for name in header) for _, cells in lines]
    return Form(path.stem, tuple(Column(name, width=_WIDTH) for name in header), rows)


_Part = tuple[str, bytes, tuple[str, Mapping[int, int]] | None]


def _of_csv(name: str, path: Path) -> _Part:
    register = _register(Path(name).stem)
    return f"{register if register in FROM_CSV else Path(name).stem}.csv", path.read_bytes(), None


def _of_workbook(name: str, path: Path) -> list[_Part]:
    sheets = [sheet for sheet in read_workbook(path).sheets if sheet.rows]
    registers = [_register(sheet.title) for sheet in sheets]
    if len(sheets) == 1 and registers[0] not in FROM_CSV:
        registers = [_register(Path(name).stem)]
    if not sheets or set(registers) - set(FROM_CSV):
        odd = [sheet.title for sheet, register in zip(sheets, registers, strict=True) if register not in FROM_CSV]
        mend = f"name each sheet as its register: {', '.join(FROM_CSV)}"
        raise UnreadableInput(
            "\n".join(f"{path}: sheet {title!r} is no register; {mend}" for title in odd)
            or f"{path}: has no rows; {mend}"
        )
    return [_part(name, sheet, register) for sheet, register in zip(sheets, registers, strict=True)]


def _register(title: str) -> str:
    return title.strip().lower().replace(" ", "_").replace("-", "_")


def _part(name: str, sheet: Sheet, register: str) -> _Part:
    """A sheet as CSV, and which of its lines ends which row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    lines, rows = 0, {}
    width = len(_trimmed(sheet.rows[0]))
    for number, cells in enumerate(sheet.rows, start=1):
        held = [safe_cell(_text(cell.value)) for cell in _trimmed(cells)]
        held += [""] * (width - len(held))
        writer.writerow(held)
        lines += 1 + sum(cell.count("\n") for cell in held)
        rows[lines] = number
    return f"{register}.csv", out.getvalue().encode(), (f"{name}: sheet {sheet.title!r}", rows)


def _trimmed(cells: Sequence[Cell]) -> Sequence[Cell]:
    last = max((place for place, cell in enumerate(cells, 1) if cell.value is not None), default=0)
    return cells[:last]


def _text(value: Value) -> str:
    """A cell as it would be written in a CSV file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == _MIDNIGHT else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n")
