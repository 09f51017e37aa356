"""Reading a plan that was made (`passmuster/plan@1`) beside the problem it answers."""

from __future__ import annotations

from typing import Any

from passmuster.errors import UnreadableInput
from passmuster.model.schedule import Conflict, Late, Placement, Plan, PlanStatus, Problem, Unplaced, UnplacedCode
from passmuster.plan.moments import Notes

_SCHEMA = "passmuster/plan@1"
_LISTS = ("placements", "unplaced", "late", "conflicts")


def read_plan(document: Any, where: str, problem: Problem) -> Plan:
    """The plan; raises UnreadableInput with every mistake, among them jobs and windows the problem does not have."""
    if not isinstance(document, dict) or document.get("schema") != _SCHEMA:
        raise UnreadableInput(f"{where}: is no {_SCHEMA} document; hand over what `plan --format json` printed")
    notes = Notes(where)
    items = {name: _items(document, name, problem, notes) for name in _LISTS}
    windows = {window.id for window in problem.windows}
    placements = []
    for place, item in items["placements"]:
        completed = notes.moment(item.get("completed_at"), f"{place}.completed_at")
        window, late = item.get("window"), item.get("late_days", 0.0)
        if window is not None and window not in windows:
            notes.say(
                f"{place}.window", f"{window!r} is no window of the problem; hand over the problem it was made of"
            )
        elif completed is None or isinstance(late, bool) or not isinstance(late, int | float):
            notes.say(place, "must have completed_at and late_days; make the plan again")
        else:
            placements.append(Placement(item["job"], window, completed, float(late)))
    status, cost, bound = (document.get(name) for name in ("status", "cost", "lower_bound"))
    if status not in tuple(PlanStatus) or not isinstance(cost, int | float) or not isinstance(bound, int | float):
        notes.say("status, cost, lower_bound", "must be given; make the plan again")
    if notes.complaints:
        raise UnreadableInput("\n".join(notes.complaints[:50]))
    return Plan(
        status=PlanStatus(str(status)),
        cost=float(cost or 0.0),
        revision=_revision(document.get("revision")),
        lower_bound=float(bound or 0.0),
        placements=tuple(placements),
        unplaced=tuple(Unplaced(*_told(item)) for _, item in items["unplaced"]),
        late=tuple(Late(*_told(item)) for _, item in items["late"]),
        conflicts=tuple(
            Conflict(item["job"], *(_text(item, key) for key in ("with_kind", "with_id", "reason")))
            for _, item in items["conflicts"]
        ),
    )


def _revision(given: Any) -> int | None:
    return given if isinstance(given, int) and not isinstance(given, bool) and given >= 0 else None


def _items(document: dict[str, Any], name: str, problem: Problem, notes: Notes) -> list[tuple[str, dict[str, Any]]]:
    """The entries of a list whose job the problem has, with their places."""
    jobs = {job.id for job in problem.jobs}
    given = document.get(name, [])
    found: list[tuple[str, dict[str, Any]]] = []
    if not isinstance(given, list):
        notes.say(name, "is not a list")
        return found
    for index, item in enumerate(given):
        job = item.get("job") if isinstance(item, dict) else None
        if not isinstance(job, str) or job not in jobs:
            notes.say(f"{name}.{index}", f"{job!r} is no job of the problem; hand over the problem it was made of")
        else:
            found.append((f"{name}.{index}", item))
    return found


def _told(item: dict[str, Any]) -> tuple[str, UnplacedCode, str, str]:
    code = item.get("code")
    known = UnplacedCode(code) if code in tuple(UnplacedCode) else UnplacedCode.NO_WINDOW
    return item["job"], known, _text(item, "reason"), _text(item, "would_help")


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""
