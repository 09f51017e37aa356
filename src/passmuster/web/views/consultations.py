"""The word of legal and privacy on an exception or a change."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor
from passmuster.application.requests.consulting import consultations_for, give_opinion
from passmuster.web.form_fields import word
from passmuster.web.needs import needs
from passmuster.web.submitting import submit_and_return


@needs(Action.GIVE_OPINION)
@require_POST
def say_opinion(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Write down what one thinks, and back to what it is about."""
    asked = get_object_or_404(consultations_for(actor), pk=pk)
    back = ("deviation", asked.deviation_id) if asked.deviation_id else ("change", asked.change_id)
    return submit_and_return(
        request, lambda: give_opinion(actor, asked, word(request, "opinion")), "It is written down.", *back
    )
