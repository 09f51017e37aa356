"""The first page: what needs me, what is late, what comes next."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from passmuster.application.acting import is_ready


@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """What needs the person who asks."""
    return render(request, "overview.html", {})


def health(_request: HttpRequest) -> JsonResponse:
    """Whether the keeper can answer; for a load balancer."""
    return JsonResponse({"ok": is_ready()})
