import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.model.results import Evaluation
from passmuster.report.csv_writer import COLUMNS, ENCODING, safe_cell, write_findings
from passmuster.snapshot.registers import plain_cell
from tests.report import hostile, sample


def rows(evaluation: Evaluation) -> list[dict[str, str]]:
    out = StringIO(newline="")
    write_findings(evaluation, out)
    return list(csv.DictReader(StringIO(out.getvalue(), newline="")))


def test_every_violation_is_one_row_and_every_control_without_verdict_another():
    evaluation = sample.evaluation()
    found = rows(evaluation)
    assert sum(row["status"] == "fail" for row in found) == sum(r.violation_count for r in evaluation.results)
    unjudged = {row["control"] for row in found if row["status"] != "fail"}
    wanted = {r.control for r in evaluation.results if r.outcome in ("unknown", "error", "manual")}
    assert unjudged == wanted
    assert not any(row["status"] in ("pass", "not_applicable") for row in found)


def test_an_unknown_control_tells_its_cause_and_what_would_unlock_it():
    (row,) = [row for row in rows(sample.evaluation()) if row["control"] == "IAM-07"]
    assert row["detail"] == "settings: denied (HTTP 403 on /api/v1/audit)"
    assert row["unlock"] == sample.OWNER_KEY
    assert row["resource_id"] == ""


def test_an_exception_is_told_with_its_end_and_who_approved_it():
    (row,) = [row for row in rows(sample.evaluation()) if row["control"] == "BCK-02"]
    assert row["exception"] == "until 2026-09-30T00:00:00Z, approved by ciso@meridian.example"


@pytest.mark.parametrize(
    "cell",
    [
        "=1",
        "+1",
        "-1",
        "@x",
        "\t=1",
        "\tplain",
        "\r=1",
        "\n=1",
        "  =1",
        "\u00a0@x",
        "\u200b=1",
        "＝1",
        "\x00=1",
        "\ufeff+1",
    ],
)
def test_a_cell_that_could_start_a_formula_starts_with_an_apostrophe_or_a_plain_line_end(cell: str):
    safe = safe_cell(cell)
    assert safe.lstrip("\n").startswith("'")
    assert not safe.lstrip("\n \t\u00a0\u200b").startswith(("=", "+", "-", "@", "＝"))


@pytest.mark.parametrize("cell", ["x;=1", "x\n=1", "x\t@y", "x; +1"])
def test_a_formula_after_a_separator_of_another_spreadsheet_is_disarmed_too(cell: str):
    assert "'" in safe_cell(cell)


@pytest.mark.parametrize("cell", ["plain", "a-b", "a=b", "user@example.org", "3 - 2", "שלום", "👩‍👧", ""])
def test_harmless_cells_are_left_alone(cell: str):
    assert safe_cell(cell) == cell


def test_hostile_names_keep_the_table_in_shape():
    out = StringIO(newline="")
    write_findings(hostile.evaluation(), out)
    parsed = list(csv.reader(StringIO(out.getvalue(), newline="")))
    assert {len(row) for row in parsed} == {len(COLUMNS)}
    for row in parsed[1:]:
        for cell in row:
            assert not cell.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
            assert not any(ord(character) < 32 and character not in "\n\t" for character in cell)
            assert "\u202e" not in cell
    assert out.getvalue().encode(ENCODING).startswith(b"\xef\xbb\xbf")


def test_five_thousand_violations_are_five_thousand_rows():
    evaluation = hostile.evaluation(copies=200)
    evil = [row for row in rows(evaluation) if row["control"] == "EVIL-01"]
    assert len(evil) == 5000


@given(st.text("=+-@＝＋ ;\t\nab1", max_size=12))
def test_a_register_gets_back_what_a_safe_cell_holds(text: str) -> None:
    cell = safe_cell(text)
    assert plain_cell(cell) == text
    assert safe_cell(plain_cell(cell)) == cell
