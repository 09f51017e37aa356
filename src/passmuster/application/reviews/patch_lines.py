"""The patches to look at: changes that are not done, and advisories that are pressing though no change was made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from django.db.models import Q

from passmuster.application.reviews.checklist import Key, LastTime, Line
from passmuster.model.keeping import ChangeStatus, DutyRole, ItemKind
from passmuster.records.models import Change, Review, ReviewItem, TriagedAdvisory

_OVER = (ChangeStatus.VERIFIED, ChangeStatus.CANCELLED)
MOST_ADVISORIES = 50
_ASKS = "No change was made for it yet: adopt a plan, or say why not."


def patch_lines(review: Review, last: Mapping[Key, LastTime]) -> list[Line]:
    """Changes by their date; then advisories due within the review's days or exploited, without a change, worst first.

    At most 50 advisories have a line of their own; one more line stands for the rest.
    """
    pressing = _without_change(review)
    worst = TriagedAdvisory.objects.in_bulk(pressing[:MOST_ADVISORIES])
    rest = len(pressing) - len(worst)
    return [
        *_change_lines(review, last),
        *(_advisory_line(worst[key], last) for key in pressing[:MOST_ADVISORIES]),
        *([_rest_line(rest, review, last)] if rest else []),
    ]


def _change_lines(review: Review, last: Mapping[Key, LastTime]) -> list[Line]:
    changes = Change.objects.filter(platform=review.platform).exclude(status__in=_OVER).order_by("due_at", "pk")
    lines = []
    for each in changes:
        former = last.get((ItemKind.PATCH, str(each.pk)))
        due = f"due {each.due_at:%Y-%m-%d}" if each.due_at else "without a date"
        lines.append(
            Line(
                kind=ItemKind.PATCH,
                key=str(each.pk),
                title=each.title[:500],
                detail=f"{each.status.replace('_', ' ')}, {due}. Say how it stands and what keeps it.",
                severity=each.severity,
                outcome=each.status,
                last_answer=former.answer if former else "",
                role=DutyRole.REMEDIATION_OWNER,
                person=each.owner_id,
            )
        )
    return lines


def _without_change(review: Review) -> list[int]:
    """The triaged advisories that press and have no change, the worst first."""
    days_end = datetime.combine(review.due_on + timedelta(days=1), time(), UTC)
    pressing = TriagedAdvisory.objects.filter(Q(due_at__lt=days_end) | Q(is_exploited=True), platform=review.platform)
    changes = Change.objects.filter(platform=review.platform).exclude(status=ChangeStatus.CANCELLED)
    held = {
        (component, advisory)
        for component, advisories in changes.values_list("component", "advisories")
        for advisory in advisories
    }
    ordered = pressing.order_by("-is_exploited", "severity_rank", "due_order", "pk")
    rows = ordered.values_list("pk", "component", "advisory")
    return [key for key, component, advisory in rows.iterator() if (component, advisory) not in held]


def _advisory_line(row: TriagedAdvisory, last: Mapping[Key, LastTime]) -> Line:
    key = ReviewItem.key_of_advisory(row.component, row.advisory)
    former = last.get((ItemKind.PATCH, key))
    where = " ".join(filter(None, (row.component, row.version)))
    told = f"{row.advisory}{f' in {where}' if where else ''}{f': {row.title}' if row.title else ''}"
    due = f"due {row.due_at:%Y-%m-%d}" if row.due_at else "without a date"
    return Line(
        kind=ItemKind.PATCH,
        key=key,
        title=told[:500],
        detail=f"{'Exploited, ' if row.is_exploited else ''}{due}. {_ASKS}",
        severity=row.severity,
        outcome=ReviewItem.NO_CHANGE,
        last_answer=former.answer if former else "",
        role=DutyRole.REMEDIATION_OWNER,
    )


def _rest_line(rest: int, review: Review, last: Mapping[Key, LastTime]) -> Line:
    key = ReviewItem.MORE_ADVISORIES
    former = last.get((ItemKind.PATCH, key))
    return Line(
        kind=ItemKind.PATCH,
        key=key,
        title=f"{rest} more {'advisory' if rest == 1 else 'advisories'} without a change",
        detail=f"Exploited, or due by {review.due_on}; see /vulnerabilities/?platform={review.platform.slug}. "
        "Adopt a plan, or say why not.",
        outcome=ReviewItem.NO_CHANGE,
        last_answer=former.answer if former else "",
        role=DutyRole.REMEDIATION_OWNER,
    )
