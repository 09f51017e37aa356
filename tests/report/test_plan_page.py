"""The plan's page: its picture lies where the times say, its tables tell everything, hostile names stay text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest

from passmuster.model.report import Provenance
from passmuster.model.schedule import (
    After,
    Conflict,
    Freeze,
    Job,
    Placement,
    Plan,
    PlanStatus,
    Problem,
    Span,
    Unplaced,
    UnplacedCode,
    Window,
)
from passmuster.report.html.page import write_plan
from passmuster.report.html.plan_rows import ordered_environments
from passmuster.report.html.plan_timeline import LEFT, MOST_ROWS, ROW_HEIGHT, TOP, TRACK_HEIGHT, draw_timeline
from passmuster.report.html.plan_view import MOST_LINES, plan_view, proof
from tests.report import hostile
from tests.report.planned import HORIZON, PLAN, PROBLEM, at
from tests.report.test_html_report import Page

MADE = Provenance("0.0.0", at("2026-12-01"))
PLANNED = PROBLEM, PLAN


def evil_plan() -> tuple[Problem, Plan]:
    """Every name is hostile, one after the other."""
    jobs, windows, freezes, placements, unplaced, conflicts = [], [], [], [], [], []
    for number, name in enumerate(hostile.NAMES):
        start = HORIZON.start + timedelta(days=3 * number)
        span = Span(start, start + timedelta(hours=2))
        windows.append(Window(f"{number}{name}", name, span, 60))
        freezes.append(Freeze((name,), Span(start + timedelta(days=1), start + timedelta(days=2)), name=name))
        jobs += [
            Job(f"{number}{name}", name, 30, start, 1.0, patch=name, owner=name, due_at=start + timedelta(hours=1)),
            Job(f"out{number}{name}", name, 30, start, 1.0, patch=name, due_at=start),
        ]
        placements.append(Placement(f"{number}{name}", f"{number}{name}", span.end, 1 / 24))
        unplaced.append(Unplaced(f"out{number}{name}", UnplacedCode.NO_WINDOW, name, name))
        conflicts.append(Conflict(f"out{number}{name}", "job", name, name))
    problem = Problem(HORIZON, tuple(jobs), tuple(windows), tuple(freezes))
    plan = Plan(PlanStatus.FEASIBLE, 2.0, 1.0, tuple(placements), tuple(unplaced), conflicts=tuple(conflicts))
    return problem, replace(plan, warnings=hostile.NAMES)


def page(problem: Problem = PROBLEM, plan: Plan = PLAN) -> Page:
    out = StringIO()
    write_plan(problem, plan, out, provenance=MADE)
    return Page(out.getvalue())


def words(found: Page) -> str:
    return " ".join(" ".join(found.words).split())


def test_windows_and_work_lie_where_their_times_say() -> None:
    picture = draw_timeline(PROBLEM, PLAN)
    prod = picture.rows[1]
    whole = picture.width - LEFT - 10
    per_day = whole / 84
    assert (prod.name, len(prod.windows)) == ("crm-prod", 12)
    # Sunday the 6th, 01:00 UTC: five days and an hour after the horizon's start.
    assert prod.windows[0].x == pytest.approx(LEFT + (5 + 1 / 24) * per_day, abs=0.1)
    assert prod.freezes[0].width == pytest.approx(16 * per_day, abs=0.2)
    assert all(box.x >= LEFT and box.x + box.width <= LEFT + whole + 0.1 for row in picture.rows for box in row.windows)


def test_windows_that_crowd_one_another_are_ticks_but_those_with_work() -> None:
    placed = {placement.window for placement in PLAN.placements}
    nights = [
        Window(f"night-{day}", "crm-prod", Span(start, start + timedelta(hours=2)), 120)
        for day in range(84)
        for start in (HORIZON.start + timedelta(days=day, hours=22),)
    ]
    crowded = replace(PROBLEM, windows=(*PROBLEM.windows, *nights))
    _, prod = draw_timeline(crowded, PLAN).rows
    used = sum(window.environment == "crm-prod" and window.id in placed for window in PROBLEM.windows)
    assert (len(prod.windows), len(prod.ticks)) == (used, 84 + 12 - used)
    ticks = sorted(tick.x for tick in prod.ticks)
    assert all(tick.width < 3 for tick in prod.ticks)
    assert ticks[0] >= LEFT
    # Where they have room they are boxes, as they were.
    assert not any(row.ticks for row in draw_timeline(PROBLEM, PLAN).rows)


def test_work_is_as_high_as_the_share_of_the_window_it_takes() -> None:
    test, prod = draw_timeline(PROBLEM, PLAN).rows
    assert [box.height for box in (*test.work, *prod.work)] == [7.0, pytest.approx(TRACK_HEIGHT * 45 / 120)]
    assert [box.is_hot for box in (*test.work, *prod.work)] == [False, True]
    assert "n8n@1.2 (2.1 days late): 45 minutes of 120" in prod.work[0].title


def test_soaking_goes_from_the_end_of_one_window_to_the_start_of_the_other() -> None:
    picture = draw_timeline(PROBLEM, PLAN)
    (path,) = picture.arrows
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    before, after = picture.rows[0].work[0], picture.rows[1].work[0]
    assert numbers[0] == pytest.approx(before.x + before.width)
    assert numbers[-2] == pytest.approx(after.x, abs=1.1)
    assert numbers[-1] - numbers[1] == ROW_HEIGHT


def test_deadlines_outside_the_horizon_are_not_drawn() -> None:
    jobs = (replace(PROBLEM.jobs[0], due_at=HORIZON.end + timedelta(days=1)), *PROBLEM.jobs[1:])
    test, prod = draw_timeline(replace(PROBLEM, jobs=jobs), PLAN).rows
    assert (len(test.deadlines), len(prod.deadlines)) == (0, 2)


def test_environments_that_soak_first_stand_first_and_chains_stay_together() -> None:
    def job(name: str, environment: str, *before: str) -> Job:

        return Job(name, environment, 1, HORIZON.start, 1.0, after=tuple(After(each) for each in before))

    jobs = (job("1", "z-dev"), job("2", "m-test", "1"), job("3", "a-prod", "2"), job("4", "n"), job("5", "b", "6"))
    circle = (*jobs, job("6", "c", "5"))
    windows = (Window("w", "idle", HORIZON, 1),)
    assert ordered_environments(Problem(HORIZON, jobs, windows))[-1] == "idle"
    found = ordered_environments(Problem(HORIZON, circle, windows))
    assert found.index("z-dev") < found.index("m-test") < found.index("a-prod")
    assert sorted(found) == ["a-prod", "b", "c", "idle", "m-test", "n", "z-dev"]


def test_the_page_says_what_is_proved_and_never_less_than_the_truth() -> None:
    assert "none costs less" in proof(replace(PLAN, status=PlanStatus.OPTIMAL))
    assert proof(replace(PLAN, cost=100.39, lower_bound=100.0)) == (
        "This plan costs at most 0.4 % more than the best possible one."
    )
    assert "at most 0.5 %" in proof(replace(PLAN, cost=100.41, lower_bound=100.0))
    assert "at most 0.1 %" in proof(replace(PLAN, cost=100.0, lower_bound=100.0))
    assert "not known" in proof(replace(PLAN, lower_bound=0.0))


def test_everything_of_the_picture_is_in_words_too() -> None:
    told = words(page())
    for said in (
        "3 jobs of 4 placed, 2 of them in 2 windows of ours; 1 late, 1 without a window.",
        "Sun 2026-12-06 02:00–04:00 Europe/Berlin",
        "Tue 2026-12-01 18:00–20:00 America/New_York",
        "2.1 days late",
        "no window It takes 600 minutes",
        "A window of 600 minutes in crm-prod.",
        "It falls into the freeze Year end",
    ):
        assert said in told, said


def test_an_empty_plan_has_a_page() -> None:
    told = words(page(Problem(HORIZON, ()), Plan(PlanStatus.OPTIMAL, 0.0, 0.0, ())))
    assert "No job has a window." in told
    assert "Every job has its window" in told


def test_hostile_names_stay_text() -> None:
    found = page(*evil_plan())
    assert len(found.all("script")) == 1
    assert not found.all("img") + found.all("iframe")
    assert not [name for _, attrs in found.tags for name in attrs if name.startswith("on")]
    assert "style" not in {name for _, attrs in found.tags for name in attrs}
    assert not [
        attrs for _, attrs in found.tags for name in ("href", "src") if re.match(r"(https?:)?//", attrs.get(name) or "")
    ]


def test_very_many_things_stay_readable() -> None:
    environments = [f"env-{number:03}" for number in range(MOST_ROWS + 20)]
    windows = tuple(
        Window(f"w-{name}-{week}", name, Span(start, start + timedelta(hours=2)), 120)
        for name in environments
        for week in range(12)
        for start in [HORIZON.start + timedelta(weeks=week)]
    )
    jobs = tuple(Job(f"j-{window.id}", window.environment, 10, HORIZON.start, 1.0) for window in windows)
    placements = tuple(Placement(f"j-{each.id}", each.id, each.span.end, 0.0) for each in windows)
    problem = Problem(HORIZON, jobs, windows, (Freeze((), HORIZON),))
    plan = Plan(PlanStatus.FEASIBLE, 2.0, 1.0, placements)
    picture = draw_timeline(problem, plan)
    assert (len(picture.rows), picture.rest) == (MOST_ROWS, 20)
    assert picture.height == TOP + MOST_ROWS * ROW_HEIGHT + 6
    assert plan_view(problem, plan)["plan_view"]["rest"] == len(jobs) - MOST_LINES
    assert "220 more jobs" in words(page(problem, plan))
