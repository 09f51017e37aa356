"""Findings, and exceptions from controls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.findings.deviations import settle_deviations
from passmuster.application.findings.last_seen import with_last_seen
from passmuster.model.keeping import DeviationStatus, FindingStatus
from passmuster.model.words import Severity
from passmuster.records.models import Deviation, Finding, Platform
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.paging import Filters, Listed, listed, on_platforms
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Day, Id, Instant, Slug, Told, Word
from passmuster.web.control_words import verdict_of
from passmuster.web.counting import OPEN_STATUSES
from passmuster.web.finding_parts import parts_of

findings, deviations = Topic("findings"), Topic("deviations")
TOPICS = (findings, deviations)


class FindingTold(Told):
    """One violation of one control by one resource, found once or again."""

    id: Id
    platform: Annotated[str, Field(validation_alias=AliasPath("platform", "slug"))]
    fingerprint: str
    pack: str
    control: str
    title: str
    resource_id: str
    resource_name: str
    environment: str
    detail: str
    severity: Severity
    status: FindingStatus
    owner: Annotated[str | None, Field(validation_alias=AliasPath("owner", "email"))] = None
    due_on: Day | None
    due_reason: str
    priority: int
    priority_reason: str
    deviation: Annotated[int | None, Field(validation_alias="deviation_id")]
    ticket: Annotated[int | None, Field(validation_alias="ticket_id")]
    first_seen_at: Instant
    last_seen_at: Annotated[Instant, Field(validation_alias="seen_at")]
    age_from: Instant
    closed_at: Instant | None
    closed_reason: str
    reopened_count: int


class HistoryTold(Told):
    """Something that happened to a finding."""

    at: Instant
    what: str
    by: str
    why: str


class FindingInFull(Told):
    """A finding, its control's words where the newest look has them, and its history, the last 200 steps."""

    finding: FindingTold
    rationale: str
    remediation: str
    steps: list[HistoryTold]


class CheckTold(Told):
    """What the last look said of a compensating control on one platform; not held, the exception is suspended there.

    Any `outcome` but pass and fail is that it could not be checked, which suspends nothing.
    """

    platform: Annotated[str, Field(validation_alias=AliasPath("platform", "slug"))]
    is_held: bool
    outcome: str
    reason: str
    checked_at: Instant


class DeviationTold(Told):
    """An exception: for one resource, or by a rule (all sandboxes of a tier); without a platform it is for all."""

    id: Id
    platform: Annotated[str | None, Field(validation_alias=AliasPath("platform", "slug"))] = None
    control: str
    resource_id: str
    rule: dict[str, Any]
    reason: str
    owner: Annotated[str, Field(validation_alias=AliasPath("owner", "email"))]
    requested_by: Annotated[str, Field(validation_alias=AliasPath("requested_by", "email"))]
    requested_at: Instant
    decided_by: Annotated[str | None, Field(validation_alias=AliasPath("decided_by", "email"))] = None
    decided_at: Instant | None
    decision_reason: str
    status: DeviationStatus
    compensating_control: str
    ends_on: Day
    renews: Annotated[int | None, Field(validation_alias="renews_id")]
    first_granted_at: Instant | None


class DeviationInFull(DeviationTold):
    """An exception, and how its compensating control stands on each platform you see."""

    checks: list[CheckTold]


class FindingFilters(Filters):
    """Which findings; `late_on` leaves those whose due day is before that day, `due_by` also those of it.

    `is_open`: those that are open or in progress, or those that are neither.
    """

    platform: Slug | None = None
    status: FindingStatus | None = None
    severity: Severity | None = None
    control: Word | None = None
    environment: Word | None = None
    owner: Id | None = None
    is_owned: bool | None = None
    deviation: Id | None = None
    ticket: Id | None = None
    late_on: Day | None = None
    due_from: Day | None = None
    due_by: Day | None = None
    is_open: bool | None = None


class DeviationFilters(Filters):
    """Which exceptions; `ends_by` leaves those that end on that day or before."""

    platform: Slug | None = None
    status: DeviationStatus | None = None
    control: Word | None = None
    owner: Id | None = None
    ends_by: Day | None = None


def visible_findings(actor: Actor) -> QuerySet[Finding]:
    """The findings of the platforms the actor sees."""
    return on_platforms(with_last_seen(Finding.objects.select_related("platform", "owner")), actor, Action.VIEW)


def visible_deviations(actor: Actor) -> QuerySet[Deviation]:
    """The exceptions on platforms the actor sees, and those that hold for all platforms."""
    rows = Deviation.objects.select_related("platform", "owner", "requested_by", "decided_by")
    allowed = platforms_for(actor, Action.VIEW)
    return rows if allowed is None else rows.filter(Q(platform_id__in=allowed) | Q(platform=None))


@findings.reads("/findings", Action.VIEW, Listed[FindingTold])
def list_findings(request: ApiRequest, filters: Query[FindingFilters]) -> Any:
    """Findings, worst first."""
    settle_deviations(request.auth)
    chosen = {
        "severity_rank": filters.severity.rank if filters.severity else None,
        "control": filters.control,
        "environment": filters.environment,
        "owner_id": filters.owner,
        "deviation_id": filters.deviation,
        "ticket_id": filters.ticket,
        "owner__isnull": None if filters.is_owned is None else not filters.is_owned,
        "due_on__lt": filters.late_on,
        "due_on__gte": filters.due_from,
        "due_on__lte": filters.due_by,
    }
    rows = with_last_seen(Finding.objects.select_related("platform", "owner"))
    rows = rows.filter(**{name: value for name, value in chosen.items() if value is not None})
    statuses = [each for each in FindingStatus if filters.status in (None, each)]
    if filters.is_open is not None:
        statuses = [each for each in statuses if (each in OPEN_STATUSES) is filters.is_open]
    parts = parts_of(rows, statuses, _platforms(request.auth, filters.platform))
    return listed(request, parts, ("severity_rank", "id"), filters)


def _platforms(actor: Actor, slug: str | None) -> Iterable[int] | None:
    """The platforms to look on; None: all of them."""
    allowed = platforms_for(actor, Action.VIEW)
    if slug is None:
        return allowed
    named = Platform.objects.filter(slug=slug).values_list("pk", flat=True)
    return list(named if allowed is None else named.filter(pk__in=allowed))


@findings.reads("/findings/{pk}", Action.VIEW, FindingInFull)
def show_finding(request: ApiRequest, pk: Id) -> Any:
    """One finding with its history."""
    settle_deviations(request.auth)
    finding = get_object_or_404(visible_findings(request.auth), pk=pk)
    verdict = verdict_of(finding)
    return {
        "finding": finding,
        "rationale": verdict.rationale if verdict else "",
        "remediation": verdict.remediation if verdict else "",
        "steps": list(finding.steps.order_by("-pk")[:200]),
    }


@deviations.reads("/deviations", Action.VIEW, Listed[DeviationTold])
def list_deviations(request: ApiRequest, filters: Query[DeviationFilters]) -> Any:
    """Exceptions, newest first."""
    settle_deviations(request.auth)
    chosen = {
        "platform__slug": filters.platform,
        "status": filters.status,
        "control": filters.control,
        "owner_id": filters.owner,
        "ends_on__lte": filters.ends_by,
    }
    rows = visible_deviations(request.auth).filter(
        **{name: value for name, value in chosen.items() if value is not None}
    )
    return listed(request, rows, ("-id",), filters)


@deviations.reads("/deviations/{pk}", Action.VIEW, DeviationInFull)
def show_deviation(request: ApiRequest, pk: Id) -> Any:
    """One exception; what it covers are the findings with that `deviation`."""
    settle_deviations(request.auth)
    deviation = get_object_or_404(visible_deviations(request.auth), pk=pk)
    checks = on_platforms(deviation.checks.select_related("platform"), request.auth, Action.VIEW)
    told = DeviationTold.model_validate(deviation).model_dump()
    held = [CheckTold.model_validate(each) for each in checks.order_by("platform__slug")]
    return DeviationInFull.model_construct(**told, checks=held)
