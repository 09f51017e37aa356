"""The word of legal and privacy on an exception or a change."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor
from passmuster.application.requests.consulting import consultations_for, give_opinion
from passmuster.web.doing import do, word
from passmuster.web.needs import needs


@needs(Action.GIVE_OPINION)
@require_POST
def say_opinion(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Write down what one thinks, and back to what it is about."""
    asked = get_object_or_404(consultations_for(actor), pk=pk)
    back = (
        reverse("deviation", args=[asked.deviation_id])
        if asked.deviation_id
        else reverse("change", args=[asked.change_id])
    )
    return do(
        request, lambda: give_opinion(actor, asked, word(request, "opinion")), done="It is written down.", back=back
    )
