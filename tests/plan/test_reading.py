"""What is wrong with a problem is told at once, each with its place and what to do."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from passmuster.errors import UnreadableInput
from passmuster.plan.kept import read_kept
from passmuster.plan.problem import read_problem
from passmuster.plan.windows import expand
from tests.plan.checker import complaints
from tests.plan.planning import plan

GOOD: dict[str, Any] = {
    "schema": "passmuster/plan-problem@1",
    "horizon": {"start": "2026-12-01T00:00:00Z", "end": "2027-02-23T00:00:00Z"},
    "owners": [{"id": "crm-team", "minutes_per_week": 600}],
    "windows": [
        {
            "id": "w1",
            "environment": "crm-prod",
            "start": "2026-12-06T01:00:00Z",
            "end": "2026-12-06T03:00:00Z",
            "minutes": 120,
        }
    ],
    "freezes": [{"environments": ["crm-prod"], "start": "2026-12-20T00:00:00Z", "end": "2027-01-04T00:00:00Z"}],
    "jobs": [
        {
            "id": "p1",
            "environment": "crm-prod",
            "owner": "crm-team",
            "minutes": 30,
            "available_at": "2026-12-01T00:00:00Z",
            "weight": 4.0,
        },
        {
            "id": "p2",
            "environment": "crm-prod",
            "minutes": 30,
            "available_at": "2026-12-01T00:00:00Z",
            "weight": 1,
            "after": [{"job": "p1", "hours": 48}],
        },
    ],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(GOOD)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    at: Any = document
    for part in way:
        at = at[part]
    at[last] = value
    return document


def refusal(document: Any) -> str:
    with pytest.raises(UnreadableInput) as told:
        read_problem(document, "problem.json", expand)
    return str(told.value)


BAD = {
    "a window that ends before it starts": (
        "windows.0.end",
        "2026-12-06T00:00:00Z",
        ["windows.0 (w1)", "before it starts"],
    ),
    "a window that ends when it starts": (
        "windows.0.end",
        "2026-12-06T01:00:00Z",
        ["windows.0 (w1)", "when it starts"],
    ),
    "more minutes than the window is long": ("windows.0.minutes", 121, ["windows.0 (w1)", "121", "120"]),
    "a horizon that is reversed": ("horizon.end", "2026-11-01T00:00:00Z", ["horizon", "before it starts"]),
    "a time without offset": ("jobs.0.available_at", "2026-12-01T00:00:00", ["jobs.0 (p1).available_at", "offset"]),
    "a text that is no time": ("jobs.0.due_at", "soon", ["jobs.0 (p1).due_at", "'soon'"]),
    "a day that does not exist": ("freezes.0.end", "2026-02-30T00:00:00Z", ["freezes.0.end", "is no time"]),
    "negative minutes": ("jobs.1.minutes", -5, ["jobs.1.minutes", "-5"]),
    "minutes that are no number": ("jobs.1.minutes", "half an hour", ["jobs.1.minutes", "whole number"]),
    "minutes that are true": ("jobs.1.minutes", True, ["jobs.1.minutes"]),
    "a weight past all bounds": ("jobs.1.weight", float("inf"), ["jobs.1.weight"]),
    "an owner without minutes": ("owners.0", {"id": "crm-team"}, ["owners.0", "minutes_per_week"]),
    "an owner with negative minutes": ("owners.0.minutes_per_week", -1, ["owners.0.minutes_per_week"]),
    "a predecessor that is no job": ("jobs.1.after.0.job", "p9", ["jobs.1 (p2).after", "'p9'"]),
    "a job that waits for itself": ("jobs.1.after.0.job", "p2", ["jobs.1 (p2)", "p2 after p2"]),
    "a ring of jobs": ("jobs.0.after", [{"job": "p2"}], ["waits for itself", "p1 after p2 after p1"]),
    "two jobs of one id": ("jobs.1.id", "p1", ["jobs.1 (p1)", "given twice", "jobs.0"]),
    "within_hours below hours": ("jobs.1.after.0.within_hours", 24, ["jobs.1 (p2).after", "24", "48"]),
    "a vendor's job without its span": ("jobs.0.mode", "vendor_fixed", ["jobs.0 (p1).vendor", "earliest"]),
    "a mode that is not known": ("jobs.0.mode", "theirs", ["jobs.0.mode", "vendor_range"]),
    "a schema of something else": ("schema", "passmuster/plan@1", ["schema", "plan-problem@1"]),
    "jobs that are no list": ("jobs", {"p1": {}}, ["jobs", "a list"]),
    "a job that is no mapping": ("jobs.0", 7, ["jobs.0", "a mapping"]),
    "a year out of reach": ("horizon.end", "9999-01-01T00:00:00Z", ["horizon.end", "too far"]),
    "a zone that does not exist": (
        "recurring_windows",
        [
            {
                "id": "sun",
                "environment": "crm-prod",
                "rrule": "FREQ=WEEKLY",
                "starts": "2026-12-06T02:00:00",
                "timezone": "Europe/Nowhere",
                "minutes": 60,
            }
        ],
        ["recurring_windows.0 (sun)", "Europe/Nowhere"],
    ),
    "a rule that cannot be read": (
        "recurring_windows",
        [
            {
                "id": "sun",
                "environment": "crm-prod",
                "rrule": "FREQ=SOMETIMES",
                "starts": "2026-12-06T02:00:00",
                "timezone": "UTC",
                "minutes": 60,
            }
        ],
        ["recurring_windows.0 (sun)", "FREQ"],
    ),
    "a start with an offset": (
        "recurring_windows",
        [
            {
                "id": "sun",
                "environment": "crm-prod",
                "rrule": "FREQ=WEEKLY",
                "starts": "2026-12-06T02:00:00Z",
                "timezone": "UTC",
                "minutes": 60,
            }
        ],
        ["recurring_windows.0 (sun).starts", "local time"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_told_with_its_place(name: str) -> None:
    path, value, words = BAD[name]
    told = refusal(changed(path, value))
    assert told.startswith("problem.json: ")
    for word in words:
        assert word in told, told


def test_all_mistakes_are_told_at_once() -> None:
    document = changed("windows.0.end", "2026-12-06T00:00:00Z")
    document["jobs"][0]["minutes"] = -1
    document["jobs"][1]["after"][0]["job"] = "p9"
    told = refusal(document)
    assert len(told.splitlines()) == 3, told


@pytest.mark.parametrize("document", [None, [], 7, "text", {}, {"schema": "passmuster/plan-problem@1"}])
def test_what_is_no_problem_is_refused(document: Any) -> None:
    assert "problem.json" in refusal(document)


def test_only_schema_horizon_and_jobs_are_required() -> None:
    least = {"schema": GOOD["schema"], "horizon": GOOD["horizon"], "jobs": []}
    found = plan(least)
    assert (found["status"], found["cost"], found["gap"]) == ("optimal", 0, 0)
    least["jobs"] = [{"id": "p", "environment": "e", "minutes": 5, "available_at": "2026-12-01T00:00:00Z", "weight": 1}]
    found = plan(least)
    assert found["unplaced"][0]["code"] == "no_window"
    assert found["cost"] == pytest.approx(84)


def test_a_rule_without_end_is_cut_by_the_horizon() -> None:
    rule = {
        "id": "d",
        "environment": "crm-prod",
        "rrule": "FREQ=DAILY",
        "starts": "2020-01-01T02:00:00",
        "timezone": "UTC",
        "minutes": 60,
    }
    windows = read_problem({**GOOD, "recurring_windows": [rule]}, "problem.json", expand).problem.windows
    assert len(windows) == 1 + 84


def test_ten_thousand_windows_are_read_and_used() -> None:
    document = copy.deepcopy(GOOD)
    document["windows"] = [
        {
            "id": f"w{n}",
            "environment": f"e{n % 50}",
            "start": f"2026-12-{n % 28 + 1:02d}T{n % 23:02d}:00:00Z",
            "end": f"2026-12-{n % 28 + 1:02d}T{n % 23:02d}:30:00Z",
        }
        for n in range(10_000)
    ]
    document["jobs"][0]["environment"] = document["jobs"][1]["environment"] = "e7"
    del document["freezes"]
    found = plan(document)
    assert not complaints({**document, "windows": [{**w, "minutes": 30} for w in document["windows"]]}, found)
    assert len(found["placements"]) == 2


def test_an_owner_of_zero_minutes_is_no_mistake_but_told() -> None:
    document = changed("owners.0.minutes_per_week", 0)
    reading = read_problem(document, "problem.json", expand)
    assert "owners.0 (crm-team)" in reading.warnings[0]
    found = plan(document)
    assert [each["code"] for each in found["unplaced"]] == ["no_capacity", "predecessor"]
    assert "crm-team" in found["unplaced"][0]["would_help"]


def test_a_key_that_is_not_known_is_told() -> None:
    reading = read_problem({**GOOD, "late_facter": 5}, "problem.json", expand)
    assert "'late_facter'" in reading.warnings[0]


def test_the_plan_to_keep_must_be_a_plan(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="plan@1"):
        read_kept(GOOD, "kept.json")
    twice = {"schema": "passmuster/plan@1", "placements": [{"job": "a", "window": "w"}] * 2}
    with pytest.raises(UnreadableInput, match="placed twice"):
        read_kept(twice, "kept.json")
    assert read_kept(json.loads('{"schema": "passmuster/plan@1", "placements": []}'), "kept.json") == {}


def test_a_freeze_of_an_environment_nobody_has_is_told() -> None:
    reading = read_problem(changed("freezes.0.environments", ["crm-prod", "crm-prd"]), "problem.json", expand)
    assert [text for text in reading.warnings if "crm-prd" in text] == list(reading.warnings)
    assert "freezes.0: no job or window is in 'crm-prd'" in reading.warnings[0]
    assert read_problem(GOOD, "problem.json", expand).warnings == ()


def test_an_id_cannot_pass_for_a_complaint_of_its_own() -> None:
    document = changed("jobs.0.id", "p1\nproblem.json: all is well")
    document["jobs"][0]["after"] = [{"job": "nobody", "hours": 1}]
    assert not [line for line in refusal(document).splitlines() if line.startswith("problem.json: all is well")]
