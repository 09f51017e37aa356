"""Patches: the plan that holds and those proposed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.asking import PROPOSE, ask_for_plan
from passmuster.application.changes.adopting import adopt_plan
from passmuster.application.changes.missed_windows import missed, proposal_for
from passmuster.application.changes.patch_measures import patch_measures
from passmuster.application.changes.planning import stale_after
from passmuster.application.changes.proposals import is_open, nothing_to_adopt, platforms_with_open_changes
from passmuster.errors import PassmusterError
from passmuster.model.keeping import ChangeStatus
from passmuster.pipeline.measuring import PatchFigures
from passmuster.pipeline.plan_picture import plan_picture
from passmuster.records.models import Change, Plan, Platform
from passmuster.web.change_values import late_ones, may_see_plan, visible_changes, words
from passmuster.web.named import names_of
from passmuster.web.needs import needs
from passmuster.web.seeing_work import followed
from passmuster.web.submitting import submit_and_return

_MOST_PLANS = 200
_MOST_PROPOSALS = 5
_MOST_MISSED = 5
# What came of a plan that was asked for is told as long as the plan can be adopted.
_TOLD_FOR = timedelta(days=1)
_UNDER_WAY = (ChangeStatus.PLANNED, ChangeStatus.APPROVED, ChangeStatus.DEPLOYED)


@needs(Action.VIEW)
def patches_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The plan adopted last, with its picture, what is open of it, and proposals since."""
    heads = _plan_heads(actor)
    adopted = next((Plan.objects.get(pk=head.key) for head in heads if head.adopted_at), None)
    since = adopted.adopted_at if adopted else None
    fresh = [head.key for head in heads if not head.adopted_at and (since is None or head.made_at > since)]
    newest = list(Plan.objects.filter(pk__in=fresh[:_MOST_PROPOSALS]).order_by("-made_at", "-pk"))
    with_changes = platforms_with_open_changes()
    proposals = [plan for plan in newest if is_open(plan, len(plan.problem.get("jobs", ())), with_changes, actor.now)]
    counts = {status: visible_changes(actor).filter(status=status).count() for status in _UNDER_WAY}
    overdue = late_ones(visible_changes(actor), actor.now).count()
    plannable, asked = _plannable(actor), followed(actor, (PROPOSE,), since=actor.now - _TOLD_FOR)
    context = {
        "adopted": adopted,
        "view": _picture(request, adopted),
        "proposals": proposals,
        "nothing_newer": _nothing_newer(newest, with_changes),
        "counts": [(status.value, words(status), n) for status, n in counts.items()],
        "overdue": overdue,
        **_missed(actor, visible_changes(actor)),
        "may_propose": bool(plannable) and not _is_asked_for(plannable, asked),
        **asked,
        "measures": [_measure(each) for each in patch_measures(actor)],
    }
    return render(request, "patches/patches.html", context)


@needs(Action.VIEW)
def plan_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One plan, proposed or adopted."""
    plan = get_object_or_404(Plan, pk=pk)
    if not may_see_plan(actor, plan):
        raise Http404
    with_changes = platforms_with_open_changes()
    may_hold = is_open(plan, len(plan.problem.get("jobs", ())), with_changes, actor.now)
    nothing = nothing_to_adopt(plan, with_changes) if plan.adopted_at is None else ""
    context = {
        "plan": plan,
        "view": None if nothing else _picture(request, plan),
        "nothing_to_adopt": nothing,
        "platforms": Platform.objects.filter(pk__in=plan.platforms).order_by("name"),
        **_missed(actor, visible_changes(actor).filter(plan=plan)),
        "left_out": plan.problem.get("left_out", ()),
        "may_adopt": may_hold and all(may(actor, Action.ADOPT_PLAN, key) for key in plan.platforms),
        "is_stale": plan.adopted_at is None and not nothing and actor.now > stale_after(plan),
    }
    return render(request, "patches/plan.html", context)


@require_POST
@needs(Action.WORK_CHANGE)
def propose(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Have a plan made of what the newest looks show, and follow it on the page of patches."""
    return submit_and_return(request, lambda: ask_for_plan(actor), "Asked for; follow it here.", "patches")


@require_POST
@needs(Action.ADOPT_PLAN)
def adopt(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Make the plan the one that holds."""
    plan = get_object_or_404(Plan, pk=pk)
    if not may_see_plan(actor, plan):
        raise Http404
    return submit_and_return(
        request, lambda: adopt_plan(actor, plan), "The plan is adopted; its changes are made.", "patches"
    )


def _nothing_newer(plans: Iterable[Plan], with_changes: Collection[int]) -> dict[str, Any] | None:
    """The newest plan and why there is nothing in it, where that is so."""
    newest = next(iter(plans), None)
    why = nothing_to_adopt(newest, with_changes) if newest is not None else ""
    return {"plan": newest, "why": why} if why else None


def _measure(figures: PatchFigures) -> dict[str, Any]:
    shares = {name: getattr(figures, name) for name in ("efficacy", "in_time")}
    return {"of": figures, **{name: None if share is None else round(share * 100) for name, share in shares.items()}}


def _plannable(actor: Actor) -> list[int]:
    where = platforms_for(actor, Action.WORK_CHANGE)
    found = Platform.objects.filter(is_active=True)
    return sorted((found if where is None else found.filter(pk__in=where)).values_list("pk", flat=True))


def _is_asked_for(plannable: list[int], asked: Mapping[str, Any]) -> bool:
    """Whether a plan for just these platforms is under way."""
    going = (each.work for each in asked["followed"] if each.is_under_way)
    return any(work.arguments.get("platforms") == plannable for work in going)


@dataclass(frozen=True)
class _Head:
    """A plan without its documents, which are large."""

    key: int
    platforms: frozenset[int]
    made_at: datetime
    adopted_at: datetime | None


def _plan_heads(actor: Actor) -> list[_Head]:
    """Plans of platforms one may see, the newest first."""
    where = platforms_for(actor, Action.VIEW)
    found = Plan.objects.order_by("-made_at", "-pk").values_list("pk", "platforms", "made_at", "adopted_at")
    heads = [_Head(key, frozenset(keys), made, adopted) for key, keys, made, adopted in found[:_MOST_PLANS]]
    return [head for head in heads if where is None or (head.platforms and head.platforms <= where)]


def _missed(actor: Actor, found: QuerySet[Change]) -> dict[str, Any]:
    """Patches that missed their window: the first of them, how many, their jobs, and the proposal that answers."""
    ones = list(found.filter(missed(actor.now)).order_by(F("due_at").asc(nulls_last=True), "pk"))
    answers = (proposal_for(change, actor.now) for change in ones[:_MOST_MISSED])
    return {
        "missed": ones[:_MOST_MISSED],
        "missed_count": len(ones),
        "missed_jobs": {change.job for change in ones},
        "answer": next((plan for plan in answers if plan is not None and may_see_plan(actor, plan)), None),
    }


def _picture(request: HttpRequest, plan: Plan | None) -> Mapping[str, Any] | None:
    if plan is None:
        return None
    try:
        owners = (job.get("owner") for job in plan.problem.get("jobs", ()))
        return {**plan_picture(plan.problem, plan.plan), "names": names_of(filter(None, owners))}
    except PassmusterError as error:
        messages.error(request, f"the plan cannot be shown: {str(error).splitlines()[0]}")
        return None
