"""How often a platform is reviewed, in plain words, with the days it falls on next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from passmuster.application.access import Action, Actor, NotAllowed
from passmuster.application.programme.plain_cadence import cadence_in_words
from passmuster.application.reviews.reviewing import set_cadence
from passmuster.errors import UnreadableInput, UsageError
from passmuster.web.cadence_form import CadenceForm, cadence_fields, cadence_told, tier_cadence
from passmuster.web.needs import needs
from passmuster.web.views.platform_settings import platform_of


@require_http_methods(["GET", "POST"])
@needs(Action.MANAGE_PLATFORM)
def cadence_page(request: HttpRequest, actor: Actor, slug: str) -> HttpResponse:
    """The form; what it writes it reads back, and a rule it cannot say stays as it is."""
    platform = platform_of(actor, slug)
    form = CadenceForm(request.POST or None, initial=cadence_fields(platform.cadence_rrule))
    tier = tier_cadence(platform)
    told: dict[str, Any] = {
        "platform": platform,
        "form": form,
        "tier_words": cadence_in_words(tier) if tier else "not known",
        "cadence": cadence_told(platform, actor.now),
    }
    if form.is_bound and form.is_valid():
        try:
            rule = form.told_rule()
            if request.POST.get("step") == "try":
                told["preview"] = cadence_told(platform, actor.now, rule)
                return render(request, "settings/cadence.html", told)
            set_cadence(actor, platform, rule, why=form.cleaned_data["why"])
        except (NotAllowed, UsageError, UnreadableInput) as error:
            for line in str(error).splitlines():
                form.add_error(None, line)
        else:
            messages.success(request, "Saved.")
            return redirect("platform_setting", platform.slug)
    return render(request, "settings/cadence.html", told, status=422 if form.is_bound and form.errors else 200)
