"""Running the planner on documents, as the command line does."""

from __future__ import annotations

import io
import json
import time
from typing import Any

from passmuster.plan.effort import Effort, Limits
from passmuster.plan.kept import read_kept
from passmuster.plan.planning import make_plan
from passmuster.plan.problem import read_problem
from passmuster.plan.windows import expand
from passmuster.report.plan_json import write_plan
from tests.plan.checker import Doc


def plan(problem: Doc, *, kept: Doc | None = None, work: float = 20, seed: int = 0) -> Doc:
    """The plan of a problem, with counted work, as the JSON document that is printed."""
    return json.loads(printed(problem, kept=kept, work=work, seed=seed))


def printed(problem: Doc, *, kept: Doc | None = None, work: float = 20, seed: int = 0) -> str:
    """The text of that document."""
    read = read_problem(json.loads(json.dumps(problem)), "problem.json", expand).problem
    windows: dict[str, Any] = read_kept(kept, "kept.json") if kept else {}
    effort = Effort(Limits(work=work), time.monotonic)
    made = make_plan(read, effort, kept=windows, seed=seed, progress=lambda _text: None)
    out = io.StringIO()
    write_plan(made, out)
    return out.getvalue()
