"""A plan's documents as what a page shows of them."""

from __future__ import annotations

from typing import Any

from passmuster.pipeline.planning import read_planned
from passmuster.report.html.plan_view import plan_view


def plan_picture(problem: Any, plan: Any) -> dict[str, Any]:
    """The timeline, the lines of work, what is late or has no window, and what is proved; raises UnreadableInput."""
    planned = read_planned(problem, plan)
    shown: dict[str, Any] = plan_view(planned.problem, planned.plan)["plan_view"]
    return shown
