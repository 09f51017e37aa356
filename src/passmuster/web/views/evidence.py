"""Evidence: the list, one piece, handing in, superseding, taking away as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from passmuster.application.access import Action, Actor, NotAllowed, may, may_anywhere
from passmuster.application.evidence.evidence import (
    add_evidence,
    evidence_for,
    link_evidence,
    readable_file,
    supersede_evidence,
)
from passmuster.application.evidence.same_bytes import same_bytes
from passmuster.errors import PassmusterError
from passmuster.model.evidence import EvidenceKind
from passmuster.records.models import AuditEvent, Evidence, Platform
from passmuster.web.evidence_forms import EvidenceForm, LinkForm, facts_as_initial
from passmuster.web.filters import Choice, Field, chosen, one_of, search, values_of
from passmuster.web.lists import page_of
from passmuster.web.needs import needs
from passmuster.web.serving_files import as_download

STATES = ("in_force", "expired", "superseded")


@require_GET
@needs(Action.READ_EVIDENCE)
def evidence_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the person may read, newest first."""
    names = {each.slug: each.name for each in Platform.objects.filter(evidence__in=evidence_for(actor)).distinct()}
    platforms = tuple(Choice(slug, name) for slug, name in sorted(names.items()))
    fields = chosen(
        (
            search("q", "Title, file or control"),
            one_of("kind", "Kind", EvidenceKind),
            one_of("state", "State", STATES),
            *((Field("platform", "Platform", platforms),) if platforms else ()),
        ),
        request.GET,
    )
    values = values_of(fields)
    found = narrowed(evidence_for(actor), values, actor)
    context = {
        "page": page_of(found, ["-pk"], request.GET),
        "fields": fields,
        "is_filtered": bool(values),
        "may_add": may_anywhere(actor, Action.ADD_EVIDENCE),
        "today": actor.now.date(),
    }
    return render(request, "evidence/list.html", context)


def narrowed(found: QuerySet[Evidence], values: Mapping[str, str], actor: Actor) -> QuerySet[Evidence]:
    """The evidence that fits: words to find, kind, platform's slug, and a state of `STATES`."""
    today = actor.now.date()
    if text := values.get("q"):
        found = found.filter(Q(title__icontains=text) | Q(file_name__icontains=text) | Q(controls__contains=[text]))
    if kind := values.get("kind"):
        found = found.filter(kind=kind)
    if slug := values.get("platform"):
        found = found.filter(platform__slug=slug)
    state = values.get("state")
    if state == "superseded":
        return found.exclude(superseded_by=None)
    if state == "expired":
        return found.filter(superseded_by=None, expires_on__lte=today)
    if state == "in_force":
        return found.filter(superseded_by=None).filter(Q(expires_on=None) | Q(expires_on__gt=today))
    return found


@require_GET
@needs(Action.READ_EVIDENCE)
def evidence_detail(request: HttpRequest, actor: Actor, number: int) -> HttpResponse:
    """One piece: what it is, what it belongs to, what came before and after it, who did what."""
    piece = _piece(actor, number)
    may_change = may(actor, Action.ADD_EVIDENCE, piece.platform_id)
    initial = {"controls": " ".join(piece.controls), "reviews": piece.reviews.all()}
    context = {
        "piece": piece,
        "supersedes": Evidence.objects.filter(superseded_by=piece).first(),
        "same_bytes": same_bytes(actor, piece),
        "reviews": piece.reviews.select_related("platform").order_by("-due_on"),
        "events": AuditEvent.objects.filter(subject_kind="evidence", subject_id=str(piece.pk)).order_by("-number")[:50],
        "may_change": may_change,
        "link_form": LinkForm(actor=actor, evidence=piece, initial=initial) if may_change else None,
        "today": actor.now.date(),
    }
    return render(request, "evidence/detail.html", context)


@require_http_methods(["GET", "POST"])
@needs(Action.ADD_EVIDENCE)
def evidence_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Hand a file in."""
    form = EvidenceForm(request.POST or None, request.FILES or None, actor=actor, initial=_asked_for(request))

    def keep(file: UploadedFile[bytes]) -> Evidence:
        name, why = file.name or "", form.cleaned_data["why"]
        return add_evidence(actor, file.chunks(), name=name, facts=form.facts(), why=why)

    shown = {"form": form}
    return _handed_in(request, actor, form, keep) or render(request, "evidence/new.html", shown, status=_status(form))


@require_http_methods(["GET", "POST"])
@needs(Action.ADD_EVIDENCE)
def evidence_supersede(request: HttpRequest, actor: Actor, number: int) -> HttpResponse:
    """Hand in a newer file in the place of this one."""
    piece = _piece(actor, number)
    initial = facts_as_initial(piece)
    form = EvidenceForm(request.POST or None, request.FILES or None, actor=actor, evidence=piece, initial=initial)

    def keep(file: UploadedFile[bytes]) -> Evidence:
        name, why = file.name or "", form.cleaned_data["why"]
        return supersede_evidence(actor, piece, file.chunks(), name=name, facts=form.facts(), why=why)

    context = {"form": form, "piece": piece}
    return _handed_in(request, actor, form, keep) or render(request, "evidence/new.html", context, status=_status(form))


def _handed_in(request: HttpRequest, actor: Actor, form: EvidenceForm, keep: Any) -> HttpResponse | None:
    """The way on where the form held and the file was kept; None where it is to be shown again."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        made = keep(form.cleaned_data["file"])
    except NotAllowed:
        raise
    except PassmusterError as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, f"Kept as evidence {made.pk}")
    if same := same_bytes(actor, made):
        messages.warning(request, f"These bytes are evidence {same[0]} already; look whether that one would do.")
    return redirect("evidence-detail", made.pk)


def _status(form: EvidenceForm) -> int:
    return 422 if form.is_bound and form.errors else 200


def _asked_for(request: HttpRequest) -> dict[str, Any]:
    """What a link from a review or a platform fills in."""
    given = request.GET
    found: dict[str, Any] = {"controls": given.get("control", "")[:100], "title": given.get("title", "")[:300]}
    if given.get("platform"):
        found["platform"] = Platform.objects.filter(slug=given["platform"][:80]).first()
    if given.get("review", "").isdecimal() and len(given["review"]) < 18:
        found["reviews"] = [int(given["review"])]
    return found


@require_POST
@needs(Action.ADD_EVIDENCE)
def evidence_link(request: HttpRequest, actor: Actor, number: int) -> HttpResponse:
    """Say which controls and reviews it belongs to."""
    piece = _piece(actor, number)
    form = LinkForm(request.POST, actor=actor, evidence=piece)
    try:
        if form.is_valid():
            link_evidence(actor, piece, controls=form.told_controls(), reviews=form.told_reviews())
            messages.success(request, "Saved")
        else:
            messages.error(request, "Choose open reviews of this platform")
    except NotAllowed:
        raise
    except PassmusterError as error:
        messages.error(request, str(error))
    return redirect("evidence-detail", number)


@require_GET
@needs(Action.READ_EVIDENCE)
def evidence_file(request: HttpRequest, actor: Actor, number: int) -> HttpResponse:
    """The bytes, to be saved and never shown in place: whatever is in them runs nowhere."""
    piece = _piece(actor, number)
    try:
        _, path = readable_file(actor, piece.pk)
    except NotAllowed:
        raise
    except PassmusterError as error:
        messages.error(request, str(error))
        return redirect("evidence-detail", number)
    return as_download(path, piece.file_name)


def _piece(actor: Actor, number: int) -> Evidence:
    # What one may not read is as if it were not there.
    found = evidence_for(actor).filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise Http404("no such evidence")
    return found
