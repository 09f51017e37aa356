"""What stays with somebody who left, and who hears of it: the owners of each platform, so that it becomes another's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, QuerySet

from passmuster.application.access import Actor
from passmuster.application.messages.telling import tell
from passmuster.model.keeping import ChangeStatus, DeviationStatus, DutyRole, FindingStatus, ItemStatus, ReviewStatus
from passmuster.records.models import Change, Deviation, Finding, Ownership, Person, Platform, ReviewItem
from passmuster.report.text import counted

_ENDED = (ChangeStatus.VERIFIED, ChangeStatus.CANCELLED)


def tell_what_is_left(actor: Actor, person: Person) -> None:
    """Tell the owners of each platform, else administrators, what of it is still with somebody who may not sign in."""
    for platform, told in _left(person).items():
        where = f"On {platform.name}" if platform else "On every platform"
        for owner in _owners(platform, person):
            tell(
                owner,
                key=f"person:{person.pk}:left:{platform.pk if platform else 0}:{actor.now.isoformat()}",
                kind="left_behind",
                text=f"{person} can no longer sign in. {where} these are still theirs: {', '.join(told)}. "
                "Give each to somebody.",
                link=f"/platforms/{platform.slug}/" if platform else "/deviations/",
                now=actor.now,
            )


def _left(person: Person) -> Mapping[Platform | None, list[str]]:
    lines = ReviewItem.objects.filter(assignee=person, status=ItemStatus.OPEN, review__status=ReviewStatus.OPEN)
    findings = Finding.objects.filter(owner=person, status__in=(FindingStatus.OPEN, FindingStatus.IN_PROGRESS))
    changes = Change.objects.filter(owner=person).exclude(status__in=_ENDED)
    exceptions = Deviation.objects.filter(
        owner=person, status__in=(DeviationStatus.REQUESTED, DeviationStatus.APPROVED)
    )
    kinds = (
        (_by_platform(lines, "review__platform"), "open line of reviews", "open lines of reviews"),
        (_by_platform(findings, "platform"), "open finding", "open findings"),
        (_by_platform(changes, "platform"), "change not done", "changes not done"),
        (_by_platform(exceptions, "platform"), "exception", "exceptions"),
        (_by_platform(Ownership.objects.filter(owner=person), "platform"), "thing they own", "things they own"),
    )
    platforms = Platform.objects.in_bulk({key for by_platform, *_ in kinds for key in by_platform if key is not None})
    told: dict[Platform | None, list[str]] = {}
    for by_platform, one, many in kinds:
        for key, count in by_platform.items():
            told.setdefault(None if key is None else platforms[key], []).append(counted(count, one, many))
    return told


def _by_platform(rows: QuerySet[Any], platform: str) -> dict[int | None, int]:
    return dict(rows.order_by().values_list(platform).annotate(n=Count("pk")))


def _owners(platform: Platform | None, gone: Person) -> Iterable[Person]:
    """Who owns the platform, there or everywhere; where nobody is left, administrators."""
    others = Person.objects.filter(is_active=True, vendor=None).exclude(pk=gone.pk).order_by("pk").distinct()
    owners = others.filter(duties__platform=platform, duties__role=DutyRole.PLATFORM_OWNER)
    anywhere = others.filter(duties__platform=None, duties__role=DutyRole.PLATFORM_OWNER)
    administrators = others.filter(duties__role=DutyRole.ADMINISTRATOR)
    return next((found for each in (owners, anywhere, administrators) if (found := list(each))), [])
