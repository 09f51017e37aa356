"""Every page says which right it needs; one without does not answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from passmuster.application.access import Action, Actor, NotAllowed, may_anywhere
from passmuster.web.shared import actor_from

View = Callable[..., HttpResponse]


def needs(action: Action, *, to_post: Action | None = None) -> Callable[[View], View]:
    """Only for people who may do it somewhere; hands the view `actor` as its second argument.

    Where a page is read by more people than fill in its form, `to_post` is what the form needs. On which platform they
    may, the use case checks and the list's filter (`platforms_for`).
    """

    def declare(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
            actor: Actor = actor_from(request)
            needed = to_post if to_post and request.method == "POST" else action
            if not may_anywhere(actor, needed):
                return refused(request, NotAllowed(f"this page is for people who may {needed.replace('_', ' ')}"))
            try:
                return view(request, actor, *args, **given)
            except NotAllowed as error:
                return refused(request, error)

        guarded.needs = {"get": action, "post": to_post or action}  # type: ignore[attr-defined]
        return guarded

    return declare


def refused(request: HttpRequest, error: NotAllowed) -> HttpResponse:
    """The page that says what is not allowed and whom to ask."""
    return render(request, "refused.html", {"reason": str(error)}, status=403)
