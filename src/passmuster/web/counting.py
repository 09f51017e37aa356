"""How many findings there are, from the counts that triggers keep; never by counting findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import F, Model, QuerySet, Sum

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.model.words import Severity
from passmuster.records.models import FindingCount, FindingDueCount, FindingDueTotal, FindingTotal

M = TypeVar("M", bound=Model)
OPEN_STATUSES = ("open", "in_progress")
_SEVERITIES = tuple(word.value for word in sorted(Severity, key=lambda word: word.rank))


@dataclass(frozen=True)
class Facet:
    """One value a list can be narrowed to, and how many findings that leaves."""

    value: str
    n: int


def totals_seen_by(actor: Actor) -> QuerySet[FindingTotal]:
    """The totals of the platforms whose findings the actor may see, whoever owns them."""
    return _seen(FindingTotal.objects.filter(n__gt=0), actor)


def due_totals_seen_by(actor: Actor) -> QuerySet[FindingDueTotal]:
    """The same of findings that have a date, by that date instead of by control."""
    return _seen(FindingDueTotal.objects.filter(n__gt=0), actor)


def counts_seen_by(actor: Actor) -> QuerySet[FindingCount]:
    """As the totals, by owner; where no owner is asked for the totals are far fewer rows."""
    return _seen(FindingCount.objects.filter(n__gt=0), actor)


def due_counts_seen_by(actor: Actor) -> QuerySet[FindingDueCount]:
    """The same of findings that have a date, by that date instead of by control."""
    return _seen(FindingDueCount.objects.filter(n__gt=0), actor)


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


def facets(counts: QuerySet[Any], column: str, *, most: int = 50) -> tuple[Facet, ...]:
    """The values of a column with their counts, most first; severities come by their rank."""
    found = counts.values(value=F(column)).annotate(total=Sum("n"))
    if column == "severity_rank":
        return tuple(Facet(_SEVERITIES[row["value"]], row["total"]) for row in found.order_by("value"))
    return tuple(Facet(str(row["value"]), row["total"]) for row in found.order_by("-total", "value")[:most])


def total(counts: QuerySet[Any]) -> int:
    """How many findings a filter leaves; it may name platform, owner, severity_rank, status, and control or due_on."""
    return int(counts.aggregate(total=Sum("n"))["total"] or 0)


def late(actor: Actor, today: date, *, owner: int | None = None) -> int:
    """Open findings whose date has passed, of one owner or of all."""
    is_late = {"status__in": OPEN_STATUSES, "due_on__lt": today}
    if owner is None:
        return total(due_totals_seen_by(actor).filter(**is_late))
    return total(due_counts_seen_by(actor).filter(**is_late, owner_id=owner))


def late_by_platform(actor: Actor, today: date) -> dict[int | None, int]:
    """The same by platform's key, the most first."""
    counts = due_totals_seen_by(actor).filter(status__in=OPEN_STATUSES, due_on__lt=today)
    return dict(counts.values_list("platform_id").annotate(total=Sum("n")).order_by("-total", "platform_id"))


def falling_due(actor: Actor, first: date, last: date) -> Mapping[date, int]:
    """Open findings by the day they are due, for the days of a span that have any."""
    seen = due_totals_seen_by(actor).filter(status__in=OPEN_STATUSES, due_on__range=(first, last))
    return dict(seen.values_list("due_on").annotate(Sum("n")).order_by("due_on"))


def _seen(counts: QuerySet[M], actor: Actor) -> QuerySet[M]:
    platforms = platforms_for(actor, Action.VIEW)
    return counts if platforms is None else counts.filter(platform_id__in=platforms)
