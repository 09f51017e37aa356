"""Having plans proposed, and adopting them."""

from __future__ import annotations

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from pydantic import Field

from passmuster.application.access import Action
from passmuster.application.asking import ask_for_plan
from passmuster.application.changes.adopting import adopt_plan
from passmuster.application.changes.planning import PlanChoice
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.changes import PlanTold, plan_in_full, visible_plans
from passmuster.web.api.messages import WorkTold
from passmuster.web.api.programme import platform_shown
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Id, Slug, Whole, Word

plans = Topic("plans")
TOPICS = (plans,)
_DEFAULT = PlanChoice()


class PlanAsked(Asked):
    """Which platforms (none named: all one works on), by which triage policy, how many weeks ahead."""

    platforms: Annotated[list[Slug], Field(max_length=200)] = Field(default_factory=list)
    policy: Annotated[Word, Field(max_length=100)] = _DEFAULT.policy
    weeks: Annotated[Whole, Field(ge=1, le=104)] = _DEFAULT.weeks


@plans.does("/plans", Action.WORK_CHANGE, WorkTold, status=202)
def propose(request: ApiRequest, asked: PlanAsked) -> Any:
    """Have the newest looks triaged and their patches planned, in the background; what is under way is told again."""
    chosen = [platform_shown(sight(request), slug) for slug in asked.platforms] or None
    return ask_for_plan(request.auth, chosen, PlanChoice(policy=asked.policy, weeks=asked.weeks))


@plans.does("/plans/{pk}/adopt", Action.ADOPT_PLAN, PlanTold)
def adopt(request: ApiRequest, pk: Id) -> Any:
    """Make the plan the one that holds; its changes are made, moved or cancelled."""
    adopt_plan(request.auth, get_object_or_404(visible_plans(sight(request)), pk=pk))
    return plan_in_full(request, pk)
