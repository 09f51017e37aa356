"""A plan's problem as `passmuster/plan-problem@1`, with what was left out beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from passmuster.model.schedule import Freeze, Job, Owner, RecurringWindow, Span, Window
from passmuster.plan.calendar.patches import LeftOut, Patch
from passmuster.plan.calendar.values import Calendar

SCHEMA = "passmuster/plan-problem@1"


def problem_document(
    calendar: Calendar, jobs: Sequence[Job], patches: Sequence[Patch], left_out: Sequence[LeftOut]
) -> dict[str, Any]:
    """The document. Recurring windows stay rules; `patches` and `left_out` are for people."""
    return {
        "schema": SCHEMA,
        "late_factor": calendar.late_factor,
        "window_cost": calendar.window_cost,
        "move_cost": calendar.move_cost,
        "horizon": _span(calendar.horizon),
        "owners": [_owner(each) for each in calendar.owners],
        "windows": [_window(each) for each in calendar.windows],
        "recurring_windows": [_recurring(each) for each in calendar.recurring],
        "freezes": [_freeze(each) for each in calendar.freezes],
        "jobs": [_job(each) for each in jobs],
        "patches": [_patch(each) for each in patches],
        "left_out": [_left_out(each) for each in left_out],
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _span(span: Span) -> dict[str, str]:
    return {"start": _time(span.start), "end": _time(span.end)}


def _owner(owner: Owner) -> dict[str, Any]:
    return {"id": owner.id, "minutes_per_week": owner.minutes_per_week}


def _window(window: Window) -> dict[str, Any]:
    return {"id": window.id, "environment": window.environment, **_span(window.span), "minutes": window.minutes}


def _recurring(window: RecurringWindow) -> dict[str, Any]:
    return {
        "id": window.id,
        "environment": window.environment,
        "rrule": window.rrule,
        "starts": window.starts.isoformat(),
        "timezone": window.timezone,
        "minutes": window.minutes,
    }


def _freeze(freeze: Freeze) -> dict[str, Any]:
    return {
        "name": freeze.name,
        "environments": list(freeze.environments),
        **_span(freeze.span),
        "binds": str(freeze.binds),
    }


def _job(job: Job) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": job.id,
        "patch": job.patch,
        "environment": job.environment,
        "owner": job.owner,
        "minutes": job.minutes,
        "available_at": _time(job.available_at),
        "due_at": _time(job.due_at) if job.due_at else None,
        "weight": job.weight,
        "after": [_after(link.job, link.hours, link.within_hours) for link in job.after],
    }
    if job.must_end_by:
        found["must_end_by"] = _time(job.must_end_by)
    if job.vendor:
        found["mode"] = str(job.mode)
        found["vendor"] = {"earliest": _time(job.vendor.start), "latest": _time(job.vendor.end)}
    return found


def _after(job: str, hours: float, within_hours: float | None) -> dict[str, Any]:
    return {"job": job, "hours": hours, **({} if within_hours is None else {"within_hours": within_hours})}


def _patch(patch: Patch) -> dict[str, Any]:
    titles = {decision.advisory: decision.title for decision in patch.decisions if decision.title}
    return {
        "id": patch.id,
        "environment": patch.environment.id,
        "action": patch.action,
        "advisories": list(patch.advisories),
        "titles": titles,
        "outcomes": sorted({decision.outcome for decision in patch.decisions}),
    }


def _left_out(entry: LeftOut) -> dict[str, Any]:
    decision = entry.decision
    return {
        "advisory": decision.advisory,
        "component": decision.component,
        "environment": decision.environment,
        "action": decision.action,
        "outcome": decision.outcome,
        "code": entry.code,
        "reason": entry.reason,
    }
