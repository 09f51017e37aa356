"""Deviations: what was asked for, what is granted until when, and deciding on it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.findings.deviations import (
    Wanted,
    decide_deviation,
    renew_deviation,
    request_deviation,
    revoke_deviation,
    settle_deviations,
    withdraw_deviation,
)
from passmuster.application.findings.exception_authors import is_own
from passmuster.application.findings.reach import reach_of, scope_in_words, would_cover_seen_by
from passmuster.errors import UsageError
from passmuster.model.keeping import DeviationStatus, FindingStatus, Stage, Tier
from passmuster.records.models import Deviation, Finding, Person, Platform
from passmuster.web.control_words import verdict_of
from passmuster.web.filters import chosen, one_of, values_of
from passmuster.web.form_fields import word
from passmuster.web.lists import page_of
from passmuster.web.needs import needs
from passmuster.web.submitting import submit_and_return

_STAGES = (*(str(stage) for stage in Stage), "sandbox", "developer", "trial", "default")


@needs(Action.VIEW)
def deviations_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All exceptions one may see, those that end first at the top."""
    settle_deviations(actor)
    fields = chosen([one_of("status", "Status", DeviationStatus)], request.GET)
    given = values_of(fields)
    rows = _seen_by(actor).filter(**given) if given else _seen_by(actor)
    page = page_of(rows, ("ends_on", "id"), request.GET)
    told = {
        "page": page,
        "fields": fields,
        "is_filtered": bool(given),
        "today": actor.now.date(),
        "may_ask": platforms_for(actor, Action.REQUEST_DEVIATION) != frozenset(),
    }
    return render(request, "deviations/list.html", told)


def _seen_by(actor: Actor) -> QuerySet[Deviation]:
    rows = Deviation.objects.select_related("platform", "owner", "requested_by", "decided_by")
    where = platforms_for(actor, Action.VIEW)
    # A rule for every platform concerns whoever sees any.
    return rows if where is None else rows.filter(Q(platform_id__in=where) | Q(platform=None))


@needs(Action.VIEW)
def deviation_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One exception: why, until when, what it covers, whether its compensating control holds."""
    settle_deviations(actor)
    deviation = get_object_or_404(_seen_by(actor), pk=pk)
    covered = Finding.objects.filter(deviation=deviation, status=FindingStatus.ACCEPTED).select_related("platform")
    where = platforms_for(actor, Action.VIEW)
    if where is not None:
        covered = covered.filter(platform_id__in=where)
    own = is_own(deviation, actor.person_id)
    can_decide = may(actor, Action.DECIDE_DEVIATION, deviation.platform_id)
    can_ask = may(actor, Action.REQUEST_DEVIATION, deviation.platform_id)
    would = would_cover_seen_by(actor, deviation)
    first = would.order_by("severity_rank", "id").first() or covered.order_by("severity_rank", "id").first()
    told = {
        "deviation": deviation,
        "first": first,
        "verdict": verdict_of(first) if first else None,
        "scope": scope_in_words(deviation),
        "reach": reach_of(would),
        "would": would.order_by("severity_rank", "id")[:100],
        "covered": covered.order_by("severity_rank", "id")[:100],
        "checks": deviation.checks.select_related("platform").order_by("platform__name"),
        "consultations": deviation.consultations.select_related("given_by"),
        "may_advise": may(actor, Action.GIVE_OPINION, deviation.platform_id),
        "is_waiting": deviation.status == DeviationStatus.REQUESTED,
        "may_decide": can_decide and not own,
        "is_own": can_decide and own,
        "may_revoke": can_decide and not can_ask and deviation.status == DeviationStatus.APPROVED,
        "may_withdraw": can_ask and deviation.status in (DeviationStatus.REQUESTED, DeviationStatus.APPROVED),
        "may_renew": can_ask and deviation.status in (DeviationStatus.APPROVED, DeviationStatus.EXPIRED),
        "today": actor.now.date(),
    }
    return render(request, "deviations/page.html", told)


@needs(Action.REQUEST_DEVIATION)
def request_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form that asks for an exception; from a finding it is filled in."""
    if request.method == "POST":
        return _request(request, actor)
    where = platforms_for(actor, Action.REQUEST_DEVIATION)
    platforms = Platform.objects.filter(is_active=True).order_by("name")
    told = {
        "platforms": platforms if where is None else platforms.filter(pk__in=where),
        "is_everywhere": where is None,
        "people": Person.objects.filter(is_active=True, vendor=None).order_by("name")[:500],
        "stages": _STAGES,
        "tiers": list(Tier),
        "given": request.GET,
        "me": actor.person_id,
    }
    return render(request, "deviations/request.html", told)


def _request(request: HttpRequest, actor: Actor) -> HttpResponse:
    try:
        deviation = request_deviation(actor, _wanted(request))
    except UsageError as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('request_deviation')}?{request.POST.urlencode()}")
    messages.success(request, "Asked for. It holds once somebody else has approved it.")
    return redirect("deviation", pk=deviation.pk)


def _wanted(request: HttpRequest) -> Wanted:
    rule: dict[str, Any] = {
        name: values for name in ("stages", "tiers") if (values := [v for v in request.POST.getlist(name) if v])
    }
    platform, owner = word(request, "platform"), word(request, "owner")
    person = Person.objects.filter(pk=int(owner)).first() if owner.isascii() and owner.isdigit() else None
    if person is None:
        raise UsageError("owner: say who answers for it")
    return Wanted(
        control=word(request, "control"),
        reason=word(request, "reason"),
        owner=person,
        ends_on=_day(word(request, "ends_on")),
        platform=get_object_or_404(Platform, slug=platform) if platform else None,
        resource_id=word(request, "resource"),
        rule=rule,
        compensating_control=word(request, "compensating"),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("end: write a day, like 2026-12-31") from None


@needs(Action.DECIDE_DEVIATION)
@require_POST
def decide(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Approve or refuse."""
    deviation = get_object_or_404(_seen_by(actor), pk=pk)
    is_approved = word(request, "decision") == "approve"
    return submit_and_return(
        request,
        lambda: decide_deviation(actor, deviation, is_approved=is_approved, reason=word(request, "reason")),
        "Approved." if is_approved else "Refused.",
        "deviation",
        pk,
    )


@needs(Action.DECIDE_DEVIATION)
@require_POST
def revoke(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Take back what was granted."""
    deviation, reason = get_object_or_404(_seen_by(actor), pk=pk), word(request, "reason")
    return submit_and_return(
        request, lambda: revoke_deviation(actor, deviation, reason=reason), "Taken back.", "deviation", pk
    )


@needs(Action.REQUEST_DEVIATION)
@require_POST
def change(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Withdraw, or ask for a renewal."""
    deviation, reason = get_object_or_404(_seen_by(actor), pk=pk), word(request, "reason")

    def call() -> object:
        if word(request, "decision") == "renew":
            return renew_deviation(actor, deviation, reason=reason, ends_on=_day(word(request, "ends_on")))
        return withdraw_deviation(actor, deviation, reason=reason)

    return submit_and_return(request, call, "Done.", "deviation", pk)
