"""My account: name, second factors, tokens for programs, calendar subscriptions."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor, may_anywhere
from passmuster.application.changes.patch_minutes import patch_minutes_of, set_patch_minutes
from passmuster.application.people import tokens
from passmuster.application.people.people import rename_person
from passmuster.application.people.signing_in import has_second_factor
from passmuster.errors import PassmusterError
from passmuster.records.models import ApiToken, FeedToken, Person
from passmuster.web.form_fields import minutes_in, words
from passmuster.web.needs import needs
from passmuster.web.submitting import submit_and_return

_DAYS = (7, 30, 90, 365)


@needs(Action.MANAGE_OWN_ACCOUNT)
def my_account(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One's own account."""
    return _page(request, actor)


@needs(Action.MANAGE_OWN_ACCOUNT)
@require_POST
def change_name(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Name and time zone."""
    name, zone = words(request, "name", "time_zone")
    person = Person.objects.get(Q(pk=actor.person_id))
    return submit_and_return(
        request, lambda: rename_person(actor, person, name=name, time_zone=zone), "Saved.", "my_account"
    )


@needs(Action.MANAGE_OWN_ACCOUNT)
@require_POST
def change_minutes(request: HttpRequest, actor: Actor) -> HttpResponse:
    """How many minutes a week one has for patches."""
    person = Person.objects.get(Q(pk=actor.person_id))
    return submit_and_return(
        request, lambda: set_patch_minutes(actor, person, minutes_in(request)), "Saved.", "my_account"
    )


@needs(Action.MANAGE_OWN_ACCOUNT)
@require_POST
def make_token(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A token for a program, shown in this answer and never again."""
    (name,) = words(request, "name")
    days = request.POST.get("days", "")
    scopes = {Action(word) for word in request.POST.getlist("scopes") if word in list(Action)}
    end = actor.now + timedelta(days=int(days) if days in map(str, _DAYS) else 0)
    try:
        _, text = tokens.issue_api_token(actor, name=name, scopes=scopes, expires_at=end)
    except PassmusterError as error:
        messages.error(request, str(error))
        return _page(request, actor)
    return _page(request, actor, secret=text, what_it_is=f"the token {name}")


@needs(Action.MANAGE_OWN_ACCOUNT)
@require_POST
def revoke_token(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """End one of one's own tokens."""
    token = get_object_or_404(ApiToken, pk=pk, person_id=actor.person_id)
    return submit_and_return(
        request, lambda: tokens.revoke_api_token(actor, token), "The token is ended.", "my_account"
    )


@needs(Action.MANAGE_OWN_ACCOUNT)
@require_POST
def make_feed(request: HttpRequest, actor: Actor) -> HttpResponse:
    """An address for a calendar program, shown in this answer and never again."""
    _, text = tokens.issue_feed_token(actor)
    return _page(request, actor, secret=f"{settings.BASE_URL}/calendar/feed/{text}.ics", what_it_is="your calendar")


@needs(Action.MANAGE_OWN_ACCOUNT)
@require_POST
def revoke_feed(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """End one of one's own subscriptions."""
    token = get_object_or_404(FeedToken, pk=pk, person_id=actor.person_id)
    return submit_and_return(
        request, lambda: tokens.revoke_feed_token(actor, token), "The subscription is ended.", "my_account"
    )


def ask_administrator(request: HttpRequest) -> HttpResponse:
    """What people cannot do here themselves, and whom to ask."""
    return render(request, "account/ask.html")


def _page(request: HttpRequest, actor: Actor, *, secret: str = "", what_it_is: str = "") -> HttpResponse:
    person = Person.objects.get(Q(pk=actor.person_id))
    return render(
        request,
        "account/mine.html",
        {
            "person": person,
            "minutes": patch_minutes_of(person),
            "duties": person.duties.select_related("platform").order_by("role", "platform__slug"),
            "has_factor": has_second_factor(person),
            "has_password": person.has_usable_password(),
            "api_tokens": ApiToken.objects.filter(person=person, revoked_at=None).order_by("-created_at"),
            "feed_tokens": FeedToken.objects.filter(person=person, revoked_at=None).order_by("-created_at"),
            "scopes": [action for action in Action if may_anywhere(actor, action)],
            "days": _DAYS,
            "now": actor.now,
            "secret": secret,
            "what_it_is": what_it_is,
        },
    )
