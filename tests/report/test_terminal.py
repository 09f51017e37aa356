from dataclasses import replace
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from passmuster.model.report import FleetReport, ReviewReport
from passmuster.report.terminal import print_evaluation, print_fleet
from tests.report import hostile, sample


def shown(report: ReviewReport | FleetReport, width: int = 80, *, colour: bool = False) -> str:
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=colour, color_system="truecolor" if colour else None)
    (print_fleet if isinstance(report, FleetReport) else print_evaluation)(console, report)
    return out.getvalue()


def test_it_leads_with_how_much_was_answered_and_what_would_answer_more():
    lines = shown(sample.review(), 200).splitlines()
    assert lines[0] == "Answered 29 of 42 controls"
    assert lines[2] == f"To answer 5 more controls: {sample.LOGS}"


def test_fails_come_worst_first_and_the_excepted_last():
    text = shown(sample.review())
    order = [text.index(control) for control in ("IAM-04", "NHI-02", "NHI-04", "BCK-02")]
    assert order == sorted(order)
    assert "excepted" in text


def test_unknowns_are_grouped_by_what_would_unlock_them():
    text = shown(sample.review(), 200)
    section = text[text.index("Could not be looked at") :]
    assert "LOG-01, EXP-04, LOG-03, LOG-04, LOG-06" in section


def test_the_drift_says_what_became_worse_and_what_cannot_be_compared():
    text = shown(sample.review(), 200)
    assert "worse: CON-09 (pass to fail)" in text
    assert "not comparable: settings" in text


@pytest.mark.parametrize("width", [30, 50, 80, 200])
@pytest.mark.parametrize("report", [sample.review(), sample.fleet()], ids=["review", "fleet"])
def test_no_line_is_wider_than_the_terminal(width: int, report: ReviewReport | FleetReport):
    assert max(cell_len(line) for line in shown(report, width).splitlines()) <= width


def test_hostile_names_neither_break_the_output_nor_style_it():
    report = replace(sample.review(), evaluation=hostile.evaluation())
    text = shown(report)
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "\u202e" not in text
    assert not any(ord(character) < 32 and character != "\n" for character in text)
    only_markup = hostile.violation(0, "[bold red]markup[/bold red][/]")
    bad = replace(hostile.evaluation().results[0], violations=(only_markup,), violation_count=1)
    kept = shown(replace(report, evaluation=replace(report.evaluation, results=(bad,))), 200, colour=True)
    assert "[bold red]markup[/bold red][/]" in kept


def test_colour_adds_nothing_that_words_do_not_tell():
    plain = shown(sample.review())
    assert "\x1b" not in plain
    assert "critical" in plain


def test_a_review_where_nothing_fails_says_so():
    evaluation = sample.evaluation()
    passes = replace(evaluation, results=tuple(r for r in evaluation.results if r.outcome == "pass"), unlocks=())
    text = shown(replace(sample.review(), evaluation=passes, drift=None))
    assert "Nothing that could be judged fails." in text


def test_a_fleet_shows_the_platform_that_could_not_be_reviewed_first_and_shared_fails_once():
    text = shown(sample.fleet())
    assert text.startswith("Reviewed 3 of 4 platforms")
    assert text.index("Plant floor") < text.index("Meridian automation")
    assert "no answer in 30 s" in text
    assert text.count("PRV-08") == 1
    assert "2: Meridian CRM, Meridian automation" in text
