"""Requests to vendors: the list, asking, and deciding whether the answer will do."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from passmuster.application.access import Action, Actor, may, may_anywhere
from passmuster.application.requests.asking_vendors import (
    accept_answer,
    ask_vendor,
    requests_for,
    send_back,
    withdraw_request,
)
from passmuster.errors import UsageError
from passmuster.model.keeping import AskedStatus
from passmuster.web.filters import chosen, one_of, values_of
from passmuster.web.form_fields import word
from passmuster.web.lists import page_of
from passmuster.web.needs import needs
from passmuster.web.submitting import nothing_chosen, submit_and_return
from passmuster.web.vendor_request_form import VendorRequestForm, asked_initially

_WAITING = (AskedStatus.OPEN, AskedStatus.ANSWERED)


@require_GET
@needs(Action.VIEW)
def vendor_requests_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All requests one may see, the newest first."""
    fields = chosen([one_of("status", "Status", AskedStatus)], request.GET)
    given = values_of(fields)
    told = {
        "page": page_of(requests_for(actor).filter(**given), ("-pk",), request.GET),
        "fields": fields,
        "is_filtered": bool(given),
        "may_ask": may_anywhere(actor, Action.ASK_VENDOR),
        "today": actor.now.date(),
    }
    return render(request, "vendor_requests/list.html", told)


@require_http_methods(["GET", "POST"])
@needs(Action.ASK_VENDOR)
def ask_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form that asks; links from findings, patches and vendors fill it in."""
    form = VendorRequestForm(request.POST or None, actor=actor, initial=asked_initially(request.GET))
    if request.method == "POST" and form.is_valid():
        try:
            asked = ask_vendor(actor, form.question())
        except UsageError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Asked of {asked.vendor}. You are told when they answer.")
            return redirect("vendor_request", asked.pk)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "vendor_requests/new.html", {"form": form}, status=status)


@require_GET
@needs(Action.VIEW)
def vendor_request_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One request: what was asked, what was answered, which files came."""
    asked = get_object_or_404(requests_for(actor).select_related("item__review__platform"), pk=pk)
    told = {
        "asked": asked,
        "files": asked.files.order_by("pk"),
        "is_waiting": asked.status in _WAITING,
        "may_decide": may(actor, Action.ASK_VENDOR, asked.platform_id),
        "today": actor.now.date(),
    }
    return render(request, "vendor_requests/page.html", told)


@needs(Action.ASK_VENDOR)
@require_POST
def decide(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Accept the answer, send it back, or take the request back."""
    asked, why = get_object_or_404(requests_for(actor), pk=pk), word(request, "reason")
    steps = {
        "accept": (lambda: accept_answer(actor, asked, note=why), "Accepted."),
        "back": (lambda: send_back(actor, asked, why=why), "Sent back; the vendor reads your reason."),
        "withdraw": (lambda: withdraw_request(actor, asked, why=why), "Taken back; the vendor no longer sees it."),
    }
    call, done = steps.get(word(request, "decision"), (nothing_chosen, ""))
    return submit_and_return(request, call, done, "vendor_request", pk)
