"""Legal and privacy consulted: what about, and what they said; who decides what on a platform."""

from __future__ import annotations

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field

from passmuster.application.access import Action
from passmuster.application.people.decision_rights import decision_rights
from passmuster.application.programme.escalation_steps import escalation
from passmuster.application.requests.consulting import consultations_for, give_opinion
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.paging import Filters, Listed, listed
from passmuster.web.api.programme import StepTold, platform_shown
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Id, Instant, Said, Slug, Told

consultations = Topic("consultations")
TOPICS = (consultations,)


class ConsultationTold(Told):
    """What legal and privacy were asked about an exception or a change, and what they said."""

    id: Id
    platform: Annotated[str | None, Field(validation_alias=AliasPath("platform", "slug"))] = None
    deviation: Annotated[int | None, Field(validation_alias="deviation_id")]
    change: Annotated[int | None, Field(validation_alias="change_id")]
    because: str
    asked_at: Instant
    opinion: str
    given_by: Annotated[str | None, Field(validation_alias=AliasPath("given_by", "email"))] = None
    given_at: Instant | None


class OpinionAsked(Asked):
    """What they think of it."""

    opinion: Said


class RightTold(Told):
    """A decision about a platform, and the addresses of the people who may take it."""

    action: Action
    people: list[str]


class ConsultationFilters(Filters):
    """Which consultations."""

    platform: Slug | None = None
    is_open: bool | None = None


@consultations.reads("/consultations", Action.VIEW, Listed[ConsultationTold])
def list_consultations(request: ApiRequest, filters: Query[ConsultationFilters]) -> Any:
    """Consultations, newest first."""
    rows = consultations_for(request.auth)
    if filters.platform:
        rows = rows.filter(platform__slug=filters.platform)
    if filters.is_open is not None:
        rows = rows.filter(given_at__isnull=filters.is_open)
    return listed(request, rows, ("-id",), filters)


@consultations.does("/consultations/{pk}/opinion", Action.GIVE_OPINION, ConsultationTold)
def say(request: ApiRequest, pk: Id, asked: OpinionAsked) -> Any:
    """Say what legal and privacy think."""
    rows = consultations_for(sight(request))
    give_opinion(request.auth, get_object_or_404(rows, pk=pk), asked.opinion)
    return rows.get(pk=pk)


@consultations.reads("/platforms/{slug}/decision-rights", Action.VIEW, list[RightTold])
def list_decision_rights(request: ApiRequest, slug: Slug) -> Any:
    """Who may decide what on a platform."""
    rights = decision_rights(platform_shown(request.auth, slug))
    return [{"action": each.action, "people": [person.email for person in each.people]} for each in rights]


@consultations.reads("/escalation", Action.VIEW, list[StepTold])
def list_steps_for_all(request: ApiRequest) -> Any:
    """Who is told after how many hours late, on platforms without steps of their own; as set, or as they ship."""
    return list(escalation().usual)
