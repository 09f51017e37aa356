"""What is asked of a vendor: the guests' only pages of the programme."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from passmuster.application.access import Action, Actor, NotAllowed
from passmuster.application.requests.vendor_requests import (
    MOST_FILES,
    answer_vendor_request,
    asked_of_vendor,
    hand_in_for_request,
    vendor_file,
)
from passmuster.errors import PassmusterError
from passmuster.web.evidence_forms import VendorFileForm
from passmuster.web.form_fields import words
from passmuster.web.needs import needs
from passmuster.web.serving_files import as_download
from passmuster.web.submitting import submit_and_return


@require_GET
@needs(Action.ANSWER_VENDOR_REQUEST)
def asked_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everything that is asked of the actor's vendor."""
    asked = asked_of_vendor(actor).prefetch_related("files")
    return render(request, "asked/index.html", {"asked": asked, "today": actor.now.date()})


@needs(Action.ANSWER_VENDOR_REQUEST)
@require_POST
def answer(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """An answer to one of them."""
    asked = get_object_or_404(asked_of_vendor(actor), pk=pk)
    (text,) = words(request, "answer")
    return submit_and_return(request, lambda: answer_vendor_request(actor, asked, text), "Thank you.", "asked")


@require_http_methods(["GET", "POST"])
@needs(Action.ANSWER_VENDOR_REQUEST)
def hand_in(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Hand a file in for one of them."""
    asked = get_object_or_404(asked_of_vendor(actor), pk=pk)
    initial = {"kind": asked.item.key.removeprefix("type:")} if asked.item else {}
    form = VendorFileForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            hand_in_for_request(actor, asked, file.chunks(), name=file.name or "", facts=form.facts())
        except NotAllowed:
            raise
        except PassmusterError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The file is handed in. Send an answer too, so that it is looked at.")
            return redirect("asked")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "asked/hand_in.html", {"form": form, "asked": asked, "most": MOST_FILES}, status=status)


@require_GET
@needs(Action.ANSWER_VENDOR_REQUEST)
def own_file(request: HttpRequest, actor: Actor, number: int) -> HttpResponse:
    """A file of the vendor's own, as it was handed in."""
    try:
        found, path = vendor_file(actor, number)
    except NotAllowed:
        raise Http404 from None
    except PassmusterError as error:
        messages.error(request, str(error))
        return redirect("asked")
    return as_download(path, found.file_name)
