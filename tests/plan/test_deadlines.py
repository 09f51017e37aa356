"""Whenever time runs out there is a plan that holds, with a bound, and little is begun after that moment."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from benchmarks.planning_problem import problem

from passmuster.plan.effort import Effort, Limits
from passmuster.plan.planning import make_plan
from passmuster.plan.problem import read_problem
from passmuster.plan.windows import expand
from passmuster.report.plan_json import write_plan
from tests.plan.checker import complaints

OVERLOADED = problem(600, load=3.0, seed=1)


class Ticking:
    """A clock that goes on by a hundredth of a second each time it is looked at."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return self.looks / 100


def planned(seconds: float) -> tuple[dict[str, Any], float]:
    """The plan, and how long it took by the ticking clock."""
    read, clock, out = read_problem(OVERLOADED, "problem.json", expand).problem, Ticking(), io.StringIO()
    effort = Effort(Limits(seconds=seconds), clock)
    write_plan(make_plan(read, effort, kept={}, seed=0, progress=lambda _text: None), out)
    return json.loads(out.getvalue()), clock.looks / 100


@pytest.mark.parametrize("seconds", [0.001, 0.05, 0.2, 0.5, 1.0, 1.5, 2.0, 3.0])
def test_a_plan_holds_and_ends_on_time_whenever_time_runs_out(seconds: float) -> None:
    plan, took = planned(seconds)
    assert complaints(OVERLOADED, plan) == []
    assert plan["status"] == "feasible"
    assert took <= seconds * 1.1 + 0.3


def test_even_without_any_time_minutes_have_prices_and_plan_and_bound_are_sensible() -> None:
    hurried, _ = planned(0.001)
    leisurely, _ = planned(5.0)
    assert hurried["cost"] <= 1.1 * leisurely["cost"]
    assert hurried["gap"] < 0.35
    assert leisurely["gap"] <= hurried["gap"]


def test_time_before_the_clock_was_asked_counts_and_what_is_kept_back_is_not_spent() -> None:
    moment = [100.0]
    effort = Effort(Limits(seconds=10), lambda: moment[0], began_at=95.0)
    assert effort.seconds_left == 5.0
    effort.reserve(2.0)
    assert (effort.seconds_left, effort.is_over) == (3.0, False)
    moment[0] = 103.0
    assert effort.is_over
