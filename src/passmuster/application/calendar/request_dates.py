"""The days by which vendors are to answer, for whoever sees the request; and all the dates a vendor's contact has."""

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

_MOST_ANSWER = 1_000
_WAITING = (AskedStatus.OPEN, AskedStatus.ANSWERED)


def request_dates(actor: Actor, platforms: Collection[int], wanted: Wanted) -> Iterator[Dated]:
    """Requests to vendors that wait and have a day, on these platforms or (asked for all) on none."""
    span = (wanted.start.date(), wanted.end.date())
    here = Q(platform__in=list(platforms)) | (Q() if wanted.platform else Q(platform=None))
    for asked in _due(requests_for(actor).filter(here), span):
        title = f"{asked.vendor} owes an answer: {asked.title}"
        if asked.status == AskedStatus.ANSWERED:
            title = f"Accept or send back what {asked.vendor} answered: {asked.title}"
        yield _entry(asked, title, f"asked by {asked.asked_by}", f"/vendor-requests/{asked.pk}/")


def guest_dates(actor: Actor, wanted: Wanted) -> Iterator[Dated]:
    """All that has a date for a vendor's contact: when answers to what is asked of the vendor are due, and were given.

    What is told of a request is what its contacts read where they answer it, and no more.
    """
    for asked in asked_of_vendor(actor):
        if wanted.platform and (asked.platform is None or asked.platform.slug != wanted.platform):
            continue
        link = f"/asked/#item-{asked.pk}"
        if asked.due_on is not None and asked.status in _WAITING:
            is_open = asked.status == AskedStatus.OPEN
            sent_back = f"Sent back: {asked.decision}" if is_open and asked.decision else ""
            title = f"Your answer is due: {asked.title}" if is_open else f"Due, and answered: {asked.title}"
            yield _entry(asked, title, sent_back, link)
        if asked.answered_at is not None:
            names = ("vendor_request", str(asked.pk), "answered")
            where = asked.platform.name if asked.platform else ""
            answer = asked.answer[:_MOST_ANSWER]
            yield Dated(
                DatedKind.DEADLINE,
                names,
                f"Answered: {asked.title}",
                asked.answered_at,
                detail=answer,
                where=where,
                link=link,
            )


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
