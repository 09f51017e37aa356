"""The page of keys."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from passmuster.application.access import Action, Actor
from passmuster.web.needs import needs


@needs(Action.MANAGE_OWN_ACCOUNT)
def keyboard(request: HttpRequest, _actor: Actor) -> HttpResponse:
    """Which keys do what, and a switch to have none."""
    return render(request, "keyboard.html")
