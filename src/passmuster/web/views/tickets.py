"""Tickets: the list, one with what it stands for and what became of telling it, raising them, telling one again."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.findings.deviations import settle_deviations
from passmuster.application.findings.ticket_sending import tell_ticket_again
from passmuster.application.findings.ticketing import raise_tickets
from passmuster.errors import UsageError
from passmuster.model.words import Severity
from passmuster.records.models import Person, Platform, Ticket
from passmuster.report.text import counted
from passmuster.web.filters import Choice, Field, chosen, one_of, search, values_of
from passmuster.web.finding_filters import narrow, rows_of
from passmuster.web.form_fields import word
from passmuster.web.lists import page_of
from passmuster.web.needs import needs
from passmuster.web.submitting import submit_and_return
from passmuster.web.ticket_history import history_of
from passmuster.web.ticket_rows import Telling, lines_of, tickets_seen_by, told_so, with_open

_WORST_FIRST = ("severity_rank", "id")
_USUAL = (Severity.CRITICAL, Severity.HIGH)
_MOST_PEOPLE = 200
_OPEN, _SETTLED = "open", "settled"


@needs(Action.VIEW)
def tickets_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The tickets of the platforms one may see, the newest first."""
    settle_deviations(actor)
    fields = chosen(_fields(actor), request.GET)
    given = values_of(fields)
    page = page_of(_narrowed(actor, given), ("-id",), request.GET)
    told: dict[str, Any] = {
        "page": page,
        "lines": lines_of(page.rows),
        "fields": fields,
        "is_filtered": bool(given),
        "platforms": _to_raise_on(actor),
        "severities": [(each.value, each in _USUAL) for each in Severity],
    }
    return render(request, "tickets/list.html", told)


def _fields(actor: Actor) -> list[Field]:
    seen = tickets_seen_by(actor)
    platforms = Platform.objects.filter(Exists(seen.filter(platform=OuterRef("pk")))).order_by("name")
    owners = Person.objects.filter(Exists(seen.filter(owner=OuterRef("pk")))).order_by("name", "pk")[:_MOST_PEOPLE]
    states = (Choice(_OPEN, "something is open"), Choice(_SETTLED, "nothing is open"))
    people = (Choice("me", "me"), Choice("none", "nobody"), *(Choice(str(each.pk), str(each)) for each in owners))
    return [
        Field("platform", "Platform", tuple(Choice(each.slug, each.name) for each in platforms)),
        Field("state", "State", states),
        one_of("telling", "Told there", Telling),
        Field("owner", "Owner", people, "anybody"),
        search("find", "Control, or key there"),
    ]


def _narrowed(actor: Actor, given: dict[str, str]) -> QuerySet[Ticket]:
    rows = tickets_seen_by(actor)
    if "platform" in given:
        rows = rows.filter(platform__slug=given["platform"])
    if "state" in given:
        rows = with_open(rows, given["state"] == _OPEN)
    if "telling" in given:
        rows = told_so(rows, Telling(given["telling"]))
    if "owner" in given:
        owner = given["owner"]
        rows = rows.filter(owner=actor.person_id if owner == "me" else None if owner == "none" else int(owner))
    if "find" in given:
        rows = rows.filter(Q(control__iexact=given["find"]) | Q(external_key__iexact=given["find"]))
    return rows


def _to_raise_on(actor: Actor) -> QuerySet[Platform]:
    where = platforms_for(actor, Action.WORK_FINDING)
    platforms = Platform.objects.filter(is_active=True).order_by("name")
    return platforms if where is None else platforms.filter(pk__in=where)


@needs(Action.VIEW)
def ticket_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One ticket: what it stands for, what is known of it over there, what was told and what was not taken."""
    settle_deviations(actor)
    ticket = get_object_or_404(tickets_seen_by(actor), pk=pk)
    (line,) = lines_of([ticket])
    heard = ticket.messages.order_by("-at", "-pk").first()
    told = {
        "ticket": ticket,
        "line": line,
        "heard_at": heard.at if heard else None,
        "page": page_of(_open_findings(actor, pk), _WORST_FIRST, {}),
        "steps": history_of(ticket),
        "may_work": may(actor, Action.WORK_FINDING, ticket.platform_id),
        "today": actor.now.date(),
    }
    return render(request, "tickets/page.html", told)


def _open_findings(actor: Actor, ticket: int) -> list[QuerySet[Any]]:
    narrowed = narrow(actor, {"ticket": str(ticket)})
    return [part.select_related("owner") for part in rows_of(narrowed)]


@needs(Action.WORK_FINDING)
@require_POST
def start_tickets(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Raise tickets for a platform's open findings of the chosen severities."""
    platform, severities = word(request, "platform"), request.POST.getlist("severities")

    def call() -> int:
        found = _to_raise_on(actor).filter(slug=platform).first()
        complaints = [] if found else ["platform: choose one whose findings you work on"]
        complaints += [] if severities else ["severity: choose at least one"]
        complaints += [f"severity: there is no {each[:40]!r}" for each in severities if each not in set(Severity)]
        if found is None or complaints:
            raise UsageError("; ".join(complaints))
        return len(raise_tickets(actor, found, severities=tuple(severities)))

    return submit_and_return(
        request, call, lambda n: f"{counted(n, 'new ticket')}; findings joined those there are.", "tickets"
    )


@needs(Action.WORK_FINDING)
@require_POST
def tell_again(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Have a ticket told once more though nothing changed."""
    ticket = get_object_or_404(tickets_seen_by(actor), pk=pk)
    return submit_and_return(
        request,
        lambda: tell_ticket_again(actor, ticket, why=word(request, "reason")),
        "It is told again with the next run.",
        "ticket",
        pk,
    )
