"""Exceptions: asked for, decided by another person, renewed, withdrawn."""

from __future__ import annotations

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from pydantic import Field

from passmuster.application.access import Action
from passmuster.application.findings import deviations as use
from passmuster.model.keeping import Tier
from passmuster.records.models import Deviation, Person
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.findings import DeviationTold, visible_deviations
from passmuster.web.api.programme import platform_shown
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Day, Flag, Id, Reason, Said, Slug, Word

deviations = Topic("deviations")
TOPICS = (deviations,)


class RuleAsked(Asked):
    """All that fit are covered where no resource is named."""

    stages: Annotated[list[Word], Field(max_length=20)] = Field(default_factory=list)
    tiers: Annotated[list[Tier], Field(max_length=3)] = Field(default_factory=list)


class DeviationAsked(Asked):
    """An exception from a control: for one resource of a platform, or by a rule; without a platform for all."""

    control: Annotated[Said, Field(max_length=64)]
    reason: Said
    owner: Id
    ends_on: Day
    platform: Slug | None = None
    resource_id: Annotated[Word, Field(max_length=500)] = ""
    rule: RuleAsked = RuleAsked()
    compensating_control: Annotated[Word, Field(max_length=64)] = ""


class RenewalAsked(Asked):
    """Why it is still needed, and until when."""

    reason: Said
    ends_on: Day


class DecisionAsked(Asked):
    """Approved or refused, and why."""

    is_approved: Flag
    reason: Said


def _deviation(request: ApiRequest, pk: int) -> Deviation:
    return get_object_or_404(visible_deviations(sight(request)), pk=pk)


@deviations.does("/deviations", Action.REQUEST_DEVIATION, DeviationTold, status=201)
def ask(request: ApiRequest, asked: DeviationAsked) -> Any:
    """Ask for an exception; nothing is accepted until somebody else decides."""
    told = asked.model_dump(exclude={"owner", "platform", "rule"})
    rule = {name: value for name, value in asked.rule.model_dump(mode="json").items() if value}
    platform = platform_shown(sight(request), asked.platform) if asked.platform else None
    wanted = use.Wanted(**told, owner=get_object_or_404(Person, pk=asked.owner), platform=platform, rule=rule)
    return use.request_deviation(request.auth, wanted)


@deviations.does("/deviations/{pk}/renew", Action.REQUEST_DEVIATION, DeviationTold, status=201)
def renew(request: ApiRequest, pk: Id, asked: RenewalAsked) -> Any:
    """Ask for the same exception once more; ages still count from the first grant."""
    return use.renew_deviation(request.auth, _deviation(request, pk), reason=asked.reason, ends_on=asked.ends_on)


@deviations.does("/deviations/{pk}/decide", Action.DECIDE_DEVIATION, DeviationTold)
def decide(request: ApiRequest, pk: Id, asked: DecisionAsked) -> Any:
    """Approve or refuse; never what one asked for oneself, now or before."""
    deviation = _deviation(request, pk)
    return use.decide_deviation(request.auth, deviation, is_approved=asked.is_approved, reason=asked.reason)


@deviations.does("/deviations/{pk}/withdraw", Action.REQUEST_DEVIATION, DeviationTold)
def withdraw(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """End an exception early, or take back a request."""
    return use.withdraw_deviation(request.auth, _deviation(request, pk), reason=asked.why)
