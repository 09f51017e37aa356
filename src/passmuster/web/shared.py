"""What every page shows: who is signed in, and which ways are open to them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from passmuster.application.access import Action, Actor, may_anywhere
from passmuster.application.acting import actor_of
from passmuster.records.models import Person
from passmuster.web.navigation import navigation_for
from passmuster.web.places import first_served

_ACCOUNT_PLACES = ("/me/", "/account/me/", "/account/2fa/")


def actor_from(request: HttpRequest) -> Actor:
    """Who asks, with the duties they have now; an anonymous visitor has none."""
    person = getattr(request, "user", None)
    if isinstance(person, Person):
        return actor_of(person, by="page", now=timezone.now())
    return Actor(name="anonymous", by="page", now=timezone.now())


def on_every_page(request: HttpRequest) -> dict[str, Any]:
    """The template context of the navigation."""
    actor = actor_from(request)
    return {
        "actor": actor,
        "may": {action.value: may_anywhere(actor, action) for action in Action},
        "navigation": navigation_for(actor, request.path),
        "account_path": first_served(_ACCOUNT_PLACES),
    }
