from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from passmuster.documents.workbook_in import read_workbook
from passmuster.documents.workbook_out import Column, Form, write_workbook
from passmuster.errors import UnreadableInput

# Spreadsheets know no time zones.
_MARCH = datetime(2026, 3, 1)  # noqa: DTZ001
_COLUMNS = (
    Column("who", is_open=False),
    Column("answer", "What is right", ("keep", "revoke")),
    Column("when"),
    Column("n"),
)
_ROWS = (
    ("=HYPERLINK(1)", "keep", date(2026, 3, 1), 3),
    ("007", None, _MARCH.replace(hour=10, minute=30), 2.5),
    ("http://x.example.org", "revoke", None, True),
)


def _plain(path: Path, fill: object = None) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    if callable(fill):
        fill(book)
    book.save(path)
    return path


def test_what_was_written_comes_back_and_nothing_became_a_formula_or_number(tmp_path: Path) -> None:
    target = tmp_path / "form.xlsx"
    write_workbook(target, [Form("Ask", _COLUMNS, _ROWS, notes=("Fill in the column answer.",), spare_rows=3)])
    (sheet,) = read_workbook(target).sheets
    values = [[cell.value for cell in row] for row in sheet.rows]
    assert values[0][0] == "Fill in the column answer."
    assert values[1] == ["who", "answer", "when", "n"]
    assert values[2] == ["=HYPERLINK(1)", "keep", _MARCH, 3]
    assert values[3] == ["007", None, _MARCH.replace(hour=10, minute=30), 2.5]
    assert values[4] == ["http://x.example.org", "revoke", None, "yes"]
    assert len(values) == 5
    assert sheet.rows[3][1].at == "B4"


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tmp_path / name, [Form("Ask", _COLUMNS, _ROWS)], properties={"freeze": "abc"})
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_long_lists_of_words_are_offered_from_a_hidden_sheet(tmp_path: Path) -> None:
    words = tuple(f"a rather long choice, number {number}" for number in range(40))
    write_workbook(tmp_path / "form.xlsx", [Form("Ask", (Column("pick", choices=words),), spare_rows=2)])
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    (rule,) = book["Ask"].data_validations.dataValidation
    assert rule.formula1 == "Choices!$A$1:$A$40"
    assert book["Choices"]["A40"].value == words[-1]
    assert read_workbook(tmp_path / "form.xlsx").hidden == ("Choices",)


def test_formulas_errors_and_merged_cells_are_named_with_sheet_and_cell(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.worksheets[0]
        sheet.title = "People"
        sheet["B2"] = "=1+1"
        sheet["C3"] = "#REF!"
        sheet.merge_cells("A5:B6")

    with pytest.raises(UnreadableInput) as caught:
        read_workbook(_plain(tmp_path / "bad.xlsx", fill))
    text = str(caught.value)
    assert "sheet 'People', cell B2: is a formula" in text
    assert "sheet 'People', cell C3: is an error (#REF!)" in text
    assert "sheet 'People', cells A5:B6: are merged" in text


def test_hidden_sheets_are_not_read_and_named(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        hidden = book.create_sheet("Secret")
        hidden["A1"] = "=2"
        hidden.sheet_state = "veryHidden"

    found = read_workbook(_plain(tmp_path / "hidden.xlsx", fill))
    assert found.hidden == ("Secret",)
    assert len(found.sheets) == 1


def test_a_cell_far_outside_is_refused_and_not_held_in_memory(tmp_path: Path) -> None:
    def right(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["XFD3"] = 1

    def below(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["A1048576"] = 1

    with pytest.raises(UnreadableInput, match=r"row 3: has cells far to the right"):
        read_workbook(_plain(tmp_path / "right.xlsx", right))
    with pytest.raises(UnreadableInput, match="has cells below row 200000"):
        read_workbook(_plain(tmp_path / "below.xlsx", below))


def _altered(tmp_path: Path, part: str, data: bytes) -> Path:
    whole = _plain(tmp_path / "whole.xlsx")
    target = tmp_path / "altered.xlsx"
    with zipfile.ZipFile(whole) as given, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            made.writestr(name, data if name == part else given.read(name))
        if part not in given.namelist():
            made.writestr(part, data)
    return target


def test_macros_bombs_old_files_and_damaged_ones_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="holds macros"):
        read_workbook(_altered(tmp_path, "xl/vbaProject.bin", b"x"))
    with pytest.raises(UnreadableInput, match="unpacks to more than 512 MiB"):
        read_workbook(_altered(tmp_path, "xl/media/big.bin", bytes(600 * 2**20)))
    entities = b'<!DOCTYPE a [<!ENTITY b "cc">]><worksheet>&b;</worksheet>'
    with pytest.raises(UnreadableInput, match="damaged workbook"):
        read_workbook(_altered(tmp_path, "xl/worksheets/sheet1.xml", entities))
    whole = (tmp_path / "whole.xlsx").read_bytes()
    given = {"cut": whole[:500], "old": b"\xd0\xcf\x11\xe0" + bytes(600), "text": b"name,answer\n", "none": b""}
    words = {"cut": "cut or damaged", "old": "old or an encrypted", "text": "no workbook", "none": "no workbook"}
    for name, data in given.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UnreadableInput, match=words[name]):
            read_workbook(tmp_path / name)
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as package:
        package.writestr("word/document.xml", "<a/>")
    (tmp_path / "word").write_bytes(other.getvalue())
    with pytest.raises(UnreadableInput, match="is no workbook"):
        read_workbook(tmp_path / "word")
    with pytest.raises(UnreadableInput, match="no such file"):
        read_workbook(tmp_path / "nothing")
