"""Changes by the month they were due, and by whether they were verified by then."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum

from django.db.models import F, Q, QuerySet

from passmuster.model.keeping import ChangeStatus
from passmuster.records.models import Change

_MONTH = re.compile(r"(?P<year>[12]\d{3})-(?P<month>0[1-9]|1[0-2])")


class Kept(StrEnum):
    """How a date that has come was kept."""

    IN_TIME = "in_time"
    LATE = "late"
    MISSED = "missed"

    @property
    def label(self) -> str:
        """As people read it."""
        return _LABELS[self]


_LABELS = {Kept.IN_TIME: "In time", Kept.LATE: "Late", Kept.MISSED: "Not, and late"}
_IS_VERIFIED = Q(status__in=(ChangeStatus.VERIFIED, ChangeStatus.REGRESSED), verified_at__isnull=False)
# What each word means, of changes whose date has come.
BY_KEPT = {
    Kept.IN_TIME: _IS_VERIFIED & Q(verified_at__lte=F("due_at")),
    Kept.LATE: _IS_VERIFIED & Q(verified_at__gt=F("due_at")),
    Kept.MISSED: ~_IS_VERIFIED,
}


def dates_come(found: QuerySet[Change], now: datetime) -> QuerySet[Change]:
    """Those whose date has come; what was cancelled keeps no date."""
    return found.filter(due_at__lte=now).exclude(status=ChangeStatus.CANCELLED)


def kept(found: QuerySet[Change], word: Kept, now: datetime) -> QuerySet[Change]:
    """Those whose date has come and was kept so."""
    return dates_come(found, now).filter(BY_KEPT[word])


def is_month(text: str) -> bool:
    """Whether it names a month such as `2026-06`."""
    return _MONTH.fullmatch(text) is not None


def due_in(found: QuerySet[Change], month: str) -> QuerySet[Change]:
    """Those that are due in a month such as `2026-06`, in UTC; all of them where that is no month."""
    read = _MONTH.fullmatch(month)
    if read is None:
        return found
    year, number = int(read["year"]), int(read["month"])
    first = datetime(year, number, 1, tzinfo=UTC)
    after = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return found.filter(due_at__gte=first, due_at__lt=after)
