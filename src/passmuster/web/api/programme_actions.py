"""What is done to vendors, owners, escalation and proposals of another tier."""

from __future__ import annotations

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field

from passmuster.application.access import Action
from passmuster.application.programme.escalation_steps import escalation
from passmuster.application.programme.ownership import SCOPE_KINDS, Thing, remove_owner, set_escalation, set_owner
from passmuster.application.programme.tiers import decide_tier
from passmuster.application.programme.vendors import add_vendor, change_vendor
from passmuster.model.keeping import DutyRole, Tier
from passmuster.records.models import EscalationStep, Ownership, Person, TierProposal
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.paging import Filters, Listed, listed, on_platforms
from passmuster.web.api.programme import OwnershipTold, StepTold, VendorTold, platform_shown, visible_vendors
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Flag, Id, Instant, Said, Slug, Text, Told, Whole, Word

vendors, owners, tiers = Topic("vendors"), Topic("owners"), Topic("tiers")
TOPICS = (vendors, owners, tiers)


class VendorAsked(Asked):
    """A vendor."""

    name: Annotated[Word, Field(max_length=200)]
    catalogue_id: Annotated[Word, Field(max_length=64)] = ""
    notes: Text = ""


class OwnerAsked(Asked):
    """Who answers for a thing, and who stands in; people by id. The platform itself has no `scope_id`."""

    scope_kind: Word = SCOPE_KINDS[0]
    scope_id: Word = ""
    owner: Id
    deputy: Id | None = None
    why: Text = ""


class StepAsked(Asked):
    """A role that is told after so many hours."""

    after_hours: Annotated[Whole, Field(ge=0, le=24 * 365)]
    role: DutyRole


class StepsAsked(Asked):
    """All steps; none: those for all platforms hold."""

    steps: Annotated[list[StepAsked], Field(max_length=50)]
    why: Text = ""


class TierTold(Told):
    """Another tier that a platform's use speaks for; a person decides."""

    id: Id
    platform: Annotated[str, Field(validation_alias=AliasPath("platform", "slug"))]
    tier: Tier
    reasons: list[Any]
    proposed_at: Instant
    decided_at: Instant | None
    is_accepted: bool | None


class TierDecision(Asked):
    """Whether the proposed tier is taken, and why."""

    is_accepted: Flag
    why: Said


@vendors.does("/vendors", Action.MANAGE_PROGRAMME, VendorTold, status=201)
def make_vendor(request: ApiRequest, asked: VendorAsked) -> Any:
    """Add a vendor."""
    return add_vendor(request.auth, **asked.model_dump())


@vendors.does("/vendors/{pk}", Action.MANAGE_PROGRAMME, VendorTold, method="PUT")
def put_vendor(request: ApiRequest, pk: Id, asked: VendorAsked) -> Any:
    """Change what is known of a vendor."""
    vendor = get_object_or_404(visible_vendors(sight(request)), pk=pk)
    change_vendor(request.auth, vendor, **asked.model_dump())
    return vendor


@owners.does("/platforms/{slug}/owners", Action.MANAGE_PLATFORM, OwnershipTold, method="PUT")
def put_owner(request: ApiRequest, slug: Slug, asked: OwnerAsked) -> Any:
    """Make somebody answer for a thing, in place of whoever did."""
    platform = platform_shown(sight(request), slug)
    people = Person.objects.in_bulk([key for key in (asked.owner, asked.deputy) if key])
    owner = get_object_or_404(Person, pk=asked.owner)
    deputy = people.get(asked.deputy) if asked.deputy else None
    thing = Thing(asked.scope_kind, asked.scope_id)
    return set_owner(request.auth, platform, thing, owner=owner, deputy=deputy, why=asked.why)


@owners.does("/platforms/{slug}/owners/{pk}", Action.MANAGE_PLATFORM, method="DELETE")
def drop_owner(request: ApiRequest, slug: Slug, pk: Id) -> None:
    """Have nobody answer for a thing by name."""
    owned = get_object_or_404(Ownership, platform=platform_shown(sight(request), slug), pk=pk)
    remove_owner(request.auth, owned)


@owners.does("/platforms/{slug}/escalation", Action.MANAGE_PLATFORM, list[StepTold], method="PUT")
def put_steps(request: ApiRequest, slug: Slug, asked: StepsAsked) -> Any:
    """Say who is told after how many hours late, on one platform."""
    platform = platform_shown(sight(request), slug)
    set_escalation(request.auth, [(each.after_hours, each.role) for each in asked.steps], platform, why=asked.why)
    return list(EscalationStep.objects.filter(platform=platform).order_by("after_hours", "role"))


@owners.does("/escalation", Action.MANAGE_PROGRAMME, list[StepTold], method="PUT")
def put_steps_for_all(request: ApiRequest, asked: StepsAsked) -> Any:
    """Say who is told after how many hours late, on platforms without steps of their own."""
    set_escalation(request.auth, [(each.after_hours, each.role) for each in asked.steps], why=asked.why)
    return list(escalation().usual)


@tiers.reads("/tier-proposals", Action.VIEW, Listed[TierTold])
def list_tier_proposals(request: ApiRequest, filters: Query[Filters]) -> Any:
    """Proposals of another tier, newest first."""
    rows = on_platforms(TierProposal.objects.select_related("platform"), request.auth, Action.VIEW)
    return listed(request, rows, ("-id",), filters)


@tiers.does("/tier-proposals/{pk}/decide", Action.MANAGE_PROGRAMME, TierTold)
def decide_tier_proposal(request: ApiRequest, pk: Id, asked: TierDecision) -> Any:
    """Take the proposed tier or keep the present one."""
    rows = on_platforms(TierProposal.objects.select_related("platform"), sight(request), Action.VIEW)
    decide_tier(request.auth, get_object_or_404(rows, pk=pk), is_accepted=asked.is_accepted, why=asked.why)
    return TierProposal.objects.select_related("platform").get(pk=pk)
