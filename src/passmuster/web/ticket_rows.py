"""Tickets as pages and the API list them: which a person sees, what of them is open, how their telling stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Least

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.model.words import Severity
from passmuster.records.models import Finding, Ticket
from passmuster.records.models.findings import SEVERITY_RANKS
from passmuster.web.counting import OPEN_STATUSES

# More are not counted: a ticket may stand for a hundred thousand findings, and a list shows fifty tickets.
MOST_COUNTED = 100
# What a ticket system that never said anything is noted as.
_UNHEARD = ("", "sent")
_SEVERITIES = {rank: word for word, rank in SEVERITY_RANKS.items()}


class Telling(StrEnum):
    """How it stands with telling the ticket system of a ticket."""

    NOT_TOLD = "not_told"
    TOLD = "told"
    AGAIN = "to_be_told_again"
    NOT_TAKEN = "not_taken"


_WAS_TOLD = Q(sent_at__isnull=False)
_IS_TAKEN = Q(failure="")
_TELLINGS: Mapping[Telling, Q] = {
    Telling.NOT_TAKEN: ~_IS_TAKEN,
    Telling.NOT_TOLD: _IS_TAKEN & ~_WAS_TOLD,
    Telling.AGAIN: _IS_TAKEN & _WAS_TOLD & Q(sent_digest=""),
    Telling.TOLD: _IS_TAKEN & _WAS_TOLD & ~Q(sent_digest=""),
}


def telling_of(ticket: Ticket) -> Telling:
    """How it stands with telling of it."""
    if ticket.failure:
        return Telling.NOT_TAKEN
    if ticket.sent_at is None:
        return Telling.NOT_TOLD
    return Telling.TOLD if ticket.sent_digest else Telling.AGAIN


def tickets_seen_by(actor: Actor) -> QuerySet[Ticket]:
    """The tickets of the platforms the actor sees."""
    rows = Ticket.objects.select_related("platform", "owner")
    where = platforms_for(actor, Action.VIEW)
    return rows if where is None else rows.filter(platform_id__in=where)


def told_so(rows: QuerySet[Ticket], telling: Telling) -> QuerySet[Ticket]:
    """Those of which the telling stands so."""
    return rows.filter(_TELLINGS[telling])


def with_open(rows: QuerySet[Ticket], is_open: bool) -> QuerySet[Ticket]:
    """Those of which something is open, or nothing is."""
    found = Exists(_findings().filter(status__in=OPEN_STATUSES))
    return rows.filter(found if is_open else ~found)


def _findings() -> QuerySet[Finding]:
    return Finding.objects.filter(ticket=OuterRef("pk"))


@dataclass(frozen=True)
class TicketLine:
    """A ticket with what of it is open: how many findings (None: more than are counted), and the worst's severity."""

    ticket: Ticket
    title: str
    open_findings: int | None
    severity: Severity | None

    @property
    def telling(self) -> Telling:
        """How it stands with telling of it."""
        return telling_of(self.ticket)

    @property
    def status_there(self) -> str:
        """What the ticket system said of it; empty where it said nothing."""
        return "" if self.ticket.external_status in _UNHEARD else self.ticket.external_status


def lines_of(tickets: Iterable[Ticket]) -> list[TicketLine]:
    """These tickets, in their order, with what of them is open: one query for all of them."""
    held = list(tickets)
    worst = [Subquery(_findings().filter(status=each).order_by("severity_rank").values("severity_rank")[:1])
             for each in OPEN_STATUSES]  # fmt: skip
    found = Ticket.objects.filter(pk__in=[each.pk for each in held]).annotate(
        title=Subquery(_findings().values("title")[:1]),
        counted=ArraySubquery(_findings().filter(status__in=OPEN_STATUSES).values("pk")[: MOST_COUNTED + 1]),
        worst=Least(*worst),
    )
    told = {key: rest for key, *rest in found.values_list("pk", "title", "counted", "worst")}
    return [_line(each, *told[each.pk]) for each in held if each.pk in told]


def _line(ticket: Ticket, title: str | None, counted: list[int], worst: int | None) -> TicketLine:
    n = len(counted)
    severity = None if worst is None else Severity(_SEVERITIES[worst])
    return TicketLine(ticket, title or "", n if n <= MOST_COUNTED else None, severity)
