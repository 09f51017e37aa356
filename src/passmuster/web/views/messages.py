"""A person's own messages, and what they choose to be told."""

from __future__ import annotations

import os
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from passmuster.application.access import Action, Actor
from passmuster.application.messages.channels import Channels, read_channels
from passmuster.application.messages.message_choices import TOPICS, HowOften, Way
from passmuster.application.messages.telling import change_choices, choices_of, mark_read
from passmuster.errors import UsageError
from passmuster.records.models import Message, Person
from passmuster.web.needs import needs

_PAGE = 50
_TOPIC_WORDS = {
    "review": "Reviews",
    "finding": "Findings",
    "drift": "What changed on a platform",
    "deviation": "Exceptions",
    "change": "Patches",
    "evidence": "Evidence",
    "token": "Tokens that end",
    "late": "What is late",
    "work": "Work in the background that failed",
    "other": "Everything else",
}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@require_GET
@needs(Action.MANAGE_OWN_ACCOUNT)
def message_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Unread messages first, then those read lately; a page at a time by the last one's id."""
    mine = Message.objects.filter(person_id=actor.person_id or 0).order_by("-pk")
    is_all = request.GET.get("show") == "all"
    shown = mine if is_all else mine.filter(read_at=None)
    before = request.GET.get("before", "")
    if before.isdecimal():
        shown = shown.filter(pk__lt=int(before[:18]))
    page = list(shown[: _PAGE + 1])
    context = {
        "told": page[:_PAGE],
        "next": page[_PAGE - 1].pk if len(page) > _PAGE else None,
        "is_all": is_all,
        "unread": mine.filter(read_at=None).count(),
        "now": actor.now,
    }
    return render(request, "messages/list.html", context)


@require_POST
@needs(Action.MANAGE_OWN_ACCOUNT)
def messages_read(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Mark the chosen messages as read, or all."""
    chosen = [int(each) for each in request.POST.getlist("message") if each.isdecimal() and len(each) < 19]
    count = mark_read(actor, None if "all" in request.POST else chosen)
    messages.success(request, f"{count} marked as read.")
    return redirect("messages")


@require_http_methods(["GET", "POST"])
@needs(Action.MANAGE_OWN_ACCOUNT)
def message_choices(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What one is told, how often and which way."""
    complaints: list[str] = []
    if request.method == "POST":
        try:
            change_choices(actor, _given(request))
            messages.success(request, "Your choices are kept.")
            return redirect("message_choices")
        except UsageError as error:
            complaints = str(error).split("; ")
    context = {**_context(Person.objects.get(pk=actor.person_id or 0)), "complaints": complaints}
    return render(request, "messages/choices.html", context, status=422 if complaints else 200)


def _given(request: HttpRequest) -> dict[str, Any]:
    """The form as choices; what is not a number stays text, so that it is told as a mistake."""
    posted = request.POST
    given: dict[str, Any] = {
        "ways": posted.getlist("ways"),
        "topics": {topic: posted[f"topic_{topic}"] for topic in TOPICS if posted.get(f"topic_{topic}")},
        "chat": posted.get("chat", ""),
        "webhook": posted.get("webhook", ""),
    }
    for name in ("digest_hour", "digest_weekday", "most_a_day"):
        text = posted.get(name, "")
        if text:
            given[name] = int(text) if text.isdecimal() and len(text) < 6 else text
    return given


def _context(person: Person) -> dict[str, Any]:
    choices, channels = choices_of(person), _channels()
    return {
        "choices": choices,
        "time_zone": person.time_zone,
        "topics": [(topic, _TOPIC_WORDS[topic], choices.topics.get(topic, "")) for topic in TOPICS],
        "how_often": [(word.value, word.replace("_", " ")) for word in HowOften],
        "ways": [(way.value, way in choices.ways, way in channels.ways) for way in Way],
        "chats": sorted(channels.chats),
        "webhooks": sorted(channels.webhooks),
        "weekdays": list(enumerate(_WEEKDAYS)),
    }


def _channels() -> Channels:
    """The ways that are set up; none where an administrator's setting is wrong: the worker tells that."""
    try:
        return read_channels(os.environ)
    except UsageError:
        return Channels()
