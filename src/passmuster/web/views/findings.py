"""Findings: the list with filters and decisions for many at once, and the page of one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.deviations import settle_deviations
from passmuster.application.finding_work import assign_findings, note_findings, put_back_findings, start_findings
from passmuster.application.last_seen import with_last_seen
from passmuster.application.newest import last_look
from passmuster.errors import UsageError
from passmuster.model.keeping import FindingStatus
from passmuster.records.models import Finding, FindingCount, Person, Platform
from passmuster.records.models.findings import SEVERITY_RANKS
from passmuster.web.counting import counts_seen_by, facets
from passmuster.web.doing import do, picked, word
from passmuster.web.filters import Choice, Field, chosen, counted, values_of
from passmuster.web.lists import page_of
from passmuster.web.needs import needs

_WORST_FIRST = ("severity_rank", "id")
_SOONEST = ("due_on", "id")


@needs(Action.VIEW)
def findings_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The findings of the platforms one may see, worst first; late ones by their date."""
    settle_deviations(actor)
    counts = counts_seen_by(actor)
    fields = chosen(_fields(counts), request.GET)
    given = values_of(fields)
    rows, order = _rows(actor, given)
    page = page_of(rows.select_related("platform", "owner"), order, request.GET)
    people = Person.objects.filter(is_active=True, vendor=None).order_by("name")
    told: dict[str, Any] = {
        "page": page,
        "fields": fields,
        "is_filtered": bool(given),
        "total": "",
        "has_any": counts.exists(),
        "may_work": any(may(actor, Action.WORK_FINDING, row.platform_id) for row in page.rows),
        "people": people[:500],
        "actions": _ACTIONS,
        "status": given.get("status", FindingStatus.OPEN),
    }
    return render(request, "findings/list.html", told)


_ACTIONS = (
    ("start", "Take on"),
    ("put_back", "Put back"),
    ("note", "Note only"),
    ("assign", "Give to …"),
)


def _fields(counts: QuerySet[FindingCount]) -> list[Field]:
    platforms = facets(counts, "platform_id")
    names = dict(Platform.objects.filter(pk__in=[int(each.value) for each in platforms]).values_list("pk", "name"))
    labels = {str(key): name for key, name in names.items()}
    return [
        counted("platform", "Platform", platforms, labels),
        counted("severity", "Severity", facets(counts, "severity_rank")),
        Field("status", "Status", tuple(Choice(str(s), str(s).replace("_", " ")) for s in FindingStatus), "open"),
        counted("control", "Control", facets(counts, "control", most=200)),
        Field("owner", "Owner", (Choice("me", "me"), Choice("none", "nobody")), "anybody"),
        Field("late", "Date", (Choice("1", "late"),), "any"),
        Field("due", "Due", (Choice("soon", "within two weeks"),), "any time"),
    ]


def _rows(actor: Actor, given: dict[str, str]) -> tuple[QuerySet[Finding], tuple[str, str]]:
    """The rows, and the order that an index gives together with the filter."""
    rows = Finding.objects.filter(status=given.get("status", FindingStatus.OPEN))
    where = platforms_for(actor, Action.VIEW)
    if where is not None:
        rows = rows.filter(platform_id__in=where)
    if "platform" in given:
        rows = rows.filter(platform_id=int(given["platform"]))
    if "severity" in given:
        rows = rows.filter(severity_rank=SEVERITY_RANKS[given["severity"]])
    if "control" in given:
        rows = rows.filter(control=given["control"])
    if "owner" in given:
        rows = rows.filter(owner_id=actor.person_id if given["owner"] == "me" else None)
    today = actor.now.date()
    if "late" in given:
        return rows.filter(due_on__lt=today), _SOONEST
    if "due" in given:
        return rows.filter(due_on__gte=today, due_on__lte=today + timedelta(days=14)), _SOONEST
    return rows, _WORST_FIRST


@needs(Action.WORK_FINDING)
@require_POST
def decide_findings(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One decision for the chosen findings, with its reason."""
    chosen_ones, why, decision = picked(request), word(request, "reason"), word(request, "decision")

    def call() -> int:
        if not chosen_ones:
            raise UsageError("choose at least one finding")
        if decision == "assign":
            return assign_findings(actor, chosen_ones, _person(word(request, "owner")), why=why)
        steps = {"start": start_findings, "put_back": put_back_findings, "note": note_findings}
        if decision not in steps:
            raise UsageError("choose what to do with them")
        return steps[decision](actor, chosen_ones, why=why)

    return do(request, call, done="{} finding(s) changed.", back=reverse("findings"))


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
        "steps": finding.steps.order_by("-pk")[:200],
        "last_look": last_look(finding.platform),
        "may_work": may(actor, Action.WORK_FINDING, finding.platform_id),
        "may_ask": may(actor, Action.REQUEST_DEVIATION, finding.platform_id),
        "people": Person.objects.filter(is_active=True, vendor=None).order_by("name")[:500],
        "actions": _ACTIONS,
        "age_days": (actor.now - finding.age_from).days,
    }
    return render(request, "findings/page.html", told)
