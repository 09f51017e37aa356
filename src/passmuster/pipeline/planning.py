"""Planning: a problem file and perhaps the plan before, to a plan."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from passmuster.documents.json_file import read_json
from passmuster.model.schedule import Plan, Problem
from passmuster.plan.answer_document import read_plan
from passmuster.plan.effort import Effort, Limits
from passmuster.plan.kept import next_revision, read_kept
from passmuster.plan.planning import make_plan
from passmuster.plan.problem import read_problem
from passmuster.plan.windows import expand
from passmuster.report.patch_notes import patch_notes
from passmuster.report.plan_json import plan_document

DEFAULT_SECONDS = 60.0


@dataclass(frozen=True)
class PlanRequest:
    """What to plan, how long, and from which random number. Counted `work` makes the plan reproducible."""

    problem: Path
    kept: Path | None = None
    seconds: float | None = None
    work: float | None = None
    seed: int = 0
    began_at: float | None = None
    """When the user began to wait, by the monotonic clock; `seconds` count from then."""


@dataclass(frozen=True)
class Planned:
    """A plan and the problem it answers."""

    problem: Problem
    plan: Plan
    notes: Mapping[str, str] = field(default_factory=dict)
    """What each patch mends, where `plan-problem` noted it."""


def plan_file(
    request: PlanRequest,
    *,
    progress: Callable[[str], None] = lambda _text: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Planned:
    """Read the problem and plan it; raises UnreadableInput with every mistake of the files."""
    has_no_limit = request.seconds is None and request.work is None
    seconds = DEFAULT_SECONDS if has_no_limit else request.seconds
    # The clock runs while the files are read: the limit is what the user waits.
    limits = Limits(seconds, request.work, workers=os.cpu_count() or 1)
    effort = Effort(limits, time.monotonic, is_stopped, began_at=request.began_at)
    document = read_json(request.problem, has_unique_keys=True)
    reading = read_problem(document, str(request.problem), expand)
    before = read_json(request.kept) if request.kept else None
    kept = read_kept(before, str(request.kept)) if request.kept else {}
    plan = make_plan(reading.problem, effort, kept=kept, seed=request.seed, progress=progress)
    told = replace(plan, warnings=(*reading.warnings, *plan.warnings), revision=next_revision(before) if before else 0)
    return Planned(reading.problem, told, patch_notes(document))


def plan_document_of(
    problem: Any,
    kept: Any = None,
    *,
    seconds: float,
    work: float,
    progress: Callable[[str], None] = lambda _text: None,
) -> dict[str, Any]:
    """The `passmuster/plan@1` document of a problem's; `kept` is the plan before, None where there is none.

    Counted `work` makes it reproducible, `seconds` caps it. Raises UnreadableInput.
    """
    effort = Effort(Limits(seconds, work, workers=1), time.monotonic)
    reading = read_problem(problem, "problem", expand)
    before = read_kept(kept, "plan before") if kept else {}
    plan = make_plan(reading.problem, effort, kept=before, seed=0, progress=progress)
    return plan_document(replace(plan, warnings=(*reading.warnings, *plan.warnings)))


def read_planned(problem: Any, plan: Any) -> Planned:
    """A problem and its plan from their documents; raises UnreadableInput."""
    read = read_problem(problem, "problem", expand).problem
    return Planned(read, read_plan(plan, "plan", read), patch_notes(problem))
