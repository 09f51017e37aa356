"""Having platforms looked at, approving baselines, trying failed work again."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404

from passmuster.application.access import Action
from passmuster.application.looking import approve_baseline
from passmuster.application.working import ask_for_collection, try_again
from passmuster.records.models import Collection, Work
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.looking import CollectionTold
from passmuster.web.api.messages import WorkTold, visible_work
from passmuster.web.api.paging import on_platforms
from passmuster.web.api.programme import platform_shown
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Id, Reason, Slug

looks, work = Topic("looks"), Topic("work")
TOPICS = (looks, work)


@looks.does("/platforms/{slug}/collect", Action.COLLECT, WorkTold, status=202)
def collect(request: ApiRequest, slug: Slug) -> Any:
    """Have the platform looked at now, in the background; where a look waits or runs already, that one is told."""
    platform = platform_shown(sight(request), slug)
    asked = ask_for_collection(request.auth, platform)
    return asked or Work.objects.filter(kind="collect", platform=platform).order_by("-pk").first()


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
