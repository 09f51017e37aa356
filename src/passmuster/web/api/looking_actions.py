"""Having platforms looked at, approving baselines, trying failed work again."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404

from passmuster.application.access import Action
from passmuster.application.asking import ask_for_look
from passmuster.application.looking.looking import approve_baseline
from passmuster.application.working.working import try_again
from passmuster.records.models import Collection
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.looking import CollectionTold
from passmuster.web.api.messages import WorkTold
from passmuster.web.api.paging import on_platforms
from passmuster.web.api.programme import platform_shown
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Id, Reason, Slug
from passmuster.web.seeing_work import visible_work

looks, work = Topic("looks"), Topic("work")
TOPICS = (looks, work)


@looks.does("/platforms/{slug}/collect", Action.COLLECT, WorkTold, status=202)
def collect(request: ApiRequest, slug: Slug) -> Any:
    """Have the platform looked at now, in the background; where a look waits or runs already, that one is told."""
    return ask_for_look(request.auth, platform_shown(sight(request), slug))


@looks.does("/collections/{pk}/approve-baseline", Action.APPROVE_BASELINE, CollectionTold)
def approve(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """Make a look the platform's approved baseline."""
    rows = on_platforms(Collection.objects.select_related("platform"), sight(request), Action.VIEW)
    look = get_object_or_404(rows, pk=pk)
    approve_baseline(request.auth, look, asked.why)
    return look


@work.does("/work/{pk}/try-again", Action.COLLECT, WorkTold)
def retry(request: ApiRequest, pk: Id) -> Any:
    """Have failed work tried again."""
    return try_again(request.auth, get_object_or_404(visible_work(sight(request)), pk=pk).pk)
