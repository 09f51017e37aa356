"""Who asks: a program by its token, or a page's own script by the session with a CSRF token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import AuthenticationError, HttpError
from ninja.security import HttpBearer
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from passmuster.application.access import Action, Actor, NotAllowed, may_anywhere
from passmuster.application.people.tokens import actor_by_api_token
from passmuster.web.shared import actor_from


class ApiRequest(HttpRequest):
    """A request whose asker is known."""

    auth: Actor


class Token(HttpBearer):
    """`Authorization: Bearer TOKEN`; what the token may do is what its scopes say and its owner may."""

    openapi_description = "An API token, made on the page `My account`; its scopes are words of the access table."

    def __init__(self, needs: Action) -> None:
        super().__init__()
        self.needs = needs

    def __call__(self, request: HttpRequest) -> Actor | None:
        """The actor; None without the header. Raises AuthenticationError, NotAllowed."""
        if "Authorization" not in request.headers:
            return None
        actor: Actor | None = super().__call__(request)
        if actor is None:
            raise AuthenticationError(message="the token is unknown, revoked or has ended; make another one")
        return _allowed(actor, self.needs)

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Who holds the token."""
        return actor_by_api_token(token, timezone.now())


class Session(AuthBase):
    """A person signed in to the pages; unsafe calls need the page's CSRF token in the header X-CSRFToken."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_description = "The session of the pages; unsafe calls also need the header X-CSRFToken."

    def __init__(self, needs: Action) -> None:
        self.openapi_name = settings.SESSION_COOKIE_NAME
        super().__init__()
        self.needs = needs

    def __call__(self, request: HttpRequest) -> Actor | None:
        """The actor; None where nobody is signed in. Raises HttpError, NotAllowed."""
        if not request.user.is_authenticated:
            return None
        if check_csrf(request) is not None:
            raise HttpError(403, "the CSRF token is missing or wrong; programs use an API token instead")
        return _allowed(actor_from(request), self.needs)


def needs(action: Action) -> Sequence[Any]:
    """The ways in to an operation, for those who may do it somewhere."""
    return [Token(action), Session(action)]


def sight(request: ApiRequest) -> Actor:
    """The asker without their token's limits: for finding what a call is about, not for telling or doing it."""
    return replace(request.auth, scopes=None)


def own_key(actor: Actor) -> int:
    """The key of the person who asks; raises NotAllowed where nobody does."""
    if actor.person_id is None:
        raise NotAllowed("this belongs to a person; sign in first")
    return actor.person_id


def _allowed(actor: Actor, action: Action) -> Actor:
    if not may_anywhere(actor, action):
        limit = "this token's scopes do not include" if actor.scopes is not None and action not in actor.scopes else ""
        who = limit or f"{actor.name} may not"
        raise NotAllowed(f"{who} {action.value if limit else action.value.replace('_', ' ')}")
    return actor
