"""What is late on the platforms a person may see, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.calendar.deadlines import UNDONE_CHANGES
from passmuster.application.changes.missed_windows import missed
from passmuster.records.models import Change, Deviation, Evidence, Platform, Review
from passmuster.web.agenda.lines import (
    MOST,
    UNDER_WAY,
    Line,
    Lines,
    day_of,
    most_pressing,
    name_of,
    of_change,
    of_missed,
    of_review,
    seen,
    things,
)
from passmuster.web.counting import falling_due, late, late_by_platform
from passmuster.web.places import list_of, page_of_record

AHEAD = timedelta(days=14)
# With more platforms than this that have late findings, one line stands for all.
_MOST_APART = 3


def overdue(actor: Actor) -> Lines:
    """What is late on the platforms the person may see."""
    today = actor.now.date()
    reviews = seen(Review.objects.filter(status__in=UNDER_WAY, due_on__lt=today), actor)
    changes = seen(Change.objects.filter(status__in=UNDONE_CHANGES, due_at__lt=actor.now), actor)
    # One that is past its date too is told as that.
    passed = seen(Change.objects.filter(missed(actor.now)), actor).exclude(due_at__lt=actor.now)
    evidence = seen(Evidence.objects.filter(superseded_by=None, expires_on__lt=today), actor)
    lines = [
        *(of_review(review, "Review") for review in reviews.select_related("platform").order_by("due_on")[:MOST]),
        *(of_change(change, "Patch") for change in changes.select_related("platform").order_by("due_at")[:MOST]),
        *(of_missed(change) for change in passed.select_related("platform").order_by("window_end_at")[:MOST]),
        *(
            Line(f"Evidence expired: {each.title}", page_of_record("evidence", each.pk), name_of(each), each.expires_on)
            for each in evidence.select_related("platform").order_by("expires_on")[:MOST]
        ),
    ]
    n = reviews.count() + changes.count() + passed.count() + evidence.count()
    found = most_pressing(lines, first=_late_findings(actor, today), at_least=n)
    return replace(found, things=n + late(actor, today))


def coming(actor: Actor) -> Lines:
    """What has its date within two weeks."""
    today = actor.now.date()
    span = (today, today + AHEAD)
    reviews = seen(Review.objects.filter(status__in=UNDER_WAY, due_on__range=span), actor)
    windows = Change.objects.filter(status__in=("planned", "approved"))
    windows = seen(windows.filter(window_start_at__range=(actor.now, actor.now + AHEAD)), actor)
    deadlines = Change.objects.filter(status__in=UNDONE_CHANGES, due_at__range=(actor.now, actor.now + AHEAD))
    deadlines = seen(deadlines, actor)
    ending = seen(Deviation.objects.filter(status="approved", ends_on__range=span), actor)
    expiring = seen(Evidence.objects.filter(superseded_by=None, expires_on__range=span), actor)
    lines = [
        *(of_review(each, "Review due") for each in reviews.select_related("platform")[:MOST]),
        *_next_reviews(actor, span),
        *(
            Line(
                f"Patch window: {each.title}",
                page_of_record("change", each.pk),
                name_of(each),
                day_of(each.window_start_at),
            )
            for each in windows.select_related("platform").order_by("window_start_at")[:MOST]
        ),
        *(of_change(each, "Patch due") for each in deadlines.select_related("platform").order_by("due_at")[:MOST]),
        *(
            Line(f"Exception ends: {each.control}", page_of_record("deviation", each.pk), name_of(each), each.ends_on)
            for each in ending.select_related("platform").order_by("ends_on")[:MOST]
        ),
        *(
            Line(f"Evidence expires: {each.title}", page_of_record("evidence", each.pk), name_of(each), each.expires_on)
            for each in expiring.select_related("platform").order_by("expires_on")[:MOST]
        ),
        *_findings_due(actor, span),
    ]
    return most_pressing(lines)


def _late_findings(actor: Actor, today: date) -> list[Line]:
    """A line a platform, the most first; one line for all where there are many."""
    n = late_by_platform(actor, today)
    if len(n) > _MOST_APART:
        n = {None: sum(n.values())}
    names = dict(Platform.objects.filter(pk__in=[key for key in n if key]).values_list("pk", "name"))
    return [
        Line(
            f"{things(some, 'finding')} past {'its' if some == 1 else 'their'} date",
            list_of("finding", late=1, platform=key),
            names.get(key, "") if key else "",
        )
        for key, some in n.items()
    ]


def _findings_due(actor: Actor, span: tuple[date, date]) -> Iterable[Line]:
    by_day = falling_due(actor, *span)
    if by_day:
        n, first = sum(by_day.values()), min(by_day)
        text = f"{things(n, 'finding')} {'falls' if n == 1 else 'fall'} due" + (", the first" if n > 1 else "")
        yield Line(text, list_of("finding", due="soon"), "", first)


def _next_reviews(actor: Actor, span: tuple[date, date]) -> Iterable[Line]:
    allowed = platforms_for(actor, Action.VIEW)
    platforms = Platform.objects.filter(is_active=True, next_review_on__range=span)
    platforms = platforms if allowed is None else platforms.filter(pk__in=allowed)
    for each in platforms.order_by("next_review_on")[:MOST]:
        yield Line("Review opens", page_of_record("platform", each.slug), each.name, each.next_review_on)
