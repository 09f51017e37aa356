"""Plans, changes and their gates."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from django.db.models import Count, Func, IntegerField, QuerySet
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field, StringConstraints

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.changes.change_facts import BEFORE, LookedAt, look_at_gates
from passmuster.application.changes.change_moments import moment_of
from passmuster.application.changes.missed_windows import has_missed_window, missed, proposal_for
from passmuster.application.changes.not_done import not_done
from passmuster.application.changes.proposals import is_open, nothing_to_adopt, platforms_with_open_changes
from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus
from passmuster.records.models import AuditEvent, Change, Gate, Plan
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.paging import Filters, Listed, listed, on_platforms
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Id, Instant, Slug, Told, Word
from passmuster.web.change_dates import Kept, due_in, kept
from passmuster.web.change_values import FINISHED, late_ones, may_see_plan

changes, plans = Topic("changes"), Topic("plans")
TOPICS = (changes, plans)
_MOST_STEPS = 100
WITH = ("platform", "environment", "owner", "requested_by", "emergency_by", "verified_person")
Month = Annotated[str, StringConstraints(pattern=r"^[12][0-9]{3}-(0[1-9]|1[0-2])$")]


class ChangeTold(Told):
    """One patch in one environment, with its six times; `verified_by` says what the word "verified" rests on.

    `outside_window`: why it was deployed outside its window or in a freeze; empty where it was not.
    """

    id: Id
    platform: Annotated[str, Field(validation_alias=AliasPath("platform", "slug"))]
    environment: Annotated[str | None, Field(validation_alias=AliasPath("environment", "name"))] = None
    plan: Annotated[int | None, Field(validation_alias="plan_id")]
    job: str
    patch: str
    title: str
    advisories: list[Any]
    severity: str
    is_exploited: bool
    needs_forensics: bool
    by_vendor: bool
    component: str
    target_version: str
    owner: Annotated[str | None, Field(validation_alias=AliasPath("owner", "email"))] = None
    status: ChangeStatus
    window_start_at: Instant | None
    window_end_at: Instant | None
    due_at: Instant | None
    disclosed_at: Instant | None
    vendor_fixed_at: Instant | None
    learned_at: Instant | None
    available_at: Instant | None
    deployed_at: Instant | None
    deployed_noted_at: Instant | None
    verified_at: Instant | None
    verified_by: str
    verified_person: Annotated[str | None, Field(validation_alias=AliasPath("verified_person", "email"))] = None
    verified_evidence: Annotated[int | None, Field(validation_alias="verified_evidence_id")]
    verified_case: str
    outside_window: str
    is_emergency: bool
    emergency_reason: str
    justified_at: Instant | None
    external_approval: str
    action: str
    after_job: str
    attempt: int
    verified_note: str
    outcome_note: str
    requested_by: Annotated[str | None, Field(validation_alias=AliasPath("requested_by", "email"))] = None
    emergency_by: Annotated[str | None, Field(validation_alias=AliasPath("emergency_by", "email"))] = None
    emergency_at: Instant | None
    justify_by_at: Instant | None
    justification: str
    created_at: Instant


class GateTold(Told):
    """A condition of a change: what was seen, by whom, with which evidence."""

    id: Id
    kind: GateKind
    status: GateStatus
    requirement: dict[str, Any]
    stated: dict[str, Any]
    finding: str
    note: str
    evidence: Annotated[int | None, Field(validation_alias="evidence_id")]
    decided_by: Annotated[str | None, Field(validation_alias=AliasPath("decided_by", "email"))] = None
    decided_at: Instant | None


class StepOfChange(Told):
    """What was done with a change, from the record."""

    number: Id
    at: Instant
    actor: str
    by: str
    action: str
    why: str


class MomentTold(Told):
    """Whether a change may be carried out now: inside its window and in no freeze; `words` say why or why not."""

    is_open: bool
    words: str


class ChangeInFull(Told):
    """A change, its gates, and what was done, newest first, at most the last 100 steps.

    `gates_as_of`: as of when they are judged: now, or, once it was deployed, as they stood when that was written down;
    null where it was given up before. `when`: whether it may be carried out now; null once it was, or was given up.

    `has_missed_window`: it passed with nothing deployed; `other_window` is the proposed plan that gives another.
    """

    has_missed_window: bool
    other_window: int | None
    change: ChangeTold
    gates: list[GateTold]
    gates_as_of: Instant | None
    when: MomentTold | None
    steps: list[StepOfChange]


class ChangeCountsTold(Told):
    """How many changes there are by status, how many are late, and how many missed their window."""

    statuses: dict[str, int]
    late: int
    missed_windows: int


class PlanTold(Told):
    """A proposed or adopted plan; `platforms` are ids, `problems` say what could not be looked at.

    `is_open`: it can be adopted. A plan of no `jobs` is open only while there are changes that it would cancel.
    """

    id: Id
    revision: int
    jobs: int
    is_open: bool
    platforms: list[Any]
    problems: list[Any]
    made_by: Annotated[str | None, Field(validation_alias=AliasPath("made_by", "email"))] = None
    made_at: Instant
    adopted_by: Annotated[str | None, Field(validation_alias=AliasPath("adopted_by", "email"))] = None
    adopted_at: Instant | None
    previous: Annotated[int | None, Field(validation_alias="previous_id")]


class PlanInFull(PlanTold):
    """A plan with its documents, `passmuster/problem@1` and `passmuster/plan@1`, and the triage, as they were.

    `nothing_to_adopt` says why adopting it would change nothing; empty where it would, and of an adopted one.
    """

    nothing_to_adopt: str
    problem: dict[str, Any]
    plan: dict[str, Any]
    triage: dict[str, Any]


class PlanFilters(Filters):
    """Which plans."""

    is_adopted: bool | None = None


class ChangeFilters(Filters):
    """Which changes; `due_before` leaves those due earlier than that instant, `is_late` those late now and unfinished,
    `is_not_done` those cancelled by a person though they were due or attacked, while nothing else does the same.

    Verified and cancelled ones are finished; a deployed one is not. `has_missed_window` leaves our own whose window
    passed with nothing deployed. `verified` leaves those whose date has come, by whether they were verified by then;
    `due_month` those due in a month such as `2026-06`, in UTC.
    """

    platform: Slug | None = None
    status: ChangeStatus | None = None
    plan: Id | None = None
    owner: Id | None = None
    is_owned: bool | None = None
    advisory: Word | None = None
    due_before: Instant | None = None
    is_finished: bool | None = None
    is_late: bool | None = None
    has_missed_window: bool | None = None
    is_not_done: bool | None = None
    verified: Kept | None = None
    due_month: Month | None = None


def visible_changes(actor: Actor) -> QuerySet[Change]:
    """The changes on platforms the actor sees."""
    return on_platforms(
        Change.objects.select_related(*WITH),
        actor,
        Action.VIEW,
    )


def visible_plans(actor: Actor) -> QuerySet[Plan]:
    """The plans all of whose platforms the actor sees: a plan's documents name every one it covers."""
    jobs = Func(KeyTransform("jobs", "problem"), function="jsonb_array_length", output_field=IntegerField())
    rows = Plan.objects.select_related("made_by", "adopted_by").annotate(jobs=Coalesce(jobs, 0))
    allowed = platforms_for(actor, Action.VIEW)
    if allowed is None:
        return rows
    return rows.filter(platforms__contained_by=sorted(allowed)).exclude(platforms=[])


@changes.reads("/changes", Action.VIEW, Listed[ChangeTold])
def list_changes(request: ApiRequest, filters: Query[ChangeFilters]) -> Any:
    """Changes, newest first."""
    chosen = {
        "platform__slug": filters.platform,
        "status": filters.status,
        "plan_id": filters.plan,
        "owner_id": filters.owner,
        "owner__isnull": None if filters.is_owned is None else not filters.is_owned,
        "advisories__contains": [filters.advisory] if filters.advisory else None,
        "due_at__lt": filters.due_before,
    }
    rows = visible_changes(request.auth).filter(**{name: value for name, value in chosen.items() if value is not None})
    if filters.is_finished is not None:
        rows = rows.filter(status__in=FINISHED) if filters.is_finished else rows.exclude(status__in=FINISHED)
    if filters.is_late is not None:
        late = late_ones(rows, request.auth.now)
        rows = late if filters.is_late else rows.exclude(pk__in=late.values("pk"))
    if filters.has_missed_window is not None:
        is_missed = missed(request.auth.now)
        rows = rows.filter(is_missed) if filters.has_missed_window else rows.exclude(is_missed)
    if filters.is_not_done is not None:
        rows = rows.filter(not_done()) if filters.is_not_done else rows.exclude(not_done())
    if filters.verified is not None:
        rows = kept(rows, filters.verified, request.auth.now)
    rows = due_in(rows, filters.due_month or "")
    return listed(request, rows, ("-id",), filters)


@changes.reads("/change-counts", Action.VIEW, ChangeCountsTold)
def show_change_counts(request: ApiRequest) -> Any:
    """How many changes there are, by status; `late` are those past their date and not finished."""
    rows = visible_changes(request.auth)
    found = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    return {
        "statuses": {each.value: found.get(each.value, 0) for each in ChangeStatus},
        "late": late_ones(rows, request.auth.now).count(),
        "missed_windows": rows.filter(missed(request.auth.now)).count(),
    }


@changes.reads("/changes/{pk}", Action.VIEW, ChangeInFull)
def show_change(request: ApiRequest, pk: Id) -> Any:
    """One change, its gates as they stand at this moment or stood when it was carried out, and what was done."""
    change = get_object_or_404(visible_changes(request.auth), pk=pk)
    steps = AuditEvent.objects.filter(subject_kind="change", subject_id=str(pk)).order_by("-number")
    now = request.auth.now
    gates = [_as_it_stands(each) for each in look_at_gates(change, now=now)]
    is_before = change.status in BEFORE
    answer = proposal_for(change, now)
    return {
        "change": change,
        "has_missed_window": has_missed_window(change, now),
        "other_window": answer.pk if answer is not None and may_see_plan(request.auth, answer) else None,
        "gates": gates,
        "gates_as_of": now if is_before else change.deployed_noted_at,
        "when": moment_of(change, now) if is_before else None,
        "steps": list(steps[:_MOST_STEPS]),
    }


def _as_it_stands(looked: LookedAt) -> Gate:
    """The gate with what holds now, which the worker writes down some minutes later."""
    gate = looked.gate
    gate.status, gate.finding = looked.verdict.status, looked.verdict.words
    return gate


@plans.reads("/plans", Action.VIEW, Listed[PlanTold])
def list_plans(request: ApiRequest, filters: Query[PlanFilters]) -> Any:
    """Plans, newest first."""
    rows = visible_plans(request.auth).defer("problem", "plan", "triage")
    if filters.is_adopted is not None:
        rows = rows.filter(adopted_at__isnull=not filters.is_adopted)
    page = listed(request, rows, ("-id",), filters)
    with_changes = platforms_with_open_changes()
    return {**page, "items": [_with_state(plan, with_changes, request) for plan in page["items"]]}


@plans.reads("/plans/{pk}", Action.VIEW, PlanInFull)
def show_plan(request: ApiRequest, pk: Id) -> Any:
    """One plan with its documents."""
    return plan_in_full(request, pk)


def plan_in_full(request: ApiRequest, pk: int) -> Any:
    """A plan one sees, with whether there is something to adopt; raises Http404."""
    plan = get_object_or_404(visible_plans(sight(request)), pk=pk)
    with_changes = platforms_with_open_changes()
    told: Any = _with_state(plan, with_changes, request)
    told.nothing_to_adopt = nothing_to_adopt(plan, with_changes) if plan.adopted_at is None else ""
    return told


def _with_state(plan: Any, with_changes: Collection[int], request: ApiRequest) -> Any:
    plan.is_open = is_open(plan, plan.jobs, with_changes, request.auth.now)
    return plan
