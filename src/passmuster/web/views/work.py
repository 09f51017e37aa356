"""Work in the background: what runs and how far it is, what waits, what went wrong."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.working import try_again
from passmuster.errors import UsageError
from passmuster.model.keeping import WorkState
from passmuster.records.models import Work
from passmuster.web.needs import needs

_SHOWN = 100
_UNDER_WAY = (WorkState.RUNNING, WorkState.WAITING)


def visible_work(actor: Actor) -> QuerySet[Work]:
    """The work the actor may see: of their platforms; that of no platform for those who see all."""
    where = platforms_for(actor, Action.VIEW)
    found = Work.objects.select_related("platform")
    return found if where is None else found.filter(Q(platform__in=where))


@require_GET
@needs(Action.VIEW)
def work_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is under way, what failed, and what ended last."""
    seen = visible_work(actor)
    context = {
        "under_way": list(seen.filter(state__in=_UNDER_WAY).order_by("state", "pk")[:_SHOWN]),
        "failed": [
            (work, may(actor, Action.COLLECT, work.platform_id) if work.platform_id else may(actor, _OTHERS))
            for work in seen.filter(state=WorkState.FAILED).order_by("-ended_at")[:_SHOWN]
        ],
        "done": list(seen.filter(state=WorkState.DONE).order_by("-ended_at")[:_SHOWN]),
    }
    return render(request, "work/list.html", context)


_OTHERS = Action.MANAGE_PROGRAMME


@require_GET
@needs(Action.VIEW)
def work_part(request: HttpRequest, actor: Actor, identity: int) -> HttpResponse:
    """One piece of work as a part of a page that asks again while it is under way."""
    work = visible_work(actor).filter(pk=identity).first()
    if work is None:
        raise Http404
    return render(request, "work/part.html", {"work": work, "is_under_way": work.state in _UNDER_WAY})


@require_POST
@needs(Action.VIEW)
def work_again(request: HttpRequest, actor: Actor, identity: int) -> HttpResponse:
    """Have failed work tried again."""
    if not visible_work(actor).filter(pk=identity).exists():
        raise Http404
    try:
        work = try_again(actor, identity)
        messages.success(request, f"{work.title}: it is tried again as soon as a worker is free.")
    except UsageError as error:
        messages.error(request, str(error))
    return redirect("work")
