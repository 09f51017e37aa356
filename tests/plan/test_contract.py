"""Details of the contract on problems small enough to see the answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plan.checker import complaints
from tests.plan.planning import plan, printed
from tests.plan.random_problems import random_problem

HORIZON = {"start": "2026-12-01T00:00:00Z", "end": "2026-12-31T00:00:00Z"}


def window(name: str, day: int, *, minutes: int = 60, environment: str = "e") -> dict[str, Any]:
    start, end = f"2026-12-{day:02d}T10:00:00Z", f"2026-12-{day:02d}T12:00:00Z"
    return {"id": name, "environment": environment, "start": start, "end": end, "minutes": minutes}


def job(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "environment": "e", "minutes": 30, "available_at": "2026-12-01T00:00:00Z", "weight": 1, **more}


def problem(**parts: Any) -> dict[str, Any]:
    return {"schema": "passmuster/plan-problem@1", "horizon": HORIZON, **parts}


def placed(found: dict[str, Any]) -> dict[str, str]:
    return {each["job"]: each["window"] for each in found["placements"]}


def test_cost_counts_real_days_and_lateness() -> None:
    found = plan(
        problem(late_factor=5, windows=[window("w", 3)], jobs=[job("a", weight=2, due_at="2026-12-03T00:00:00Z")])
    )
    assert found["cost"] == pytest.approx(2 * (2.5 + 5 * 0.5))
    assert found["placements"] == [
        {"job": "a", "window": "w", "completed_at": "2026-12-03T12:00:00Z", "late_days": 0.5}
    ]
    assert found["late"][0]["job"] == "a"


def test_recurring_windows_are_read_in_their_zone() -> None:
    rule = {
        "id": "sun",
        "environment": "e",
        "rrule": "FREQ=WEEKLY;BYDAY=SU",
        "starts": "2026-12-06T02:00:00",
        "timezone": "Europe/Berlin",
        "minutes": 120,
    }
    found = plan(problem(recurring_windows=[rule], jobs=[job("a")]))
    assert placed(found) == {"a": "sun@2026-12-06T01:00:00Z"}
    assert found["placements"][0]["completed_at"] == "2026-12-06T03:00:00Z"


def test_an_owner_has_minutes_by_iso_week_in_utc() -> None:
    """6 December 2026 is a Sunday: the 7th begins a new week."""
    windows = [window("sun", 6), window("mon", 7)]
    found = plan(
        problem(
            owners=[{"id": "o", "minutes_per_week": 30}],
            windows=windows,
            jobs=[job("a", owner="o"), job("b", owner="o")],
        )
    )
    assert sorted(placed(found).values()) == ["mon", "sun"]
    same = [window("mon", 7), window("tue", 8)]
    found = plan(
        problem(
            owners=[{"id": "o", "minutes_per_week": 30}], windows=same, jobs=[job("a", owner="o"), job("b", owner="o")]
        )
    )
    assert len(found["placements"]) == 1
    found = plan(
        problem(
            owners=[{"id": "p", "minutes_per_week": 0}], windows=same, jobs=[job("a", owner="o"), job("b", owner="o")]
        )
    )
    assert len(found["placements"]) == 2


def test_a_window_may_touch_a_freeze_and_the_horizon() -> None:
    freeze = {"environments": ["e"], "start": "2026-12-03T12:00:00Z", "end": "2026-12-05T10:00:00Z"}
    windows = [window("before", 3, minutes=30), window("inside", 4), window("after", 5, minutes=30)]
    found = plan(problem(windows=windows, freezes=[freeze], jobs=[job("a"), job("b")]))
    assert sorted(placed(found).values()) == ["after", "before"]
    edge = problem(windows=[window("w", 3)], jobs=[job("a")])
    edge["horizon"] = {"start": "2026-12-03T10:00:00Z", "end": "2026-12-03T12:00:00Z"}
    assert placed(plan(edge)) == {"a": "w"}


def test_soak_is_counted_from_the_end_of_the_window() -> None:
    jobs = [job("test"), job("prod", after=[{"job": "test", "hours": 46}])]
    found = plan(problem(windows=[window("w3", 3), window("w4", 4), window("w5", 5)], jobs=jobs))
    assert placed(found) == {"test": "w3", "prod": "w5"}
    jobs = [job("test"), job("prod", after=[{"job": "test", "hours": 46.001}])]
    found = plan(problem(windows=[window("w3", 3), window("w4", 4), window("w5", 5)], jobs=jobs))
    assert "prod" not in placed(found)


def test_a_follower_must_come_soon_enough() -> None:
    jobs = [job("test"), job("prod", environment="p", weight=0.1, after=[{"job": "test", "within_hours": 24}])]
    windows = [window("w3", 3), window("w9", 9), window("p10", 10, environment="p")]
    found = plan(problem(windows=windows, jobs=jobs))
    assert placed(found) == {"test": "w3"}, "waiting six days with the test costs more than leaving production out"
    jobs[1]["weight"] = 10
    assert placed(plan(problem(windows=windows, jobs=jobs))) == {"test": "w9", "prod": "p10"}


def test_a_window_that_costs_is_shared() -> None:
    windows = [window("w3", 3, minutes=30), window("w5", 5, minutes=60)]
    jobs = [job("a"), job("b")]
    assert sorted(set(placed(plan(problem(windows=windows, jobs=jobs))).values())) == ["w3", "w5"]
    found = plan(problem(window_cost=3, windows=windows, jobs=jobs))
    assert set(placed(found).values()) == {"w5"}
    assert found["cost"] == pytest.approx(4.5 * 2 + 3)


def test_moving_costs_only_where_a_plan_is_kept() -> None:
    document = problem(move_cost=1.5, windows=[window("w3", 3), window("w4", 4)], jobs=[job("a")])
    kept = {"schema": "passmuster/plan@1", "placements": [{"job": "a", "window": "w4"}]}
    assert placed(plan(document)) == {"a": "w3"}
    assert placed(plan(document, kept=kept)) == {"a": "w4"}
    document["move_cost"] = 0.5
    found = plan(document, kept=kept)
    assert placed(found) == {"a": "w3"}
    assert found["cost"] == pytest.approx(2.5 + 0.5)


def test_the_vendor_takes_no_window_and_holds_up_those_that_wait() -> None:
    vendor = job(
        "v",
        mode="vendor_range",
        vendor={"earliest": "2026-12-03T00:00:00Z", "latest": "2026-12-04T00:00:00Z"},
        weight=3,
    )
    freezes = [
        {
            "name": "sales",
            "environments": ["e"],
            "start": "2026-12-03T20:00:00Z",
            "end": "2026-12-10T00:00:00Z",
            "binds": "vendor",
        },
        {"environments": ["e"], "start": "2026-12-03T20:00:00Z", "end": "2026-12-03T21:00:00Z"},
    ]
    windows = [window("w3", 3), window("w4", 4), window("w6", 6)]
    jobs = [vendor, job("a"), job("b", after=[{"job": "v", "hours": 24}])]
    document = problem(windows=windows, freezes=freezes, jobs=jobs)
    found = plan(document)
    assert not complaints(document, found)
    assert placed(found) == {"v": None, "a": "w3", "b": "w6"}
    assert found["cost"] == pytest.approx(3 * 3 + 2.5 + 5.5)
    assert {(each["with_kind"], each["with_id"]) for each in found["conflicts"]} == {("freeze", "sales"), ("job", "a")}


def test_a_hard_end_leaves_a_job_out_rather_than_late() -> None:
    found = plan(problem(windows=[window("w4", 4)], jobs=[job("a", must_end_by="2026-12-04T11:00:00Z")]))
    assert found["unplaced"][0]["code"] == "no_window"


@pytest.mark.parametrize("seed", [3, 4])
def test_the_same_input_seed_and_work_give_the_same_bytes(seed: int) -> None:
    document = random_problem(seed, jobs=60, days=40)
    document["windows"] = [
        window(f"{environment}{day}", day, minutes=45, environment=environment)
        for environment in "abc"
        for day in range(2, 30, 2)
    ]
    assert printed(document, work=2, seed=7) == printed(document, work=2, seed=7)
