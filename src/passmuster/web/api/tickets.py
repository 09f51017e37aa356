"""Tickets elsewhere: which there are, what became of telling them, raising them, telling one again."""

from __future__ import annotations

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field

from passmuster.application.access import Action
from passmuster.application.findings.deviations import settle_deviations
from passmuster.application.findings.ticket_sending import tell_ticket_again
from passmuster.application.findings.ticketing import raise_tickets
from passmuster.model.words import Severity
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.findings import HistoryTold
from passmuster.web.api.paging import Filters, Listed, listed
from passmuster.web.api.programme import platform_shown
from passmuster.web.api.reviews_actions import Count
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Id, Instant, Reason, Slug, Told, Word
from passmuster.web.ticket_history import history_of
from passmuster.web.ticket_rows import Telling, lines_of, tickets_seen_by, told_so, with_open

tickets = Topic("tickets")
TOPICS = (tickets,)


def _of_ticket(*path: str) -> Any:
    return Field(validation_alias=AliasPath("ticket", *path))


class TicketTold(Told):
    """One ticket in somebody's own system: a control, an environment and an owner.

    `open_findings` and the worst one's `severity` are of now; null are more than 100, and the severity of none.
    `failure` is why it is not taken over there, `failing_since` since when, `failed_at` when that was last tried.
    """

    id: Annotated[Id, _of_ticket("pk")]
    platform: Annotated[str, _of_ticket("platform", "slug")]
    control: Annotated[str, _of_ticket("control")]
    title: str
    environment: Annotated[str, _of_ticket("environment")]
    owner: Annotated[str | None, _of_ticket("owner", "email")] = None
    open_findings: int | None
    severity: Severity | None
    telling: Telling
    external_key: Annotated[str, _of_ticket("external_key")]
    external_url: Annotated[str, _of_ticket("external_url")]
    external_status: Annotated[str, _of_ticket("external_status")]
    sent_at: Annotated[Instant | None, _of_ticket("sent_at")]
    sent_count: Annotated[int, _of_ticket("sent_count")]
    failure: Annotated[str, _of_ticket("failure")]
    failing_since: Annotated[Instant | None, _of_ticket("failing_since")]
    failed_at: Annotated[Instant | None, _of_ticket("failed_at")]
    raised_by: Annotated[str, _of_ticket("raised_by")]
    created_at: Annotated[Instant, _of_ticket("created_at")]
    updated_at: Annotated[Instant, _of_ticket("updated_at")]


class TicketInFull(Told):
    """A ticket and its history, the last 200 steps; its findings are those with that `ticket`."""

    ticket: TicketTold
    heard_at: Instant | None
    steps: list[HistoryTold]


class TicketFilters(Filters):
    """Which tickets; `is_open`: those of which something is open, or nothing is. `key` is the one over there."""

    platform: Slug | None = None
    control: Word | None = None
    environment: Word | None = None
    owner: Id | None = None
    is_owned: bool | None = None
    is_open: bool | None = None
    telling: Telling | None = None
    key: Word | None = None


class Raised(Asked):
    """Findings of these severities."""

    severities: Annotated[list[Severity], Field(min_length=1, max_length=5)]


@tickets.reads("/tickets", Action.VIEW, Listed[TicketTold])
def list_tickets(request: ApiRequest, filters: Query[TicketFilters]) -> Any:
    """Tickets, newest first."""
    settle_deviations(request.auth)
    chosen = {
        "platform__slug": filters.platform,
        "control": filters.control,
        "environment": filters.environment,
        "owner_id": filters.owner,
        "owner__isnull": None if filters.is_owned is None else not filters.is_owned,
        "external_key": filters.key,
    }
    rows = tickets_seen_by(request.auth)
    rows = rows.filter(**{name: value for name, value in chosen.items() if value is not None})
    rows = rows if filters.is_open is None else with_open(rows, filters.is_open)
    rows = rows if filters.telling is None else told_so(rows, filters.telling)
    page = listed(request, rows, ("-id",), filters)
    return {**page, "items": lines_of(page["items"])}


@tickets.reads("/tickets/{pk}", Action.VIEW, TicketInFull)
def show_ticket(request: ApiRequest, pk: Id) -> Any:
    """One ticket with its history."""
    settle_deviations(request.auth)
    ticket = get_object_or_404(tickets_seen_by(request.auth), pk=pk)
    heard = ticket.messages.order_by("-at", "-pk").first()
    (line,) = lines_of([ticket])
    return {"ticket": line, "heard_at": heard.at if heard else None, "steps": history_of(ticket)}


@tickets.does("/platforms/{slug}/tickets", Action.WORK_FINDING, Count)
def raise_them(request: ApiRequest, slug: Slug, asked: Raised) -> Any:
    """Make a ticket for every control, environment and owner with open findings of these severities; each once."""
    platform = platform_shown(sight(request), slug)
    return {"changed": len(raise_tickets(request.auth, platform, severities=tuple(asked.severities)))}


@tickets.does("/tickets/{pk}/tell-again", Action.WORK_FINDING)
def tell_again(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """Have a ticket told once more with the next run though nothing changed: for when it was lost over there."""
    tell_ticket_again(request.auth, get_object_or_404(tickets_seen_by(sight(request)), pk=pk), why=asked.why)
