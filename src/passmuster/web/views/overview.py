"""The first page: what needs me, what is late, what comes next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from passmuster.application.access import Action, Actor
from passmuster.application.acting import is_ready
from passmuster.web.needs import needs


@needs(Action.MANAGE_OWN_ACCOUNT)
def overview(request: HttpRequest, _actor: Actor) -> HttpResponse:
    """What needs the person who asks."""
    return render(request, "overview.html", {})


def health(_request: HttpRequest) -> JsonResponse:
    """Whether the keeper can answer; for a load balancer."""
    return JsonResponse({"ok": is_ready()})
