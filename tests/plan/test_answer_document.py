"""Reading a plan back beside its problem."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from passmuster.errors import UnreadableInput
from passmuster.plan.answer_document import read_plan
from passmuster.report.plan_json import plan_document
from tests.report.planned import PLAN, PROBLEM


def test_a_plan_that_was_written_is_read_back() -> None:
    assert read_plan(plan_document(PLAN), "plan.json", PROBLEM) == PLAN


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"schema": "passmuster/plan@2"}, "is no passmuster/plan@1 document"),
    ({"status": "guessed"}, "status, cost, lower_bound: must be given"),
    ({"cost": None}, "status, cost, lower_bound: must be given"),
    ({"placements": 5}, "placements: is not a list"),
    ({"placements": [5]}, "placements.0: None is no job of the problem"),
    ({"unplaced": [{"job": "other"}]}, "unplaced.0: 'other' is no job of the problem"),
    (
        {
            "placements": [
                {"job": "n8n@1.2/crm-prod", "window": "x", "completed_at": "2026-12-06T03:00:00Z", "late_days": 0}
            ]
        },
        "placements.0.window: 'x' is no window of the problem",
    ),
    (
        {"placements": [{"job": "n8n@1.2/crm-prod", "window": None, "completed_at": "soon", "late_days": 0}]},
        "placements.0.completed_at: 'soon' is no time",
    ),
    (
        {
            "placements": [{"job": "n8n@1.2/crm-prod", "window": None, "completed_at": "2026-12-06T03:00:00Z"}],
            "late": 1,
        },
        "late: is not a list",
    ),
]


@pytest.mark.parametrize(("more", "why"), MISTAKES)
def test_a_plan_that_does_not_fit_is_refused(more: dict[str, Any], why: str) -> None:
    with pytest.raises(UnreadableInput, match=r"^plan\.json: ") as caught:
        read_plan({**plan_document(PLAN), **more}, "plan.json", PROBLEM)
    assert why in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    other = replace(PROBLEM, jobs=(), windows=())
    with pytest.raises(UnreadableInput) as caught:
        read_plan(plan_document(PLAN), "plan.json", other)
    assert len(str(caught.value).splitlines()) == 6
