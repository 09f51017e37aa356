"""Work in the background: what runs and how far it is, what waits, what went wrong, what came of it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from passmuster.application.access import Action, Actor, may
from passmuster.application.working.working import UNDER_WAY, try_again
from passmuster.errors import UsageError
from passmuster.model.keeping import WorkState
from passmuster.records.models import Work
from passmuster.web.needs import needs
from passmuster.web.seeing_work import asked_at, chores_without_news, shown, visible_work, whether_worked, worker_told

_SHOWN = 100
_QUIET_FOR = timedelta(days=1)
_OTHERS = Action.MANAGE_PROGRAMME


@require_GET
@needs(Action.VIEW)
def work_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is under way, what failed, and what ended last; chores that told nothing are one line each."""
    seen = visible_work(actor)
    quiet = chores_without_news()
    under_way = list(seen.filter(state__in=UNDER_WAY).order_by("state", "pk")[:_SHOWN])
    context = {
        "under_way": [shown(work) for work in under_way],
        "failed": [
            (work, _may_retry(actor, work), asked_at(work))
            for work in seen.filter(state=WorkState.FAILED).order_by("-ended_at")[:_SHOWN]
        ],
        "done": [
            shown(work) for work in seen.filter(state=WorkState.DONE).exclude(quiet).order_by("-ended_at")[:_SHOWN]
        ],
        "quiet": seen.filter(quiet, ended_at__gte=actor.now - _QUIET_FOR)
        .order_by()
        .values("title")
        .annotate(count=Count("pk"), last=Max("ended_at"))
        .order_by("-last", "title"),
        **whether_worked(),
    }
    return render(request, "work/list.html", context)


def _may_retry(actor: Actor, work: Work) -> bool:
    if asked_at(work):
        return False
    return may(actor, Action.COLLECT, work.platform_id) if work.platform_id else may(actor, _OTHERS)


@require_GET
@needs(Action.VIEW)
def work_page(request: HttpRequest, actor: Actor, identity: int) -> HttpResponse:
    """One piece of work, to follow it to its end."""
    work = _work(actor, identity)
    return render(request, "work/page.html", {"each": shown(work), "work": work, **worker_told([work])})


@require_GET
@needs(Action.VIEW)
def work_part(request: HttpRequest, actor: Actor, identity: int) -> HttpResponse:
    """One piece of work as a part of a page that asks again while it is under way."""
    work = _work(actor, identity)
    # In a list, what all of them wait for is said once, above.
    told = {"each": shown(work), "is_listed": "listed" in request.GET}
    return render(request, "work/part.html", {**told, **worker_told([work])})


def _work(actor: Actor, identity: int) -> Work:
    work = visible_work(actor).filter(pk=identity).first() if identity < 2**63 else None
    if work is None:
        raise Http404
    return work


@require_POST
@needs(Action.VIEW)
def work_again(request: HttpRequest, actor: Actor, identity: int) -> HttpResponse:
    """Have failed work tried again."""
    work = _work(actor, identity)
    try:
        try_again(actor, work.pk)
        messages.success(request, f"{work.title}: it is tried again as soon as a worker is free.")
    except UsageError as error:
        messages.error(request, str(error))
    return redirect("work")
