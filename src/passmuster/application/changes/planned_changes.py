"""From an adopted plan's documents to the changes it asks for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passmuster.application.changes.gate_times import read_time
from passmuster.application.changes.plan_inputs import is_exploited, within
from passmuster.model.schedule import Job, Problem, Span

_SEVERITIES = ("critical", "high", "medium", "low", "none")
_MOST_ADVISORIES = 500


@dataclass(frozen=True)
class PlannedChange:
    """One job of a plan as the record keeps it; `window` None: the plan found no place for it."""

    job: str
    patch: str
    environment: str
    action: str
    title: str
    advisories: tuple[str, ...]
    severity: str
    is_exploited: bool
    needs_forensics: bool
    by_vendor: bool
    component: str
    target_version: str
    after_job: str
    owner: str
    window: Span | None
    due_at: datetime | None
    times: Mapping[str, datetime | None]


def planned_changes(
    problem: Problem, placed: Mapping[str, Span], patches: Sequence[Mapping[str, Any]], decisions: Sequence[Any]
) -> tuple[PlannedChange, ...]:
    """A change for every job; `placed` are the windows, `patches` the notes of the problem, decisions as triaged."""
    platform_of = {decision["environment"]: decision["platform"] for decision in decisions if decision["environment"]}
    notes: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for note in patches:
        notes.setdefault((note["id"], platform_of.get(note["environment"], "")), []).append(note)
    by_key: dict[tuple[str, str], list[Any]] = {}
    for decision in decisions:
        by_key.setdefault((decision["platform"], decision["advisory"]), []).append(decision)
    found = []
    for job in problem.jobs:
        slug = job.environment.split("/", 1)[0]
        mine = notes.get((job.patch, slug), ())
        advisories = tuple(sorted({advisory for note in mine for advisory in note["advisories"]}))
        about = [each for advisory in advisories for each in by_key.get((slug, advisory), ())]
        found.append(_change(job, placed.get(job.id), mine, advisories, about))
    return tuple(found)


def _change(
    job: Job, window: Span | None, notes: Sequence[Mapping[str, Any]], advisories: Sequence[str], about: Sequence[Any]
) -> PlannedChange:
    wanted = {note["environment"] for note in notes}
    # A patch may mend an advisory of another component of the same platform; only those it is wanted for count.
    own = [each for each in about if each["environment"] in wanted] or list(about)
    component = own[0]["component"] or "" if own else ""
    action = notes[0]["action"] if notes else "patch"
    return PlannedChange(
        job=within(job.id, 300),
        patch=within(job.patch or job.id, 300),
        environment=job.environment,
        action=action,
        title=_title(job, component, advisories)[:500],
        advisories=tuple(advisories[:_MOST_ADVISORIES]),
        severity=_worst(each.get("severity") for each in own),
        is_exploited=any(is_exploited(each) for each in own),
        needs_forensics=any(each.get("forensics_first") for each in own),
        by_vendor=job.vendor is not None,
        component=component[:300],
        target_version=_target(job.patch, action)[:100],
        after_job=within(job.after[0].job, 300) if job.after else "",
        owner=job.owner or "",
        window=window,
        due_at=job.due_at,
        times=_times(own),
    )


def _title(job: Job, component: str, advisories: Sequence[str]) -> str:
    what = job.patch or job.id
    if not component or what.startswith(component):
        return what
    return f"{component}: {', '.join(advisories[:3]) or what}"


def _target(patch: str, action: str) -> str:
    version = patch.rpartition("@")[2] if action == "patch" and "@" in patch else ""
    return "" if version == "fixed" else version


def _worst(severities: Iterable[Any]) -> str:
    known = {str(each).lower() for each in severities if each}
    return next((word for word in _SEVERITIES if word in known), "")


def _times(decisions: Sequence[Any]) -> dict[str, datetime | None]:
    """The first time anybody of the advisories knew; but a fix can be had once all of it can."""
    found: dict[str, datetime | None] = {}
    for name in ("disclosed_at", "vendor_fixed_at", "learned_at", "available_at"):
        times = [moment for each in decisions if (moment := read_time(each["times"].get(name)))]
        if name in ("vendor_fixed_at", "available_at"):
            found[name] = max(times, default=None)
        else:
            found[name] = min(times, default=None)
    return found
