"""Looks that fail one after the other: since when, and when the next is tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery

from passmuster.model.keeping import CollectionState
from passmuster.records.models import Collection, Platform

_FIRST_PAUSE = timedelta(hours=1)
_WORKED = (CollectionState.DONE, CollectionState.INCOMPLETE)


@dataclass(frozen=True)
class FailedLooks:
    """How many failed since one last worked, when the first of them began, and when that which worked did."""

    count: int
    since: datetime
    last_good: datetime | None


def failed_looks(platform: Platform, now: datetime) -> FailedLooks:
    """The platform's failures in a row up to now."""
    looks = Collection.objects.filter(platform=platform)
    worked = looks.filter(state__in=_WORKED)
    last_good = worked.order_by("-started_at").values_list("started_at", flat=True).first()
    failed = looks.filter(state=CollectionState.FAILED)
    failed = failed.filter(started_at__gt=last_good) if last_good else failed
    first = failed.order_by("started_at").values_list("started_at", flat=True).first()
    return FailedLooks(failed.count(), first or now, last_good)


def with_newest_state(platforms: QuerySet[Platform]) -> QuerySet[Platform]:
    """The platforms with `newest_state`: how the newest look at each that is over ended; None where there is none.

    `last_good` is when the newest look that worked began.
    """
    looks = Collection.objects.filter(platform=OuterRef("pk")).order_by("-started_at")
    return platforms.annotate(
        newest_state=Subquery(looks.exclude(state=CollectionState.RUNNING).values("state")[:1]),
        last_good=Subquery(looks.filter(state__in=_WORKED).values("started_at")[:1]),
    )


def try_again_after(failures: int, every: timedelta) -> timedelta:
    """How long to wait after so many failures in a row: an hour, twice as long each time, at most as between looks."""
    # Beyond a month's hours doubling says nothing more.
    doublings = min(max(failures - 1, 0), 10)
    return min(every, _FIRST_PAUSE * (1 << doublings))
