"""Findings: the list with filters and decisions for many at once, and the page of one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.findings.deviations import settle_deviations
from passmuster.application.findings.finding_work import (
    MOST_AT_ONCE,
    assign_findings,
    note_findings,
    put_back_findings,
    start_findings,
)
from passmuster.application.findings.last_seen import with_last_seen
from passmuster.application.storage.newest import last_look
from passmuster.errors import UsageError
from passmuster.records.models import Collection, Finding, Person
from passmuster.report.text import counted
from passmuster.web.control_words import verdict_of
from passmuster.web.counting import totals_seen_by
from passmuster.web.finding_filters import fields_of, how_many, narrow, rows_of
from passmuster.web.form_fields import picked, word
from passmuster.web.lists import page_of
from passmuster.web.needs import needs
from passmuster.web.submitting import submit_and_return


@needs(Action.VIEW)
def findings_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The findings of the platforms one may see, worst first; late ones by their date."""
    settle_deviations(actor)
    narrowed = narrow(actor, request.GET)
    page = page_of(rows_of(narrowed), narrowed.order, request.GET, beside=("platform", "owner"))
    n = how_many(narrowed, most=MOST_AT_ONCE)
    people = Person.objects.filter(is_active=True, vendor=None).order_by("name")
    told: dict[str, Any] = {
        "page": page,
        "fields": fields_of(narrowed),
        "is_filtered": bool(narrowed.given),
        "total": n,
        "has_any": totals_seen_by(actor).exists(),
        "may_work": any(may(actor, Action.WORK_FINDING, row.platform_id) for row in page.rows),
        "may_take_all": bool(page.after or page.before) and n is not None and n <= MOST_AT_ONCE,
        "chosen_filter": urlencode(narrowed.given),
        "people": people[:500],
        "actions": _ACTIONS,
        "is_by_date": bool(narrowed.days),
        "today": actor.now.date(),
    }
    return render(request, "findings/list.html", told)


_ACTIONS = (
    ("start", "Take on"),
    ("put_back", "Put back"),
    ("note", "Note only"),
    ("assign", "Give to …"),
)


@needs(Action.WORK_FINDING)
@require_POST
def decide_findings(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One decision for the chosen findings, or for all that fit the filter of the address, with its reason."""
    why, decision = word(request, "reason"), word(request, "decision")

    def call() -> int:
        chosen_ones = _all_that_fit(request, actor) if word(request, "all") else picked(request)
        if not chosen_ones:
            raise UsageError("choose at least one finding")
        if decision == "assign":
            return assign_findings(actor, chosen_ones, _person(word(request, "owner")), why=why)
        steps = {"start": start_findings, "put_back": put_back_findings, "note": note_findings}
        if decision not in steps:
            raise UsageError("choose what to do with them")
        return steps[decision](actor, chosen_ones, why=why)

    return submit_and_return(request, call, lambda n: f"{counted(n, 'finding')} changed.", "findings")


def _all_that_fit(request: HttpRequest, actor: Actor) -> list[int]:
    """The keys of all findings of the filter; raises UsageError where they are not as many as the page told."""
    found: list[int] = []
    for part in rows_of(narrow(actor, request.GET)):
        found += part.values_list("pk", flat=True)[: MOST_AT_ONCE + 1]
    if str(len(found)) != word(request, "n"):
        raise UsageError("other findings fit the filter now than when you chose: look at the list once more")
    return found


def _person(key: str) -> Person:
    found = Person.objects.filter(pk=int(key)).first() if key.isascii() and key.isdigit() else None
    if found is None:
        raise UsageError("choose the person to give them to")
    return found


@needs(Action.VIEW)
def finding_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One finding: what was seen, why it is due when, what happened to it."""
    settle_deviations(actor)
    rows = with_last_seen(Finding.objects.select_related("platform", "owner", "deviation", "ticket"))
    where = platforms_for(actor, Action.VIEW)
    finding = get_object_or_404(rows if where is None else rows.filter(platform_id__in=where), pk=pk)
    told = {
        "finding": finding,
        "look": _last_look(finding),
        "verdict": verdict_of(finding),
        "steps": finding.steps.order_by("-pk")[:200],
        "last_look": last_look(finding.platform),
        "may_work": may(actor, Action.WORK_FINDING, finding.platform_id),
        "may_ask": may(actor, Action.REQUEST_DEVIATION, finding.platform_id),
        "people": Person.objects.filter(is_active=True, vendor=None).order_by("name")[:500],
        "actions": _ACTIONS,
        "age_days": (actor.now - finding.age_from).days,
    }
    return render(request, "findings/page.html", told)


def _last_look(finding: Any) -> Collection | None:
    """The look that saw it last, with its newest judgement; None where the finding is older than what is kept."""
    looks = Collection.objects.filter(platform_id=finding.platform_id, started_at=finding.seen_at)
    return looks.annotate(judged=Max("evaluations__pk")).order_by("-pk").first()
