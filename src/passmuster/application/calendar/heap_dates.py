"""Days on which findings and lines of open reviews fall due: heaps, one a platform or review and day, from counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db.models import Count, F, Min, Sum

from passmuster.application.calendar.deadlines import SEVERITIES, UNDONE_FINDINGS
from passmuster.application.calendar.wanted import ANY, Wanted, whole_day
from passmuster.model.dated import Dated, DatedKind
from passmuster.model.keeping import ItemStatus, ReviewStatus
from passmuster.records.models import FindingDueTotal, Platform, ReviewItem
from passmuster.report.text import counted


def heap_dates(platforms: Mapping[int, Platform], wanted: Wanted) -> Iterator[Dated]:
    """What falls due there by the day, within the span; each person's own are in their list."""
    if DatedKind.DEADLINE in wanted.kinds:
        yield from _findings(platforms, wanted)
        yield from _lines(platforms, wanted)


def _findings(platforms: Mapping[int, Platform], wanted: Wanted) -> Iterator[Dated]:
    due = FindingDueTotal.objects.filter(
        platform__in=platforms,
        status__in=UNDONE_FINDINGS,
        due_on__range=(wanted.start.date(), wanted.end.date()),
        n__gt=0,
    )
    heaps = due.values_list("platform_id", "due_on").annotate(Sum("n"), Min("severity_rank"))
    for key, day, count, worst in heaps.order_by("due_on", "platform_id"):
        platform = platforms[key]
        yield whole_day(
            day,
            Dated(
                DatedKind.DEADLINE,
                ("findings", platform.slug, day.isoformat()),
                f"{counted(count, 'finding')} {_fall(count)} due: {platform.name}",
                ANY,
                detail=f"worst: {SEVERITIES[worst]}",
                where=platform.name,
                link=f"/findings/?platform={key}&due={day}",
            ),
        )


def _lines(platforms: Mapping[int, Platform], wanted: Wanted) -> Iterator[Dated]:
    """Lines whose day is not that of the review: that one stands in the calendar as the review's."""
    due = ReviewItem.objects.filter(
        status=ItemStatus.OPEN,
        review__status=ReviewStatus.OPEN,
        review__platform__in=platforms,
        due_on__range=(wanted.start.date(), wanted.end.date()),
    ).exclude(due_on=F("review__due_on"))
    about = ("review", "review__platform_id", "review__occurrence", "review__because", "due_on")
    heaps = due.values_list(*about).annotate(Count("id"))
    for review, key, occurrence, because, day, count in heaps.order_by("due_on", "review"):
        platform = platforms[key]
        yield whole_day(
            day,
            Dated(
                DatedKind.DEADLINE,
                ("review lines", platform.slug, occurrence, day.isoformat()),
                f"{counted(count, 'line')} of the review {_fall(count)} due: {platform.name}",
                ANY,
                detail=because,
                where=platform.name,
                link=f"/reviews/{review}/",
            ),
        )


def _fall(count: int) -> str:
    return "falls" if count == 1 else "fall"
