"""Platforms, environments, owners and vendors."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.programme.escalation_steps import escalation
from passmuster.application.programme.looks import hours_told
from passmuster.model.keeping import DataClass, DutyRole, Stage, Tier
from passmuster.records.models import Environment, Ownership, Platform, Vendor
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.paging import Filters, Listed, listed, on_platforms
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Day, Id, Instant, Slug, Told, Word

platforms, vendors = Topic("platforms"), Topic("vendors")
TOPICS = (platforms, vendors)


class PlatformTold(Told):
    """A platform under review."""

    id: Id
    slug: str
    name: str
    kind: str
    platform_id: str
    url: str
    vendor: Annotated[str | None, Field(validation_alias=AliasPath("vendor", "name"))] = None
    tier: Tier
    data_class: DataClass
    regulations: list[Any]
    business_priority: int
    time_zone: str
    cadence_rrule: str
    collect_every_hours: int
    next_collection_at: Instant | None
    next_review_on: Day | None
    baseline_collection: Annotated[int | None, Field(validation_alias="baseline_collection_id")]
    is_active: bool
    created_at: Instant


class PlatformInFull(PlatformTold):
    """A platform, and how it is read; the names of credentials are told to those who may change them.

    `looks_asked_every_hours` is the longest time between looks that its tier leaves its owner to choose.
    """

    export_path: str
    declared_path: str
    packs: list[Any]
    credentials: dict[str, Any] | None
    looks_asked_every_hours: int | None


class EnvironmentTold(Told):
    """A part of a platform; windows and freezes are spelt as in `passmuster/calendar@1`."""

    id: Id
    platform: Annotated[str, Field(validation_alias=AliasPath("platform", "slug"))]
    name: str
    external_id: str
    stage: Stage
    region: str
    time_zone: str
    windows: list[Any]
    freezes: list[Any]


class OwnershipTold(Told):
    """Who answers for a thing of a platform, and who stands in."""

    id: Id
    scope_kind: str
    scope_id: str
    owner: Annotated[str, Field(validation_alias=AliasPath("owner", "email"))]
    deputy: Annotated[str | None, Field(validation_alias=AliasPath("deputy", "email"))] = None


class StepTold(Told):
    """Who is told when something is late by that many hours."""

    after_hours: int
    role: DutyRole


class VendorTold(Told):
    """Who makes and hosts platforms."""

    id: Id
    name: str
    catalogue_id: str
    notes: str
    created_at: Instant


class PlatformFilters(Filters):
    """Which platforms."""

    tier: Tier | None = None
    kind: Word | None = None
    vendor: Id | None = None
    is_active: bool | None = None


class EnvironmentFilters(Filters):
    """Which environments."""

    platform: Slug | None = None
    stage: Stage | None = None


def visible_platforms(actor: Actor, action: Action = Action.VIEW) -> QuerySet[Platform]:
    """The platforms on which the actor may do it."""
    return on_platforms(Platform.objects.select_related("vendor"), actor, action, "pk")


def platform_shown(actor: Actor, slug: str) -> Platform:
    """The platform; raises Http404 where it is not there or not for this actor's eyes."""
    return get_object_or_404(visible_platforms(actor), slug=slug)


def visible_vendors(actor: Actor) -> QuerySet[Vendor]:
    """The vendors of the platforms the actor sees, or all for those who look everywhere."""
    allowed = platforms_for(actor, Action.VIEW)
    found = Vendor.objects.all()
    return found if allowed is None else found.filter(platforms__in=allowed).distinct()


@platforms.reads("/platforms", Action.VIEW, Listed[PlatformTold])
def list_platforms(request: ApiRequest, filters: Query[PlatformFilters]) -> Any:
    """Platforms by name."""
    rows = visible_platforms(request.auth)
    chosen = filters.model_dump(include={"tier", "kind", "vendor", "is_active"}, exclude_none=True)
    return listed(request, rows.filter(**chosen), ("name", "id"), filters)


@platforms.reads("/platforms/{slug}", Action.VIEW, PlatformInFull)
def show_platform(request: ApiRequest, slug: Slug) -> Any:
    """One platform."""
    platform = platform_shown(request.auth, slug)
    manages = any(may(request.auth, each, platform.pk) for each in (Action.MANAGE_PLATFORM, Action.MANAGE_PROGRAMME))
    told = PlatformTold.model_validate(platform).model_dump()
    more = {name: getattr(platform, name) for name in ("export_path", "declared_path", "packs")}
    more["credentials"] = platform.credentials if manages else None
    return PlatformInFull.model_construct(**told, **more, looks_asked_every_hours=hours_told().get(Tier(platform.tier)))


@platforms.reads("/environments", Action.VIEW, Listed[EnvironmentTold])
def list_environments(request: ApiRequest, filters: Query[EnvironmentFilters]) -> Any:
    """Environments of the platforms one sees."""
    rows = on_platforms(Environment.objects.select_related("platform"), request.auth, Action.VIEW)
    if filters.platform:
        rows = rows.filter(platform__slug=filters.platform)
    if filters.stage:
        rows = rows.filter(stage=filters.stage)
    return listed(request, rows, ("id",), filters)


@platforms.reads("/environments/{pk}", Action.VIEW, EnvironmentTold)
def show_environment(request: ApiRequest, pk: Id) -> Any:
    """One environment."""
    rows = on_platforms(Environment.objects.select_related("platform"), request.auth, Action.VIEW)
    return get_object_or_404(rows, pk=pk)


@platforms.reads("/platforms/{slug}/owners", Action.VIEW, Listed[OwnershipTold])
def list_owners(request: ApiRequest, slug: Slug, filters: Query[Filters]) -> Any:
    """Who answers for what on a platform."""
    rows = Ownership.objects.filter(platform=platform_shown(request.auth, slug)).select_related("owner", "deputy")
    return listed(request, rows, ("id",), filters)


@platforms.reads("/platforms/{slug}/escalation", Action.VIEW, list[StepTold])
def list_escalation_steps(request: ApiRequest, slug: Slug) -> Any:
    """Who is told after how many hours late: the platform's own steps, else those for all, as set or as they ship."""
    return list(escalation().of(platform_shown(request.auth, slug).pk))


@platforms.reads("/escalation", Action.VIEW, list[StepTold])
def list_usual_escalation_steps(request: ApiRequest) -> Any:
    """Who is told after how many hours late, on platforms without steps of their own; as set, or as they ship."""
    return list(escalation().usual)


@vendors.reads("/vendors", Action.VIEW, Listed[VendorTold])
def list_vendors(request: ApiRequest, filters: Query[Filters]) -> Any:
    """Vendors by name."""
    return listed(request, visible_vendors(request.auth), ("name", "id"), filters)


@vendors.reads("/vendors/{pk}", Action.VIEW, VendorTold)
def show_vendor(request: ApiRequest, pk: Id) -> Any:
    """One vendor."""
    return get_object_or_404(visible_vendors(request.auth), pk=pk)
