"""A plan as a person reads it in a minute: by week, what happens where, what is late, what is left out and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.model.schedule import Conflict, JobMode, Late, Placement, Plan, PlanStatus, Problem, Unplaced, Window
from passmuster.report.text import counted, day_and_time, one_line, shorten

_MOST_ROWS = 60
_MOST_TOLD = 15
_MOST_JOBS = 6


def print_plan(console: Console, problem: Problem, plan: Plan) -> None:
    """The whole plan; long lists are cut, and say so."""
    _print_head(console, problem, plan)
    _print_weeks(console, problem, plan)
    _print_told(console, "Late", plan.late)
    _print_told(console, "Not placed", plan.unplaced)
    _print_conflicts(console, plan.conflicts)


def cost_line(plan: Plan) -> str:
    """What the plan costs and how close to the best possible that is known to be."""
    if plan.status is PlanStatus.OPTIMAL:
        return f"Cost {plan.cost:,.2f}, proved to be the best possible"
    # Rounded up: the promise must hold as it is printed.
    above = 100 * (plan.cost - plan.lower_bound) / plan.lower_bound if plan.lower_bound > 0 else None
    told = f"at most {above + 0.005:.2f} % above the best possible" if above is not None else "no bound is known"
    return f"Cost {plan.cost:,.2f}, {told}"


def _print_head(console: Console, problem: Problem, plan: Plan) -> None:
    console.print(_plain(cost_line(plan), "bold"))
    placed = f"{counted(len(plan.placements), 'job')} of {len(problem.jobs):,} placed"
    late, out = len(plan.late), len(plan.unplaced)
    span = f"{problem.horizon.start:%Y-%m-%d} to {problem.horizon.end:%Y-%m-%d}"
    console.print(_plain(f"{placed}, {late:,} late, {out:,} not placed; {span}"))


def _print_weeks(console: Console, problem: Problem, plan: Plan) -> None:
    rows = list(_rows(problem, plan))
    week = ""
    table = _table()
    for start, environment, window, text in rows[:_MOST_ROWS]:
        name = f"{start.isocalendar().year}-W{start.isocalendar().week:02d}"
        table.add_row(
            _plain(name if name != week else ""), _plain(f"{start:%a %d %b %H:%M}"), environment, window, text
        )
        week = name
    if rows:
        console.print(table)
    if len(rows) > _MOST_ROWS:
        console.print(_plain(f"... and {counted(len(rows) - _MOST_ROWS, 'more window')}; --format json has all", "dim"))


def _rows(problem: Problem, plan: Plan) -> Iterator[tuple[datetime, Text, Text, Text]]:
    """Each used window, and each job of a vendor, by start."""
    jobs = {job.id: job for job in problem.jobs}
    windows = {window.id: window for window in problem.windows}
    inside: dict[str, list[Placement]] = {}
    found: list[tuple[datetime, str, str, Text]] = []
    for placement in plan.placements:
        job = jobs[placement.job]
        if placement.window is not None:
            inside.setdefault(placement.window, []).append(placement)
        elif job.mode is not JobMode.OURS and job.vendor is not None:
            until = f"{one_line(job.id)} until {day_and_time(placement.completed_at)}"
            found.append((job.vendor.start, job.environment, "the vendor", _plain(until)))
    for name, placements in inside.items():
        minutes = sum(jobs[each.job].minutes for each in placements)
        found.append(
            (windows[name].span.start, windows[name].environment, *_window(windows[name], placements, minutes))
        )
    for start, environment, label, text in sorted(found, key=lambda row: row[:3]):
        yield start, _plain(environment), _plain(label), text


def _window(window: Window, placements: Sequence[Placement], minutes: int) -> tuple[str, Text]:
    text = Text()
    for number, placement in enumerate(placements[:_MOST_JOBS]):
        text.append(", " if number else "")
        text.append(shorten(placement.job, 60))
        if placement.late_days > 0:
            text.append(f" ({placement.late_days:.1f} d late)", "red")
    if len(placements) > _MOST_JOBS:
        text.append(f" and {len(placements) - _MOST_JOBS} more", "dim")
    return f"{minutes}/{window.minutes} min", text


def _print_told(console: Console, title: str, told: Sequence[Unplaced | Late]) -> None:
    if not told:
        return
    console.print(_plain(f"\n{title}", "bold"))
    for each in told[:_MOST_TOLD]:
        console.print(_plain(f"{one_line(each.job)}: {each.reason}", limit=400))
        console.print(_plain(f"  would help: {each.would_help}", "dim", limit=400))
    if len(told) > _MOST_TOLD:
        console.print(_plain(f"... and {len(told) - _MOST_TOLD} more; --format json has all", "dim"))


def _print_conflicts(console: Console, conflicts: Sequence[Conflict]) -> None:
    if not conflicts:
        return
    console.print(_plain("\nThe vendor's changes collide", "bold"))
    for each in conflicts[:_MOST_TOLD]:
        console.print(_plain(f"{one_line(each.job)}: {each.reason}", limit=400))
    if len(conflicts) > _MOST_TOLD:
        console.print(_plain(f"... and {len(conflicts) - _MOST_TOLD} more; --format json has all", "dim"))


def _table() -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, expand=False)
    for heading in ("week", "starts (UTC)", "environment", "used", "jobs"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("week", "starts (UTC)", "used"))
    return table


def _plain(text: str, style: str = "", *, limit: int = 200) -> Text:
    lead = len(text) - len(text.lstrip("\n "))
    return Text(text[:lead] + shorten(text[lead:], limit), style=style, overflow="fold")
