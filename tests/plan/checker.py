"""Whether a plan answers a problem, written from the contract alone: dictionaries in, complaints out.

Shares no code with the package. Times are read anew, costs are summed anew, every rule is one function.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

Doc = dict[str, Any]
DAY = timedelta(days=1)
CODES = {"no_window", "no_capacity", "freeze", "predecessor", "beyond_horizon"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def is_vendor(job: Doc) -> bool:
    return job.get("mode", "ours") != "ours"


def days(delta: timedelta) -> float:
    return delta / DAY


def cost_of(problem: Doc, job: Doc, completed: datetime) -> float:
    waited = max(0.0, days(completed - at(job["available_at"])))
    late = max(0.0, days(completed - at(job["due_at"]))) if job.get("due_at") else 0.0
    return job["weight"] * (waited + problem.get("late_factor", 0) * late)


class Checked:
    """A problem and a plan beside each other."""

    def __init__(self, problem: Doc, plan: Doc, kept: Doc | None = None, windows: list[Doc] | None = None) -> None:
        """`windows` are those that recurring ones expand to, from elsewhere."""
        self.problem, self.plan = problem, plan
        self.kept = {p["job"]: p["window"] for p in kept["placements"] if p["window"]} if kept else {}
        self.jobs = {job["id"]: job for job in problem["jobs"]}
        self.windows = {w["id"]: w for w in [*problem.get("windows", []), *(windows or [])]}
        self.placed = {p["job"]: p for p in plan["placements"]}
        self.end = at(problem["horizon"]["end"])
        self.complaints: list[str] = []

    def say(self, text: str) -> None:
        self.complaints.append(text)

    def span(self, name: str) -> tuple[datetime, datetime]:
        """When a placed job starts and is completed."""
        job = self.jobs[name]
        if is_vendor(job):
            return at(job["vendor"]["earliest"]), at(job["vendor"]["latest"])
        window = self.windows[self.placed[name]["window"]]
        return at(window["start"]), at(window["end"])


def complaints(problem: Doc, plan: Doc, kept: Doc | None = None, windows: list[Doc] | None = None) -> list[str]:
    """Everything in which the plan departs from the contract; empty if it keeps it."""
    checked = Checked(problem, plan, kept, windows)
    if check_names(checked):
        for rule in (check_windows, check_freezes, check_minutes, check_owners, check_order, check_cost, check_told):
            rule(checked)
    return checked.complaints


def check_names(c: Checked) -> bool:
    if c.plan.get("schema") != "passmuster/plan@1":
        c.say("schema")
    if len(c.placed) != len(c.plan["placements"]):
        c.say("a job is placed twice")
    for name, placement in c.placed.items():
        if name not in c.jobs:
            c.say(f"{name}: placed but unknown")
        elif is_vendor(c.jobs[name]):
            if placement["window"] is not None:
                c.say(f"{name}: the vendor takes no window")
        elif placement["window"] not in c.windows:
            c.say(f"{name}: unknown window {placement['window']}")
    unplaced = [each["job"] for each in c.plan["unplaced"]]
    if sorted([*c.placed, *unplaced]) != sorted(c.jobs):
        c.say("every job must be placed or unplaced, once")
    for each in c.plan["unplaced"]:
        if each["code"] not in CODES or not each["reason"] or not each["would_help"]:
            c.say(f"{each['job']}: code, reason or would_help is missing")
    return not c.complaints


def check_windows(c: Checked) -> None:
    first = at(c.problem["horizon"]["start"])
    for name, placement in c.placed.items():
        job = c.jobs[name]
        start, end = c.span(name)
        if at(placement["completed_at"]) != end:
            c.say(f"{name}: completed_at is not the end")
        late = max(0.0, days(end - at(job["due_at"]))) if job.get("due_at") else 0.0
        if abs(placement["late_days"] - late) > 1e-9:
            c.say(f"{name}: late_days {placement['late_days']} is not {late}")
        if job.get("must_end_by") and end > at(job["must_end_by"]):
            c.say(f"{name}: ends after must_end_by")
        if is_vendor(job):
            continue
        if c.windows[placement["window"]]["environment"] != job["environment"]:
            c.say(f"{name}: window of another environment")
        if start < first or end > c.end:
            c.say(f"{name}: outside the horizon")
        if start < at(job["available_at"]):
            c.say(f"{name}: before it is available")


def check_freezes(c: Checked) -> None:
    for name in c.placed:
        job = c.jobs[name]
        if is_vendor(job):
            continue
        start, end = c.span(name)
        for freeze in c.problem.get("freezes", []):
            concerns = "environments" not in freeze or job["environment"] in freeze["environments"]
            binds = freeze.get("binds", "ours") != "vendor"
            if concerns and binds and start < at(freeze["end"]) and at(freeze["start"]) < end:
                c.say(f"{name}: in a freeze")


def check_minutes(c: Checked) -> None:
    used: dict[str, int] = defaultdict(int)
    for name, placement in c.placed.items():
        if placement["window"] is not None:
            used[placement["window"]] += c.jobs[name]["minutes"]
    for window, minutes in used.items():
        if minutes > c.windows[window]["minutes"]:
            c.say(f"{window}: {minutes} minutes are too many")


def check_owners(c: Checked) -> None:
    limits = {owner["id"]: owner["minutes_per_week"] for owner in c.problem.get("owners", [])}
    used: dict[tuple[str, int, int], int] = defaultdict(int)
    for name in c.placed:
        job = c.jobs[name]
        if not is_vendor(job) and job.get("owner") in limits:
            year, week, _ = c.span(name)[0].isocalendar()
            used[job["owner"], year, week] += job["minutes"]
    for (owner, year, week), minutes in used.items():
        if minutes > limits[owner]:
            c.say(f"{owner}: {minutes} minutes in {year}-W{week}")


def check_order(c: Checked) -> None:
    for name in c.placed:
        for link in c.jobs[name].get("after", []):
            if link["job"] not in c.placed:
                c.say(f"{name}: placed although {link['job']} is not")
                continue
            start, before = c.span(name)[0], c.span(link["job"])[1]
            if start < before + timedelta(hours=link.get("hours", 0)):
                c.say(f"{name}: too soon after {link['job']}")
            within = link.get("within_hours")
            if within is not None and start > before + timedelta(hours=within):
                c.say(f"{name}: too long after {link['job']}")


def full_cost(c: Checked) -> float:
    total = 0.0
    for name, job in c.jobs.items():
        total += cost_of(c.problem, job, c.span(name)[1] if name in c.placed else c.end)
    windows = {placement["window"] for placement in c.placed.values()} - {None}
    total += c.problem.get("window_cost", 0) * len(windows)
    moved = [
        name
        for name, placement in c.placed.items()
        if name in c.kept and placement["window"] is not None and placement["window"] != c.kept[name]
    ]
    return total + c.problem.get("move_cost", 0) * len(moved)


def check_cost(c: Checked) -> None:
    cost, bound = c.plan["cost"], c.plan["lower_bound"]
    expected = full_cost(c)
    if abs(cost - expected) > 1e-6 * max(1.0, abs(expected)):
        c.say(f"cost {cost} is not {expected}")
    if bound > cost + 1e-9 * max(1.0, abs(cost)):
        c.say(f"lower_bound {bound} is above the cost {cost}")
    if abs(c.plan["gap"] - (cost - bound) / max(cost, 1e-9)) > 1e-9:
        c.say("gap is not (cost - lower_bound) / max(cost, 1e-9)")
    if c.plan["status"] not in ("optimal", "feasible"):
        c.say("status")
    if c.plan["status"] == "optimal" and c.plan["gap"] > 1.000001e-6:
        c.say("optimal without proof")


def check_told(c: Checked) -> None:
    """Jobs that wait for one that is out must say so; collisions of the vendor's jobs must be told."""
    told = {each["job"]: each["code"] for each in c.plan["unplaced"]}
    for name, code in told.items():
        waits = any(link["job"] in told for link in c.jobs[name].get("after", []))
        if waits != (code == "predecessor") and not (code == "predecessor" and c.jobs[name].get("after")):
            c.say(f"{name}: code {code} although its predecessors are {'out' if waits else 'in'}")
    expected = set()
    for name, job in c.jobs.items():
        if not is_vendor(job):
            continue
        start, end = at(job["vendor"]["earliest"]), at(job["vendor"]["latest"])
        end = max(end, start + timedelta(microseconds=1))
        for freeze in c.problem.get("freezes", []):
            concerns = "environments" not in freeze or job["environment"] in freeze["environments"]
            overlaps = start < at(freeze["end"]) and at(freeze["start"]) < end
            if freeze.get("binds", "ours") != "ours" and concerns and overlaps:
                expected.add((name, "freeze", freeze.get("name")))
        for other in c.placed:
            if not is_vendor(c.jobs[other]) and c.jobs[other]["environment"] == job["environment"]:
                begin, stop = c.span(other)
                if start < stop and begin < end:
                    expected.add((name, "job", other))
    found = {(each["job"], each["with_kind"], each["with_id"]) for each in c.plan["conflicts"]}
    named = {(name, kind, other) for name, kind, other in expected if other is not None}
    if len(found) != len(expected) or not named <= found:
        c.say(f"conflicts {found} are not {expected}")
