"""When one environment may be changed: its windows and freezes, in plain words, with their next dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from passmuster.application.access import Action, Actor, may
from passmuster.application.programme.plain_times import freeze_in_words, plain_freeze, plain_window, window_in_words
from passmuster.application.programme.windows_and_freezes import FREEZES, WINDOWS, drop_time, named, put_time
from passmuster.errors import PassmusterError, UnreadableInput, UsageError
from passmuster.pipeline.next_times import next_freezes, next_windows
from passmuster.records.models import Environment
from passmuster.web.form_fields import words
from passmuster.web.needs import needs
from passmuster.web.submitting import submit_and_return
from passmuster.web.time_forms import (
    FREEZE_KINDS,
    WINDOW_KINDS,
    FreezeForm,
    WindowForm,
    freeze_fields,
    window_fields,
)
from passmuster.web.views.platform_settings import platform_of

_MANY = 5


@dataclass(frozen=True)
class ShownTime:
    """A window or freeze as the page tells it."""

    name: str
    text: str
    next: list[datetime]


@require_http_methods(["GET", "POST"])
@needs(Action.VIEW)
def times_page(request: HttpRequest, actor: Actor, slug: str, pk: int) -> HttpResponse:
    """All windows and freezes of an environment; those who may change them get one form at a time."""
    platform = platform_of(actor, slug)
    environment = get_object_or_404(Environment.objects.select_related("platform"), pk=pk, platform=platform)
    if request.method == "POST":
        return _changed(request, actor, environment)
    kind, form, name = _asked_form(request, environment, actor)
    return _page(request, actor, environment, {"form": form, "form_of": kind, "instead_of": name})


def _changed(request: HttpRequest, actor: Actor, environment: Environment) -> HttpResponse:
    kind, step, name = words(request, "of", "step", "instead_of")
    kind = kind if kind in (WINDOWS, FREEZES) else WINDOWS
    if step == "drop":
        where = ("environment_times", environment.platform.slug, environment.pk)
        return submit_and_return(
            request, lambda: drop_time(actor, environment, kind, name), f"{name} is taken away.", *where
        )
    form = _form(kind, request.POST.get("kind", ""), request.POST)
    told: dict[str, Any] = {"form": form, "form_of": kind, "instead_of": name}
    if form.is_valid():
        try:
            item = form.item(environment.time_zone)
            if step == "try":
                told["preview"] = _next(kind, item, environment.time_zone, actor.now)
                return _page(request, actor, environment, told)
            put_time(actor, environment, kind, item, instead_of=name)
        except (UsageError, UnreadableInput) as error:
            for line in str(error).splitlines():
                form.add_error(None, line)
        else:
            messages.success(request, "Saved.")
            return redirect("environment_times", environment.platform.slug, environment.pk)
    return _page(request, actor, environment, told, status=422)


def _asked_form(
    request: HttpRequest, environment: Environment, actor: Actor
) -> tuple[str, WindowForm | FreezeForm | None, str]:
    """The form the address asks for: a new one of a kind, or one filled with what is kept."""
    for kind, word in ((WINDOWS, "window"), (FREEZES, "freeze")):
        name = request.GET.get(f"{word}_named", "")
        kept = named(environment, kind, name) if name else None
        if kept is not None:
            shape, fields = window_fields(kept, environment.time_zone) if kind == WINDOWS else freeze_fields(kept)
            return kind, _form(kind, shape, None, fields), name
        if shape := request.GET.get(word, ""):
            return kind, _form(kind, shape, None, {"from_day": actor.now.date(), "binds": "ours"}), ""
    return "", None, ""


def _form(kind: str, shape: str, given: Any, initial: Mapping[str, Any] | None = None) -> WindowForm | FreezeForm:
    if kind == WINDOWS:
        return WindowForm(given, kind=shape if shape in WINDOW_KINDS else "weekly", initial=dict(initial or {}))
    return FreezeForm(given, kind=shape if shape in FREEZE_KINDS else "days", initial=dict(initial or {}))


def _page(
    request: HttpRequest, actor: Actor, environment: Environment, told: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    shown = {
        "platform": environment.platform,
        "environment": environment,
        "windows": [_shown(WINDOWS, each, environment.time_zone, actor.now) for each in environment.windows],
        "freezes": [_shown(FREEZES, each, environment.time_zone, actor.now) for each in environment.freezes],
        "window_kinds": WINDOW_KINDS,
        "freeze_kinds": FREEZE_KINDS,
        "may_platform": may(actor, Action.MANAGE_PLATFORM, environment.platform_id),
    }
    return render(request, "settings/environment_times.html", {**shown, **told}, status=status)


def _shown(kind: str, item: Mapping[str, Any], zone: str, now: datetime) -> ShownTime:
    try:
        coming = _next(kind, item, zone, now)
    except PassmusterError:
        coming = []
    if kind == WINDOWS:
        window = plain_window(item, zone)
        return ShownTime(str(item.get("id", "")), window_in_words(window) if window else _as_written(item), coming)
    freeze = plain_freeze(item)
    return ShownTime(str(item.get("name", "")), freeze_in_words(freeze) if freeze else _as_written(item), coming)


def _as_written(item: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in item.items() if name not in ("id", "name"))


def _next(kind: str, item: Mapping[str, Any], zone: str, now: datetime) -> list[datetime]:
    return (next_windows if kind == WINDOWS else next_freezes)(item, zone, now, _MANY)
