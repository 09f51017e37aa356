"""A plan as calendar events: the work, the vendor's work, windows, freezes and deadlines, each its own kind."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from passmuster.documents.secrets import mask_secrets
from passmuster.model.schedule import Conflict, Freeze, Job, Placement, Plan, Problem, Window
from passmuster.report.text import clean, counted, one_line, rfc3339

# Made once for this project; UIDs must never change for the same thing.
_NAMESPACE = uuid.UUID("6f0b7c52-5f5e-4c0e-9d6a-3a1f5f9d2c77")
_MOST_SUMMARY = 200
_MOST_DESCRIPTION = 4_000


class EventKind(StrEnum):
    """What an event is about."""

    JOB = "job"
    VENDOR = "vendor"
    WINDOW = "window"
    FREEZE = "freeze"
    DEADLINE = "deadline"


ALL_KINDS = frozenset(EventKind)


@dataclass(frozen=True)
class PlanEvent:
    """One event. `end` None: an instant. `alarms` are how long before; `zone` is how its people read clocks."""

    uid: str
    kind: EventKind
    summary: str
    start: datetime
    end: datetime | None = None
    description: str = ""
    location: str = ""
    zone: str = "UTC"
    is_busy: bool = False
    alarms: tuple[timedelta, ...] = ()
    is_all_day: bool = False
    """Whole days: start and end are midnights of UTC."""

    @property
    def digest(self) -> str:
        """The same as long as nothing a reader sees has changed."""
        seen = [self.summary, rfc3339(self.start), rfc3339(self.end) if self.end else "", self.description]
        seen += [self.location, self.zone, str(self.is_busy), *map(str, self.alarms)]
        seen += ["all day"] if self.is_all_day else []
        return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class EventChoice:
    """Which events, how long before each alarm rings, and what to say of single patches."""

    kinds: frozenset[EventKind] = ALL_KINDS
    job_alarms: tuple[timedelta, ...] = (timedelta(days=1), timedelta(hours=1))
    deadline_alarms: tuple[timedelta, ...] = (timedelta(days=3),)
    notes: Mapping[str, str] = field(default_factory=dict)
    """What a patch mends, by the patch."""


def uid_of(kind: EventKind, *names: str) -> str:
    """The UID of a thing: the same for the same names, whenever and wherever it is asked for."""
    return f"{uuid.uuid5(_NAMESPACE, json.dumps([str(kind), *names]))}@passmuster"


def plan_events(problem: Problem, plan: Plan, choice: EventChoice) -> tuple[PlanEvent, ...]:
    """All events of the kinds asked for, by start; text is cleaned and secrets are masked."""
    found = [
        *_work(problem, plan, choice),
        *(_window(window) for window in problem.windows if window.span.overlaps(problem.horizon)),
        *(_freeze(freeze) for freeze in problem.freezes),
        *_deadlines(problem, plan, choice),
    ]
    unique = {event.uid: event for event in found if event.kind in choice.kinds}
    return tuple(sorted(unique.values(), key=lambda event: (event.start, event.kind, event.summary, event.uid)))


def _work(problem: Problem, plan: Plan, choice: EventChoice) -> Iterator[PlanEvent]:
    jobs = {job.id: job for job in problem.jobs}
    windows = {window.id: window for window in problem.windows}
    conflicts: dict[str, list[Conflict]] = {}
    for conflict in plan.conflicts:
        conflicts.setdefault(conflict.job, []).append(conflict)
    for placement in plan.placements:
        job = jobs[placement.job]
        window = windows[placement.window] if placement.window is not None else None
        if window is not None:
            yield _job(job, placement, window, choice)
        elif job.vendor is not None:
            yield _vendor_job(job, conflicts.get(job.id, ()), choice)


def _job(job: Job, placement: Placement, window: Window, choice: EventChoice) -> PlanEvent:
    late = f" ({_days(placement.late_days)} late)" if placement.late_days > 0 else ""
    lines = [
        f"{_minutes(job.minutes)} of the window {window.id}.",
        f"Owner: {job.owner}" if job.owner else "",
        f"Due: {rfc3339(job.due_at)}{late}" if job.due_at else "",
        *(f"After {link.job} has soaked for {link.hours:g} hours." for link in job.after),
        choice.notes.get(job.patch, ""),
        f"Job {job.id}",
    ]
    return PlanEvent(
        uid=uid_of(EventKind.JOB, job.id),
        kind=EventKind.JOB,
        summary=_line(f"{job.patch or job.id} in {job.environment}{late}"),
        start=window.span.start,
        end=window.span.end,
        description=_text(lines),
        location=_line(job.environment),
        zone=window.timezone,
        is_busy=True,
        alarms=choice.job_alarms,
    )


def _vendor_job(job: Job, conflicts: Sequence[Conflict], choice: EventChoice) -> PlanEvent:
    span = job.vendor
    assert span is not None
    lines = [
        "The vendor acts within this time, without us.",
        *(f"Collides: {conflict.reason}" for conflict in conflicts),
        choice.notes.get(job.patch, ""),
        f"Job {job.id}",
    ]
    return PlanEvent(
        uid=uid_of(EventKind.VENDOR, job.id),
        kind=EventKind.VENDOR,
        summary=_line(f"Vendor: {job.patch or job.id} in {job.environment}"),
        start=span.start,
        end=span.end if span.end > span.start else None,
        description=_text(lines),
        location=_line(job.environment),
        alarms=choice.deadline_alarms,
    )


def _window(window: Window) -> PlanEvent:
    return PlanEvent(
        uid=uid_of(EventKind.WINDOW, window.id),
        kind=EventKind.WINDOW,
        summary=_line(f"Window: {window.environment}"),
        start=window.span.start,
        end=window.span.end,
        description=_text([f"{_minutes(window.minutes)} of work fit in.", f"Window {window.id}"]),
        location=_line(window.environment),
        zone=window.timezone,
    )


def _freeze(freeze: Freeze) -> PlanEvent:
    where = ", ".join(freeze.environments) or "all environments"
    bound = {"ours": "our changes", "vendor": "the vendor's changes", "both": "our changes and the vendor's"}
    return PlanEvent(
        uid=uid_of(EventKind.FREEZE, freeze.name, rfc3339(freeze.span.start), *sorted(freeze.environments)),
        kind=EventKind.FREEZE,
        summary=_line(f"Freeze: {freeze.name or where}"),
        start=freeze.span.start,
        end=freeze.span.end,
        description=_text([f"Forbids {bound[freeze.binds]} in {where}."]),
        location=_line(where),
    )


def _deadlines(problem: Problem, plan: Plan, choice: EventChoice) -> Iterator[PlanEvent]:
    completed = {placement.job: placement for placement in plan.placements}
    unplaced = {entry.job: entry for entry in plan.unplaced}
    for job in problem.jobs:
        if job.due_at is None:
            continue
        placed, kept_out = completed.get(job.id), unplaced.get(job.id)
        lines = [
            f"Planned to be done at {rfc3339(placed.completed_at)}." if placed else "Not placed.",
            f"{kept_out.reason} What would help: {kept_out.would_help}" if kept_out else "",
            f"Job {job.id}",
        ]
        yield PlanEvent(
            uid=uid_of(EventKind.DEADLINE, job.id),
            kind=EventKind.DEADLINE,
            summary=_line(f"Due: {job.patch or job.id} in {job.environment}"),
            start=job.due_at,
            description=_text(lines),
            location=_line(job.environment),
            alarms=choice.deadline_alarms,
        )


def _minutes(minutes: int) -> str:
    return counted(minutes, "minute")


def _days(days: float) -> str:
    return f"{days:.1f} days"


def _line(text: str) -> str:
    return mask_secrets(one_line(text))[:_MOST_SUMMARY]


def _text(lines: list[str]) -> str:
    return mask_secrets(clean("\n".join(filter(None, lines))))[:_MOST_DESCRIPTION]
