"""The values the page of a plan shows, ready for its template."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from passmuster.model.schedule import Job, Late, Placement, Plan, PlanStatus, Problem, Span, Unplaced
from passmuster.report.html.plan_timeline import draw_timeline
from passmuster.report.text import counted, day_and_time

MOST_LINES = 500
_VENDORS = "The vendor may act until after the deadline.", "An earlier date from the vendor."


@dataclass(frozen=True)
class PlanLine:
    """One placed job as the table shows it; times as the window's people read them."""

    job: Job
    start: datetime
    when: str
    zone: str
    due: str
    late_days: float
    is_vendors: bool


@dataclass(frozen=True)
class Trouble:
    """A job that is late or has no window, why, and what would help."""

    job: Job
    what: str
    reason: str
    would_help: str


def plan_view(problem: Problem, plan: Plan) -> dict[str, Any]:
    """Everything the section of a plan names, under the one name `plan_view`."""
    lines = sorted(_lines(problem, plan), key=lambda line: (line.start, line.job.id))
    return {
        "plan_view": {
            "proof": proof(plan),
            "timeline": draw_timeline(problem, plan),
            "lines": lines[:MOST_LINES],
            "rest": max(0, len(lines) - MOST_LINES),
            "troubles": tuple(_troubles(problem, plan)),
            "conflicts": plan.conflicts,
            "warnings": plan.warnings,
            "horizon": problem.horizon,
            "jobs": len(problem.jobs),
            "placed": len(plan.placements),
            "late": sum(placement.late_days > 0 for placement in plan.placements),
            "unplaced": len(plan.unplaced),
        }
    }


def proof(plan: Plan) -> str:
    """What is proved of the plan, in a sentence."""
    if plan.status is PlanStatus.OPTIMAL:
        return "This is proved to be the best possible plan: none costs less."
    if plan.lower_bound <= 0:
        return "How far this is from the best possible plan is not known."
    above = (plan.cost - plan.lower_bound) / plan.lower_bound * 100
    # Rounded up: the sentence is a promise.
    return f"This plan costs at most {max(0.1, math.ceil(above * 10) / 10):,.1f} % more than the best possible one."


def _lines(problem: Problem, plan: Plan) -> Iterator[PlanLine]:
    jobs = {job.id: job for job in problem.jobs}
    windows = {window.id: window for window in problem.windows}
    for placement in plan.placements:
        job = jobs[placement.job]
        window = windows[placement.window] if placement.window is not None else None
        span = window.span if window else job.vendor or Span(placement.completed_at, placement.completed_at)
        yield _line(job, placement, span, window.timezone if window else "UTC")


def _line(job: Job, placement: Placement, span: Span, zone: str) -> PlanLine:
    return PlanLine(
        job=job,
        start=span.start,
        when=_spell(span, ZoneInfo(zone)),
        zone=zone,
        due=day_and_time(job.due_at) if job.due_at else "",
        late_days=placement.late_days,
        is_vendors=placement.window is None,
    )


def _spell(span: Span, zone: ZoneInfo) -> str:
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    if start == end:
        return f"{start:%a %Y-%m-%d %H:%M}"
    is_same_day = start.date() == end.date()
    return (
        f"{start:%a %Y-%m-%d %H:%M}–{end:%H:%M}"
        if is_same_day
        else f"{start:%a %Y-%m-%d %H:%M} – {end:%a %Y-%m-%d %H:%M}"
    )


def _troubles(problem: Problem, plan: Plan) -> Iterator[Trouble]:
    """Those without a window first, then the late ones, the latest first."""
    jobs = {job.id: job for job in problem.jobs}
    late = {placement.job: placement.late_days for placement in plan.placements}
    for entry in plan.unplaced:
        yield _trouble(jobs[entry.job], "no window", entry)
    for told in sorted(plan.late, key=lambda entry: (-late.get(entry.job, 0.0), entry.job)):
        yield _trouble(jobs[told.job], f"{late.get(told.job, 0.0):.1f} days late", told)
    explained = {entry.job for entry in plan.late}
    for name, days in late.items():
        if days > 0 and name not in explained:
            why = _VENDORS if jobs[name].vendor is not None else ("", "")
            yield Trouble(jobs[name], f"{days:.1f} days late", *why)


def _trouble(job: Job, what: str, entry: Unplaced | Late) -> Trouble:
    return Trouble(job, what, entry.reason, entry.would_help)


def counted_weeks(horizon: Span) -> str:
    """`12 weeks`, or days where it is less than two weeks."""
    days = round((horizon.end - horizon.start).total_seconds() / 86_400)
    return counted(days // 7, "week") if days >= 14 and days % 7 == 0 else counted(days, "day")


def first_and_last(horizon: Span) -> tuple[str, str]:
    """The first and the last day of a horizon, in UTC."""
    last = horizon.end.astimezone(UTC)
    return f"{horizon.start.astimezone(UTC):%Y-%m-%d}", f"{last:%Y-%m-%d}"
