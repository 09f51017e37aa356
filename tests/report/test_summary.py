from dataclasses import replace

from passmuster.model.drift import ControlChange, Drift
from passmuster.model.results import Evaluation, Unlock
from passmuster.model.words import Outcome, Severity
from passmuster.report import summary
from tests.report import sample


def first_steps(evaluation: Evaluation) -> tuple[summary.Step, ...]:
    return summary.first_steps(evaluation, summary.fails(evaluation))


def test_an_excepted_failure_comes_last_and_is_not_counted_as_open():
    found = summary.fails(sample.evaluation())
    assert found[-1].result.control == "BCK-02"
    assert found[-1].is_excepted
    assert sum(summary.count_by_severity(found).values()) == len(found) - 1


def test_a_row_may_be_worse_than_its_control_and_moves_it_up():
    evaluation = sample.evaluation()
    mild = next(result for result in evaluation.results if result.control == "NHI-04")
    worse = replace(mild, violations=(replace(mild.violations[0], severity=Severity.CRITICAL), *mild.violations[1:]))
    (fail,) = summary.fails(replace(evaluation, results=(worse,)))
    assert fail.severity is Severity.CRITICAL


def test_controls_with_the_same_unlock_are_one_cause_whatever_their_reasons():
    causes = summary.unknown_causes(sample.evaluation())
    assert [len(cause.results) for cause in causes] == [5, 2, 1, 1]
    assert causes[0].unlocks == (sample.LOGS,)
    assert len(causes[0].reasons) == 2


def test_a_faulty_check_is_told_among_what_could_not_be_judged():
    causes = summary.unknown_causes(sample.evaluation())
    assert any(result.outcome is Outcome.ERROR for cause in causes for result in cause.results)


def test_there_are_at_most_three_first_steps_and_one_of_them_answers_most():
    steps = first_steps(sample.evaluation())
    assert len(steps) == 3
    assert [step.control for step in steps] == ["IAM-04", "NHI-09", ""]
    assert steps[2].text == sample.LOGS


def test_without_unlocks_all_first_steps_mend():
    steps = first_steps(replace(sample.evaluation(), unlocks=()))
    assert all(step.control for step in steps)


def test_nothing_to_mend_leaves_what_to_unlock():
    evaluation = replace(sample.evaluation(), results=(), unlocks=(Unlock("Give a key.", ("A", "B")),))
    assert [step.text for step in first_steps(evaluation)] == ["Give a key"]


def test_verdicts_are_sorted_by_the_way_they_moved():
    changes = (
        ControlChange("A", "A", "pass", "fail"),
        ControlChange("B", "B", "fail", "pass"),
        ControlChange("C", "C", "fail", "fail", ("new",), ("gone",)),
        ControlChange("D", "D", "fail", "fail", (), ("gone",)),
        ControlChange("E", "E", "pass", "unknown"),
        ControlChange("F", "F", "manual", "not_applicable"),
        ControlChange("G", "G", "unknown", "pass"),
    )
    moved = summary.movement(Drift("a", "b", (), changes))
    ids = [[change.control for change in way] for way in (moved.worse, moved.better, moved.lost, moved.other)]
    assert ids == [["A", "C"], ["B", "D", "G"], ["E"], ["F"]]


def test_a_control_failing_on_two_platforms_is_told_once_with_both_names():
    shared = summary.shared_fails(sample.fleet())
    (found,) = [fail for fail in shared if fail.control == "PRV-08"]
    assert found.platforms == ("Meridian CRM", "Meridian automation")
    assert found.violation_count == 2


def test_a_fleet_line_leaves_out_what_exceptions_cover():
    line = summary.fleet_line(sample.evaluation(), href="x/report.html")
    assert "BCK-02" not in {control.control for control in line.failing}
    assert line.worst is Severity.CRITICAL
    assert line.counts[Outcome.FAIL] == 14
