"""The days by which vendors are to answer, for whoever sees the request; a guest's are those of their own vendor."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from django.db.models import Q, QuerySet

from passmuster.application.access import Actor
from passmuster.application.calendar.wanted import Wanted, whole_day
from passmuster.application.requests.asking_vendors import requests_for
from passmuster.application.requests.vendor_requests import asked_of_vendor
from passmuster.model.dated import Dated, DatedKind
from passmuster.model.keeping import AskedStatus
from passmuster.records.models import VendorRequest

_WAITING = (AskedStatus.OPEN, AskedStatus.ANSWERED)


def request_dates(actor: Actor, platforms: Collection[int], wanted: Wanted) -> Iterator[Dated]:
    """Requests to vendors that wait and have a day, on these platforms or (asked for all) on none."""
    span = (wanted.start.date(), wanted.end.date())
    if actor.vendor_id is not None:
        for asked in _due(asked_of_vendor(actor), span):
            if not wanted.platform or (asked.platform and asked.platform.slug == wanted.platform):
                yield _entry(asked, f"Your answer is due: {asked.title}", "", "/asked/")
        return
    here = Q(platform__in=list(platforms)) | (Q() if wanted.platform else Q(platform=None))
    for asked in _due(requests_for(actor).filter(here), span):
        title = f"{asked.vendor} owes an answer: {asked.title}"
        if asked.status == AskedStatus.ANSWERED:
            title = f"Accept or send back what {asked.vendor} answered: {asked.title}"
        yield _entry(asked, title, f"asked by {asked.asked_by}", f"/vendor-requests/{asked.pk}/")


def _due(requests: QuerySet[VendorRequest], span: tuple[date, date]) -> QuerySet[VendorRequest]:
    return requests.filter(status__in=_WAITING, due_on__range=span).order_by("due_on", "pk")


def _entry(asked: VendorRequest, title: str, detail: str, link: str) -> Dated:
    assert asked.due_on is not None  # those without a day are left out
    return whole_day(
        asked.due_on,
        Dated(
            DatedKind.DEADLINE,
            ("vendor_request", str(asked.pk)),
            title,
            asked.asked_at,
            detail=detail,
            where=asked.platform.name if asked.platform else "",
            link=link,
        ),
    )
