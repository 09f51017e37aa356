"""Adopting a plan: a change for every patch and environment, with the gates its tier asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from passmuster.application.access import Action, Actor, require
from passmuster.application.acting import Event, acting, write_events
from passmuster.application.changes.adopted_changes import (
    AGAIN,
    CANCELLED,
    EACH,
    MADE,
    MOVED,
    planned_facts,
    told_of_cancelled,
    told_of_made,
    told_of_planned,
    verb_of,
)
from passmuster.application.changes.asked_gates import set_gates
from passmuster.application.changes.authorship import approvals_of, authors_of, join
from passmuster.application.changes.change_facts import BEFORE
from passmuster.application.changes.change_steps import store_gates
from passmuster.application.changes.changes import clear_gates, start_again
from passmuster.application.changes.gate_policy import GatePolicy, read_gate_policy
from passmuster.application.changes.not_done import ASKED_NO_MORE
from passmuster.application.changes.plan_inputs import place_id, within
from passmuster.application.changes.planned_changes import PlannedChange, planned_changes
from passmuster.application.changes.planning import stale_after
from passmuster.application.changes.proposals import nothing_to_adopt, platforms_with_open_changes
from passmuster.application.requests.consulting import consult_about_change
from passmuster.application.storage.storing import home
from passmuster.errors import NotReady, UsageError
from passmuster.model.keeping import ChangeStatus, GateKind
from passmuster.model.schedule import Span
from passmuster.pipeline.planning import read_planned
from passmuster.records.models import Change, Environment, Person, Plan, Platform

_AGAIN = (ChangeStatus.FAILED, ChangeStatus.ROLLED_BACK, ChangeStatus.REGRESSED)


@dataclass
class _Adoption:
    """Who adopts which plan under which policy; `people` are keys by mail address."""

    actor: Actor
    plan: Plan
    policy: GatePolicy
    people: Mapping[str, int]


def adopt_plan(actor: Actor, plan: Plan) -> Plan:
    """Make the plan the one that holds: changes are made, moved, tried again, or cancelled where nothing asks for them.

    Raises NotAllowed (each platform of the plan is asked), UsageError where it was adopted, is stale, would change
    nothing, or another plan was adopted since it was made.
    """
    platforms = list(Platform.objects.filter(pk__in=plan.platforms).order_by("pk"))
    for platform in platforms:
        require(actor, Action.ADOPT_PLAN, platform.pk)
    with transaction.atomic(), ExitStack() as stack:
        # All adoptions queue here, so that two of one minute cannot both hold.
        list(Platform.objects.select_for_update().filter(pk__in=plan.platforms).order_by("pk"))
        locked = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
        _require_fresh(locked, actor.now)
        locked.adopted_by_id, locked.adopted_at = actor.person_id, actor.now
        locked.save(update_fields=["adopted_by", "adopted_at"])
        wanted = _wanted(locked)
        adoption = _Adoption(actor, locked, read_gate_policy(home()), dict(Person.objects.values_list("email", "pk")))
        for platform in platforms:
            event = stack.enter_context(acting(actor, Action.ADOPT_PLAN, locked, platform=platform))
            event.after = _adopt_for(platform, wanted, adoption)
    plan.refresh_from_db()
    return plan


def _require_fresh(plan: Plan, now: datetime) -> None:
    if plan.adopted_at is not None:
        raise NotReady("this plan was adopted already")
    if now > stale_after(plan):
        raise UsageError("this plan is more than a day old; make a new one, much may have changed")
    since = Plan.objects.filter(adopted_at__gt=plan.made_at).exclude(pk=plan.pk)
    if any(set(each.platforms) & set(plan.platforms) for each in since):
        raise UsageError("another plan was adopted since this one was made; make a new one")
    if why := nothing_to_adopt(plan, platforms_with_open_changes()):
        raise UsageError(f"there is nothing in this plan to adopt. {why}")


def _wanted(plan: Plan) -> tuple[PlannedChange, ...]:
    read = read_planned(plan.problem, plan.plan)
    windows = {window.id: window.span for window in read.problem.windows}
    jobs = {job.id: job for job in read.problem.jobs}
    placed: dict[str, Span] = {}
    for each in read.plan.placements:
        vendor = jobs[each.job].vendor
        span = windows[each.window] if each.window is not None else vendor
        if span is not None:
            placed[each.job] = span
    # The vendor acts whether the plan likes it or not.
    placed |= {job.id: job.vendor for job in read.problem.jobs if job.vendor is not None and job.id not in placed}
    found = planned_changes(read.problem, placed, plan.problem.get("patches", ()), plan.triage["decisions"])
    waited = plan.triage.get("waited_for", {})
    return tuple(replace(each, after_job=each.after_job or within(waited.get(each.job, ""), 300)) for each in found)


def _adopt_for(platform: Platform, wanted: Iterable[PlannedChange], adoption: _Adoption) -> dict[str, Any]:
    places = {place_id(platform.slug, each.name): each for each in platform.environments.all()}
    open_now = Change.objects.filter(platform=platform).exclude(status=ChangeStatus.CANCELLED)
    with_places = open_now.select_for_update(of=("self",)).select_related("platform", "environment")
    known = {change.job: change for change in with_places}
    told: list[tuple[str, Event]] = []
    asked = set()
    touched = []
    for item in wanted:
        if item.environment not in places:
            continue
        asked.add(item.job)
        change = known.get(item.job)
        if change is None:
            change = _make(platform, places[item.environment], item, adoption)
            told.append(told_of_made(change))
        elif change.status in BEFORE or change.status in _AGAIN:
            told += filter(None, [_plan_anew(change, item, adoption)])
        else:
            continue
        touched.append(change)
    told += _cancel_rest(known, asked)
    for change in touched:
        store_gates(change, adoption.actor)
        if change.needs_forensics:
            consult_about_change(adoption.actor, change, "it is attacked, so traces are looked for")
    # At the end, for whoever writes next waits from the first of them on.
    write_events(adoption.actor, told)
    return {**_counts(told), EACH: True}


def _counts(told: Iterable[tuple[str, Event]]) -> dict[str, int]:
    verbs = Counter(verb for verb, _ in told)
    words = {"made": MADE, "moved": MOVED, "tried_again": AGAIN, "cancelled": CANCELLED}
    return {word: verbs[verb] for word, verb in words.items()}


def _make(platform: Platform, environment: Environment, item: PlannedChange, adoption: _Adoption) -> Change:
    change = Change(
        platform=platform,
        environment=environment,
        job=item.job,
        patch=item.patch,
        created_at=adoption.actor.now,
        attempt_at=adoption.actor.now,
        window_start_at=item.window.start if item.window else None,
        window_end_at=item.window.end if item.window else None,
        requested_by_id=adoption.actor.person_id,
    )
    _fill(change, item, adoption)
    change.authors = sorted(authors_of(change))
    change.save()
    set_gates(change, adoption.policy)
    return change


def _fill(change: Change, item: PlannedChange, adoption: _Adoption) -> None:
    change.plan = adoption.plan
    change.action, change.title, change.after_job = item.action[:16], item.title, item.after_job
    change.advisories, change.severity = list(item.advisories), item.severity
    change.is_exploited, change.needs_forensics = item.is_exploited, item.needs_forensics
    change.by_vendor, change.component, change.target_version = item.by_vendor, item.component, item.target_version
    change.due_at = item.due_at
    change.disclosed_at, change.vendor_fixed_at = item.times["disclosed_at"], item.times["vendor_fixed_at"]
    change.learned_at, change.available_at = item.times["learned_at"], item.times["available_at"]
    change.owner_id = change.owner_id or adoption.people.get(item.owner)


def _refresh(change: Change, item: PlannedChange, adoption: _Adoption) -> list[str]:
    """Fill it in anew; returns the approvals that count no more, for whoever gave them is behind the change now."""
    # Whoever was behind it under the plan before stays so.
    taken = join(adoption.actor, change, *authors_of(change))
    _fill(change, item, adoption)
    change.save()
    taken += join(adoption.actor, change, *authors_of(change))
    set_gates(change, adoption.policy)
    return taken


def _plan_anew(change: Change, item: PlannedChange, adoption: _Adoption) -> tuple[str, Event] | None:
    """Move a change that is before its window, or try again one that went wrong; returns what the record is told."""
    before, window = planned_facts(change), (item.window.start, item.window.end) if item.window else None
    if change.status in _AGAIN:
        start_again(change, window, now=adoption.actor.now)
        taken = _refresh(change, item, adoption)
        return told_of_planned(AGAIN, change, before, taken)
    taken = _move(change, window)
    taken += _refresh(change, item, adoption)
    return told_of_planned(verb_of(change, before), change, before, taken)


def _move(change: Change, window: tuple[datetime, datetime] | None) -> list[str]:
    """Give it the window; an approval was for the window that it named, and is asked for again. Returns those."""
    before = (change.window_start_at, change.window_end_at)
    change.window_start_at, change.window_end_at = window or (None, None)
    if before == (change.window_start_at, change.window_end_at):
        return []
    gate = change.gates.filter(kind=GateKind.APPROVAL).first()
    # One of two who approve has given theirs, though the change is not approved yet.
    given = [*(str(each["by"]) for each in approvals_of(gate)), change.external_approval] if gate else []
    taken = [each for each in given if each]
    if taken or change.status == ChangeStatus.APPROVED:
        change.status, change.external_approval = ChangeStatus.PLANNED, ""
        clear_gates(change, (GateKind.APPROVAL,))
    return taken


def _cancel_rest(known: Mapping[str, Change], asked: set[str]) -> list[tuple[str, Event]]:
    """Changes before their window that no plan asks for any more: what they mend is gone, or another job mends it."""
    gone = [change for job, change in known.items() if job not in asked and change.status in BEFORE]
    Change.objects.filter(pk__in=[change.pk for change in gone]).update(
        status=ChangeStatus.CANCELLED, outcome_note=ASKED_NO_MORE
    )
    told = []
    for change in gone:
        before, change.status = change.status, ChangeStatus.CANCELLED
        told.append(told_of_cancelled(change, before, ASKED_NO_MORE))
    return told
