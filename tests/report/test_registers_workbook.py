"""The registers as a workbook, read back by a library that did not write it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from passmuster.report.html.registers_view import registers_view
from passmuster.report.registers_workbook import all_sheets, write_registers
from tests.report import hostile, sample
from tests.report.registered import AS_OF, evil_registers, registered

RESULTS = sample.evaluation().results


def book(tmp_path: Path, view: Any = None) -> Any:
    path = tmp_path / "registers.xlsx"
    write_registers(view or registered(), RESULTS, path, platform="Test", as_of=AS_OF)
    return openpyxl.load_workbook(path)


def rows(sheet: Any) -> list[list[Any]]:
    """The table of a sheet, below its notes."""
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(place for place, row in enumerate(values) if sum(cell is not None for cell in row) > 1)
    return values[start:]


def test_every_register_has_a_sheet_with_every_row(tmp_path: Path) -> None:
    found = book(tmp_path)
    sheets = all_sheets(registered(), RESULTS)
    assert len(found.sheetnames) == len(sheets) == 10
    for sheet, name in zip(sheets, found.sheetnames, strict=True):
        head, *body = rows(found[name])
        assert head == list(sheet.columns)
        assert len(body) == len(sheet.rows) == sheet.count


def test_days_are_days_numbers_numbers_and_not_known_is_empty(tmp_path: Path) -> None:
    _, first, *_ = rows(book(tmp_path)["Keys and certificates"])
    assert first[:4] == ["ended", "overdue", AS_OF.replace(month=5, tzinfo=None), "certificate"]
    assert first[4] is None


def test_nothing_hostile_becomes_a_formula_or_breaks_the_file(tmp_path: Path) -> None:
    found = book(tmp_path, evil_registers(tuple(hostile.NAMES)))
    kinds = {cell.data_type for sheet in found for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "d", "inlineStr"}


def test_equal_registers_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        book(tmp_path / name)
    assert (tmp_path / "one/registers.xlsx").read_bytes() == (tmp_path / "two/registers.xlsx").read_bytes()


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    view = registered()
    cut = replace(view, sheets=(replace(view.sheets[0], count=20_001),))
    notes = [cell.value for cell in book(tmp_path, cut).worksheets[0]["A"]]
    assert "The first 5 of 20,001 rows; the snapshot holds all." in notes


def test_each_control_stands_under_one_party() -> None:
    sheet = all_sheets(registered(), RESULTS)[5]
    assert sheet.key == "responsibilities"
    for row, result in zip(sheet.rows, RESULTS, strict=True):
        parties = dict(zip(("customer", "vendor", "shared"), row[3:6], strict=True))
        assert [who for who, verdict in parties.items() if verdict] == [str(result.responsibility)]


def test_parties_and_verdicts_add_up_to_the_controls() -> None:
    view = registers_view(registered(), RESULTS)
    assert sum(sum(numbers) for _, numbers in view["parties"]) == len(RESULTS)


@pytest.mark.parametrize("state", ["whole", "partly", "open", "missing", "unknown"])
def test_each_state_of_the_matrix_is_in_the_sample(state: str) -> None:
    assert state in {cell.state for row in registered().events.rows for cell in row.cells}
