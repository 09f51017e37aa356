"""Plans, changes and their gates."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.changes.change_facts import LookedAt, look_at_gates
from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus
from passmuster.records.models import AuditEvent, Change, Gate, Plan
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.paging import Filters, Listed, listed, on_platforms
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Id, Instant, Slug, Told, Word

changes, plans = Topic("changes"), Topic("plans")
TOPICS = (changes, plans)
_MOST_STEPS = 100


class ChangeTold(Told):
    """One patch in one environment, with its six times; `verified_by` says what the word "verified" rests on."""

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


class ChangeInFull(Told):
    """A change, its gates, and what was done, newest first, at most the last 100 steps."""

    change: ChangeTold
    gates: list[GateTold]
    steps: list[StepOfChange]


class PlanTold(Told):
    """A proposed or adopted plan; `platforms` are ids, `problems` say what could not be looked at."""

    id: Id
    revision: int
    platforms: list[Any]
    problems: list[Any]
    made_by: Annotated[str | None, Field(validation_alias=AliasPath("made_by", "email"))] = None
    made_at: Instant
    adopted_by: Annotated[str | None, Field(validation_alias=AliasPath("adopted_by", "email"))] = None
    adopted_at: Instant | None
    previous: Annotated[int | None, Field(validation_alias="previous_id")]


class PlanInFull(PlanTold):
    """A plan with its documents, `passmuster/problem@1` and `passmuster/plan@1`, and the triage, as they were."""

    problem: dict[str, Any]
    plan: dict[str, Any]
    triage: dict[str, Any]


class PlanFilters(Filters):
    """Which plans."""

    is_adopted: bool | None = None


class ChangeFilters(Filters):
    """Which changes; `due_before` leaves those due earlier than that instant."""

    platform: Slug | None = None
    status: ChangeStatus | None = None
    plan: Id | None = None
    owner: Id | None = None
    advisory: Word | None = None
    due_before: Instant | None = None


def visible_changes(actor: Actor) -> QuerySet[Change]:
    """The changes on platforms the actor sees."""
    return on_platforms(
        Change.objects.select_related("platform", "environment", "owner", "requested_by", "emergency_by"),
        actor,
        Action.VIEW,
    )


def visible_plans(actor: Actor) -> QuerySet[Plan]:
    """The plans all of whose platforms the actor sees: a plan's documents name every one it covers."""
    rows = Plan.objects.select_related("made_by", "adopted_by")
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
        "advisories__contains": [filters.advisory] if filters.advisory else None,
        "due_at__lt": filters.due_before,
    }
    rows = visible_changes(request.auth).filter(**{name: value for name, value in chosen.items() if value is not None})
    return listed(request, rows, ("-id",), filters)


@changes.reads("/changes/{pk}", Action.VIEW, ChangeInFull)
def show_change(request: ApiRequest, pk: Id) -> Any:
    """One change, its gates as they stand at this moment, and what was done."""
    change = get_object_or_404(visible_changes(request.auth), pk=pk)
    steps = AuditEvent.objects.filter(subject_kind="change", subject_id=str(pk)).order_by("-number")
    gates = [_as_it_stands(each) for each in look_at_gates(change, now=request.auth.now)]
    return {"change": change, "gates": gates, "steps": list(steps[:_MOST_STEPS])}


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
    return listed(request, rows, ("-id",), filters)


@plans.reads("/plans/{pk}", Action.VIEW, PlanInFull)
def show_plan(request: ApiRequest, pk: Id) -> Any:
    """One plan with its documents."""
    return get_object_or_404(visible_plans(request.auth), pk=pk)
