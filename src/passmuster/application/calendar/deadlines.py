"""What has a deadline and is not done: read from the records, findings and checklist lines heaped by their day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, Sum

from passmuster.model.keeping import AskedStatus, ChangeStatus, FindingStatus, ItemStatus, ReviewStatus
from passmuster.model.words import Severity
from passmuster.records.models import (
    ApiToken,
    Change,
    Evidence,
    FindingDueCount,
    Platform,
    Review,
    ReviewItem,
    VendorRequest,
)
from passmuster.report.text import counted

UNDONE_FINDINGS = (FindingStatus.OPEN, FindingStatus.IN_PROGRESS)
UNDONE_CHANGES = (
    *(ChangeStatus.PLANNED, ChangeStatus.APPROVED, ChangeStatus.DEPLOYED),
    *(ChangeStatus.FAILED, ChangeStatus.ROLLED_BACK, ChangeStatus.REGRESSED),
)
SEVERITIES = list(Severity)
_A_REASON = 150
# What is of no platform counts always.
_LOOKED_AT = Q(platform=None) | Q(platform__is_active=True)


@dataclass(frozen=True)
class Deadline:
    """Something that is due; `key` names it for ever, `owner_id` is the person who must do it.

    `late_link` leads to what of it is late, where that is another page than `link`. `weight` is of a heap, which may
    grow worse: whoever heard of it when it weighed less hears of it again.
    """

    key: str
    what: str
    link: str
    due_at: datetime
    platform: Platform | None = None
    owner_id: int | None = None
    late_link: str = ""
    weight: int | None = None


def end_of(day: date, zone: str) -> datetime:
    """The instant at which a day is over there, UTC."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone or "UTC")).astimezone(UTC)


def _day(day: date | None) -> date:
    assert day is not None  # the filters leave no other
    return day


def deadlines_until(now: datetime) -> Iterator[Deadline]:
    """What people must do by an instant up to `now`: findings, changes, reviews and their checklists.

    Of a platform that is not looked at any more nothing is due: no look could show that it was done.
    """
    # A day may end earlier elsewhere than here.
    last_day = now.astimezone(UTC).date() + timedelta(days=1)
    yield from (each for each in _all_until(last_day, now) if each.due_at <= now)


def _all_until(last_day: date, now: datetime) -> Iterator[Deadline]:
    yield from _findings(last_day)
    changes = Change.objects.filter(status__in=UNDONE_CHANGES, due_at__lte=now, platform__is_active=True)
    for change in changes.select_related("platform"):
        if change.due_at is not None:
            what = f"the change {change.title!r}"
            yield Deadline(
                f"change/{change.pk}", what, f"/changes/{change.pk}/", change.due_at, change.platform, change.owner_id
            )
    yield from _reviews(last_day)
    yield from _vendor_requests(last_day)


def _vendor_requests(last_day: date) -> Iterator[Deadline]:
    waiting = VendorRequest.objects.filter(status__in=(AskedStatus.OPEN, AskedStatus.ANSWERED), due_on__lte=last_day)
    for asked in waiting.filter(_LOOKED_AT).select_related("platform", "vendor").order_by("due_on", "pk"):
        zone = asked.platform.time_zone if asked.platform else "UTC"
        who = f"{asked.vendor} owes an answer" if asked.status == AskedStatus.OPEN else f"{asked.vendor} answered"
        yield Deadline(
            f"evidence_request/{asked.pk}/{asked.due_on}",
            f"{who}: {asked.title[:200]}",
            f"/vendor-requests/{asked.pk}/",
            end_of(_day(asked.due_on), zone),
            asked.platform,
            asked.asked_by_id,
        )


def _findings(last_day: date) -> Iterator[Deadline]:
    heaps = (
        FindingDueCount.objects.filter(
            status__in=UNDONE_FINDINGS, due_on__lte=last_day, n__gt=0, platform__is_active=True
        )
        .values("platform", "owner", "due_on")
        .annotate(count=Sum("n"), worst=Min("severity_rank"), critical=Sum("n", filter=Q(severity_rank=0)))
        .order_by("due_on", "platform", "owner")
    )
    platforms = _platforms(heap["platform"] for heap in heaps)
    for heap in heaps:
        platform = platforms[heap["platform"]]
        theirs = f"/findings/?platform={platform.pk}&owner={heap['owner'] or 'none'}"
        yield Deadline(
            f"finding/{platform.pk}/{heap['owner'] or 'nobody'}/{heap['due_on']}",
            f"{counted(heap['count'], 'finding')} (worst: {SEVERITIES[heap['worst']]})",
            f"{theirs}&due=soon",
            end_of(_day(heap["due_on"]), platform.time_zone),
            platform,
            heap["owner"],
            f"{theirs}&late=1",
            weight=_weight(heap["worst"], heap["critical"] or 0),
        )


def _weight(worst: int, critical: int) -> int:
    """How bad a heap is: more by the severity of its worst, and by each that is critical."""
    return len(SEVERITIES) - 1 - worst + critical


def _reviews(last_day: date) -> Iterator[Deadline]:
    reviews = Review.objects.filter(status=ReviewStatus.OPEN, due_on__lte=last_day, platform__is_active=True)
    for review in reviews.select_related("platform"):
        platform = review.platform
        due_at = end_of(review.due_on, platform.time_zone)
        yield Deadline(
            f"review/{review.pk}",
            f"the review ({review.because[:_A_REASON]})",
            f"/reviews/{review.pk}/",
            due_at,
            platform,
        )
    heaps = (
        ReviewItem.objects.filter(
            status=ItemStatus.OPEN,
            review__status=ReviewStatus.OPEN,
            due_on__lte=last_day,
            review__platform__is_active=True,
        )
        .values("review", "review__platform", "review__because", "assignee", "due_on")
        .annotate(count=Count("id"))
        .order_by("due_on", "review", "assignee")
    )
    platforms = _platforms(heap["review__platform"] for heap in heaps)
    for heap in heaps:
        platform = platforms[heap["review__platform"]]
        yield Deadline(
            f"item/{heap['review']}/{heap['assignee'] or 'nobody'}/{heap['due_on']}",
            f"{counted(heap['count'], 'line')} of the review's checklist ({heap['review__because'][:_A_REASON]})",
            f"/reviews/{heap['review']}/",
            end_of(_day(heap["due_on"]), platform.time_zone),
            platform,
            heap["assignee"],
        )


def expired_until(now: datetime) -> Iterator[Deadline]:
    """Evidence that ended by `now` and that nothing took the place of."""
    yield from (each for each in _evidence(now, "has expired, and nothing took its place") if each.due_at <= now)


def _evidence(now: datetime, told: str = "") -> Iterator[Deadline]:
    last_day = now.astimezone(UTC).date()
    ending = Evidence.objects.filter(_LOOKED_AT, expires_on__lte=last_day, superseded_by=None)
    for evidence in ending.select_related("platform", "uploaded_by", "request").order_by("expires_on", "pk"):
        yield Deadline(
            f"evidence/{evidence.pk}/{evidence.expires_on}",
            " ".join(filter(None, (f"the evidence {evidence.title!r}", told))),
            f"/evidence/{evidence.pk}/",
            end_of(_day(evidence.expires_on), "UTC"),
            evidence.platform,
            evidence.owner_id or _who_answers(evidence),
        )


def _who_answers(evidence: Evidence) -> int | None:
    """Whoever handed it in; for a guest, whoever asked their vendor for it."""
    if evidence.uploaded_by.vendor_id is None:
        return evidence.uploaded_by_id
    return evidence.request.asked_by_id if evidence.request else None


def expiries_until(now: datetime) -> Iterator[Deadline]:
    """Evidence and tokens that end by `now`, and whoever must renew them; deviations tell of themselves."""
    yield from _evidence(now)
    for token in ApiToken.objects.filter(expires_at__lte=now, revoked_at=None):
        what = f"the API token {token.name!r}"
        yield Deadline(f"token/{token.pk}", what, "/me/", token.expires_at, None, token.person_id)


def _platforms(identities: Iterable[Any]) -> dict[Any, Platform]:
    return Platform.objects.in_bulk(set(identities))
