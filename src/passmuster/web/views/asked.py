"""What is asked of a vendor: the guests' only page of the programme."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor
from passmuster.application.vendor_requests import answer_vendor_request, asked_of_vendor
from passmuster.web.needs import needs
from passmuster.web.submitting import submit_and_return, words


@needs(Action.ANSWER_VENDOR_REQUEST)
def asked_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everything that is asked of the actor's vendor."""
    return render(request, "asked/index.html", {"items": asked_of_vendor(actor)})


@needs(Action.ANSWER_VENDOR_REQUEST)
@require_POST
def answer(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """An answer to one of them."""
    item = get_object_or_404(asked_of_vendor(actor), pk=pk)
    (text,) = words(request, "answer")
    return submit_and_return(request, lambda: answer_vendor_request(actor, item, text), "Thank you.", "asked")
