"""How many findings there are, from the counts that triggers keep; never by counting findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Sum

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.model.words import Severity
from passmuster.records.models import FindingCount, FindingDueCount, FindingDueTotal, FindingTotal

OPEN_STATUSES = ("open", "in_progress")
_SEVERITIES = tuple(word.value for word in sorted(Severity, key=lambda word: word.rank))


@dataclass(frozen=True)
class Facet:
    """One value a list can be narrowed to, and how many findings that leaves."""

    value: str
    n: int


def totals_seen_by(actor: Actor) -> QuerySet[FindingTotal]:
    """The totals of the platforms whose findings the actor may see, whoever owns them."""
    seen = FindingTotal.objects.filter(n__gt=0)
    platforms = platforms_for(actor, Action.VIEW)
    return seen if platforms is None else seen.filter(platform_id__in=platforms)


def counts_seen_by(actor: Actor) -> QuerySet[FindingCount]:
    """The counts of the platforms whose findings the actor may see."""
    return _on(FindingCount.objects.filter(n__gt=0), platforms_for(actor, Action.VIEW))


def open_by_severity(actor: Actor) -> Mapping[str, int]:
    """Open findings by severity, worst first; every severity is there."""
    found = totals_seen_by(actor).filter(status__in=OPEN_STATUSES).values_list("severity_rank").annotate(Sum("n"))
    by_rank = dict(found)
    return {word: by_rank.get(rank, 0) for rank, word in enumerate(_SEVERITIES)}


def open_by_platform(actor: Actor) -> Mapping[int, Mapping[str, int]]:
    """Open findings by platform's key and severity."""
    found = totals_seen_by(actor).filter(status__in=OPEN_STATUSES)
    told: dict[int, dict[str, int]] = {}
    for platform, rank, n in found.values_list("platform_id", "severity_rank").annotate(Sum("n")):
        told.setdefault(platform, {})[_SEVERITIES[rank]] = n
    return told


def facets(counts: QuerySet[FindingCount], column: str, *, most: int = 50) -> tuple[Facet, ...]:
    """The values of a column with their counts, most first; severities come by their rank."""
    found = counts.values(value=F(column)).annotate(total=Sum("n"))
    if column == "severity_rank":
        return tuple(Facet(_SEVERITIES[row["value"]], row["total"]) for row in found.order_by("value"))
    return tuple(Facet(str(row["value"]), row["total"]) for row in found.order_by("-total", "value")[:most])


def total(counts: QuerySet[FindingCount]) -> int:
    """How many findings a filter leaves; the filter may name platform, owner, control, severity_rank and status."""
    return int(counts.aggregate(total=Sum("n"))["total"] or 0)


def late(actor: Actor, today: date, *, owner: int | None = None) -> int:
    """Open findings whose date has passed, of one owner or of all."""
    if owner is None:
        return _summed(_due_totals(actor).filter(due_on__lt=today))
    mine = FindingDueCount.objects.filter(status__in=OPEN_STATUSES, owner_id=owner, due_on__lt=today, n__gt=0)
    return _summed(_due_on(mine, platforms_for(actor, Action.VIEW)))


def falling_due(actor: Actor, first: date, last: date) -> Mapping[date, int]:
    """Open findings by the day they are due, for the days of a span that have any."""
    seen = _due_totals(actor).filter(due_on__range=(first, last))
    return dict(seen.values_list("due_on").annotate(Sum("n")).order_by("due_on"))


def _summed(counts: QuerySet[Any]) -> int:
    return int(counts.aggregate(total=Sum("n"))["total"] or 0)


def _due_totals(actor: Actor) -> QuerySet[FindingDueTotal]:
    seen = FindingDueTotal.objects.filter(status__in=OPEN_STATUSES, n__gt=0)
    platforms = platforms_for(actor, Action.VIEW)
    return seen if platforms is None else seen.filter(platform_id__in=platforms)


def _on(counts: QuerySet[FindingCount], platforms: Iterable[int] | None) -> QuerySet[FindingCount]:
    return counts if platforms is None else counts.filter(platform_id__in=platforms)


def _due_on(counts: QuerySet[FindingDueCount], platforms: Iterable[int] | None) -> QuerySet[FindingDueCount]:
    return counts if platforms is None else counts.filter(platform_id__in=platforms)
