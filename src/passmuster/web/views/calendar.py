"""The calendar: a month, a timeline, a list of days; and the feed that other programs subscribe to."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.asking import PUSH, ask_for_calendar_push
from passmuster.application.calendar.calendar import dated_entries
from passmuster.application.calendar.calendar_feed import USUAL, calendar_feed
from passmuster.application.calendar.calendar_settings import CALDAV_URL
from passmuster.application.calendar.wanted import ALL, Wanted
from passmuster.application.people.tokens import actor_by_feed_token, issue_feed_token, revoke_feed_token
from passmuster.model.dated import DatedKind
from passmuster.records.models import FeedToken, Person, Platform
from passmuster.web.calendar_months import WEEKS_OF_TIMELINE, day_list, month_span, month_weeks, timeline
from passmuster.web.needs import needs
from passmuster.web.seeing_work import followed
from passmuster.web.submitting import submit_and_return

_VIEWS = ("month", "timeline", "list")
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 1)


@needs(Action.VIEW)
def calendar_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What has a date, in the person's own time zone."""
    return _calendar(request, actor, is_guests=False)


@require_GET
@needs(Action.ANSWER_VENDOR_REQUEST)
def asked_calendar(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The same for a vendor's contact: what is asked of the vendor, and nothing else."""
    return _calendar(request, actor, is_guests=True)


def _calendar(request: HttpRequest, actor: Actor, *, is_guests: bool) -> HttpResponse:
    zone = _zone(request)
    today = actor.now.astimezone(zone).date()
    month = _month(request, today)
    view = request.GET.get("view", "month")
    view = view if view in _VIEWS else "month"
    kinds = frozenset(each for each in DatedKind if each.value in request.GET.getlist("kind")) or USUAL
    first, last, start, end = month_span(month.year, month.month, zone)
    if view == "timeline":
        end = start + timedelta(weeks=WEEKS_OF_TIMELINE, days=1)
    dates = dated_entries(actor, Wanted(start, end, kinds, request.GET.get("platform", "")))
    # Beside the picture, what recurs daily would bury the rest.
    listed = [each for each in dates.entries if view != "timeline" or each.kind is not DatedKind.WINDOW]
    context: dict[str, Any] = {
        "view": view,
        "views": _VIEWS,
        "month": month,
        "before": (month - timedelta(days=1)).replace(day=1),
        "after": (month + timedelta(days=32)).replace(day=1),
        "this_month": today.replace(day=1),
        "zone": zone.key,
        "kinds": [(each.value, each in kinds) for each in DatedKind],
        "platforms": _platforms(actor),
        "platform": request.GET.get("platform", ""),
        "problems": dates.problems,
        "days": day_list(listed, zone, first, last if view != "timeline" else end.date(), today),
        "n": len(dates.entries),
        "is_guests": is_guests,
    }
    if view == "month":
        context["weeks"] = month_weeks(month.year, month.month, dates.entries, zone, today)
    if view == "timeline":
        context["picture"] = timeline(dates.entries, first, actor.now)
    return render(request, "calendar/calendar.html", context)


def _zone(request: HttpRequest) -> ZoneInfo:
    person = request.user
    try:
        return ZoneInfo(person.time_zone) if isinstance(person, Person) else ZoneInfo("UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _month(request: HttpRequest, today: date) -> date:
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return today.replace(day=1)
    return asked if _FIRST <= asked <= _LAST else today.replace(day=1)


def _platforms(actor: Actor) -> list[tuple[str, str]]:
    where = platforms_for(actor, Action.VIEW)
    found = Platform.objects.filter(is_active=True).order_by("name")
    return list((found if where is None else found.filter(pk__in=where)).values_list("slug", "name"))


@needs(Action.VIEW)
def subscriptions(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One's own feeds: an address is shown once, when it is made, and can be taken back."""
    address = ""
    if request.method == "POST":
        _, text = issue_feed_token(actor)
        address = f"{settings.BASE_URL}/calendar/feed/{text}.ics"
    feeds = FeedToken.objects.filter(person=actor.person_id, revoked_at=None).order_by("-created_at")
    context = {
        "address": address,
        "feeds": feeds,
        "may_push": may(actor, Action.MANAGE_PROGRAMME),
        "is_push_set_up": bool(os.environ.get(CALDAV_URL, "").strip()),
        **followed(actor, (PUSH,)),
    }
    return render(request, "calendar/subscriptions.html", context)


@require_POST
@needs(Action.MANAGE_PROGRAMME)
def push(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Have the calendar pushed now to where the house keeps it."""
    return submit_and_return(
        request,
        lambda: ask_for_calendar_push(actor),
        "Asked for; follow it here.",
        "subscriptions",
    )


@require_POST
@needs(Action.VIEW)
def revoke(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Take a feed's address back."""
    revoke_feed_token(actor, get_object_or_404(FeedToken, pk=pk, person=actor.person_id))
    messages.success(request, "The address no longer answers.")
    return redirect("subscriptions")


def _held_by_token(view: Callable[[HttpRequest, str], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """Whoever holds the token may read what its owner may view; nobody signs in."""
    view.needs = dict.fromkeys(("get", "post"), Action.VIEW)  # type: ignore[attr-defined]
    return view


@_held_by_token
@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of the token's owner; `?kinds=` names others than the usual ones. An unknown token is not found."""
    actor = actor_by_feed_token(token, timezone.now())
    if actor is None:
        raise Http404
    names = request.GET.get("kinds", "").split(",")
    kinds = ALL if "all" in names else frozenset(each for each in DatedKind if each.value in names) or USUAL
    text = calendar_feed(actor, base_url=settings.BASE_URL, kinds=kinds)
    response = HttpResponse(text.encode(), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="passmuster.ics"'
    response.headers["Last-Modified"] = f"{actor.now.astimezone(UTC):%a, %d %b %Y %H:%M:%S} GMT"
    return response
