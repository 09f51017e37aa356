"""Why a job is out, and that the change which is told does let it in."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.plan.checker import (
    Checked,
    Doc,
    at,
    check_freezes,
    check_minutes,
    check_order,
    check_owners,
    check_windows,
    days,
)
from tests.plan.planning import plan
from tests.plan.random_problems import random_problem
from tests.plan.test_contract import job, problem, window

FROZEN = {"name": "year end", "environments": ["e"], "start": "2026-12-01T00:00:00Z", "end": "2026-12-10T00:00:00Z"}
FULL = job("full", minutes=60, weight=90)
CASES: dict[str, tuple[Doc, str, str]] = {
    "no window at all": (problem(jobs=[job("a")]), "no_window", "another window of 30 minutes in e"),
    "windows of others only": (
        problem(windows=[window("w", 3, environment="x")], jobs=[job("a")]),
        "no_window",
        "another window",
    ),
    "windows too early": (
        problem(windows=[window("w", 3)], jobs=[job("a", available_at="2026-12-04T00:00:00Z")]),
        "no_window",
        "another window",
    ),
    "a window too small": (
        problem(windows=[window("w", 3, minutes=20)], jobs=[job("a")]),
        "no_capacity",
        "10 more minutes in window w",
    ),
    "a window that is full": (
        problem(windows=[window("w", 3)], jobs=[FULL, job("a")]),
        "no_capacity",
        "30 more minutes in window w",
    ),
    "an owner without time": (
        problem(owners=[{"id": "o", "minutes_per_week": 25}], windows=[window("w", 3)], jobs=[job("a", owner="o")]),
        "no_capacity",
        "5 more minutes of o in week 2026-W49",
    ),
    "a freeze": (
        problem(windows=[window("w", 3)], freezes=[FROZEN], jobs=[job("a")]),
        "freeze",
        "lifting the freeze year end",
    ),
    "after the horizon": (
        problem(windows=[window("w", 3)], jobs=[job("a", available_at="2027-01-05T00:00:00Z")]),
        "beyond_horizon",
        "a horizon until 2027-01-05",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_constraint_that_binds_is_named(name: str) -> None:
    document, code, words = CASES[name]
    told = {each["job"]: each for each in plan(document)["unplaced"]}
    assert told["a"]["code"] == code
    assert words in told["a"]["would_help"]


def test_a_job_behind_one_that_is_out_names_the_root() -> None:
    jobs = [job("a", minutes=90), job("b", after=[{"job": "a"}]), job("c", after=[{"job": "b"}])]
    told = {each["job"]: each for each in plan(problem(windows=[window("w", 3)], jobs=jobs))["unplaced"]}
    assert [told[name]["code"] for name in "abc"] == ["no_capacity", "predecessor", "predecessor"]
    assert "place a first: 30 more minutes in window w" in told["c"]["would_help"]


def test_a_late_job_is_told_what_would_make_it_timely() -> None:
    windows = [window("w3", 3), window("w9", 9)]
    found = plan(problem(windows=windows, jobs=[FULL, job("a", due_at="2026-12-05T00:00:00Z")]))
    assert [(each["job"], each["code"]) for each in found["late"]] == [("a", "no_capacity")]
    assert found["late"][0]["would_help"] == "30 more minutes in window w3"


def apply(document: Doc, told: Doc, name: str) -> tuple[Doc, str]:
    """The problem after the changes, and the window into which the job should fit now."""
    changed = copy.deepcopy(document)
    environment = next(each["environment"] for each in changed["jobs"] if each["id"] == name)
    where = ""
    for change in told["changes"]:
        if change["kind"] == "window":
            where = "added"
            keys = ("start", "end", "minutes")
            changed.setdefault("windows", []).append(
                {"id": where, "environment": environment} | {key: change[key] for key in keys}
            )
        elif change["kind"] == "window_minutes":
            where = change["about"]
            next(each for each in changed["windows"] if each["id"] == where)["minutes"] += change["minutes"]
        elif change["kind"] == "owner_minutes":
            next(each for each in changed["owners"] if each["id"] == change["about"])["minutes_per_week"] += change[
                "minutes"
            ]
        elif change["kind"] == "freeze":
            about = change["about"]
            number = next(
                index
                for index, each in enumerate(changed["freezes"])
                if each.get("name", f"freezes.{index}") == about and each["end"] == change["end"]
            )
            # The others keep their numbers: emptied, not removed.
            changed["freezes"][number]["environments"] = []
    return changed, where


def violations(document: Doc, found: Doc, name: str, where: str) -> list[str]:
    """What is wrong once the job is put into that window beside all the others."""
    placement: dict[str, Any] = {"job": name, "window": where, "late_days": 0.0}
    checked = Checked(
        document, {**found, "placements": [*(each for each in found["placements"] if each["job"] != name), placement]}
    )
    placement["completed_at"] = checked.windows[where]["end"]
    job_ = checked.jobs[name]
    if job_.get("due_at"):
        placement["late_days"] = max(0.0, days(at(placement["completed_at"]) - at(job_["due_at"])))
    for rule in (check_windows, check_freezes, check_minutes, check_owners, check_order):
        rule(checked)
    return [text for text in checked.complaints if text.startswith(name) or "minutes" in text]


@pytest.mark.parametrize("kind", ["unplaced", "late"])
def test_what_would_help_does_help(kind: str) -> None:
    """Every change that was told is made, and the job then fits beside all the others (and in time)."""
    tried = 0
    for seed in range(400, 600):
        document = random_problem(seed)
        found = plan(document)
        for told in found[kind]:
            kinds = {change["kind"] for change in told["changes"]}
            if not kinds or kinds & {"predecessor", "horizon"}:
                continue
            changed, where = apply(document, told, told["job"])
            candidates = [where] if where else [each["id"] for each in changed["windows"]]
            assert any(not violations(changed, found, told["job"], name) for name in candidates), (seed, told)
            if kind == "late" and where:
                due = next(each["due_at"] for each in document["jobs"] if each["id"] == told["job"])
                assert at(next(each for each in changed["windows"] if each["id"] == where)["end"]) <= at(due)
            tried += 1
    assert tried > 20
