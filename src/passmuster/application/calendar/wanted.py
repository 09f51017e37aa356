"""Which entries of the calendar are asked for, and entries of whole days. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from passmuster.model.dated import Dated, DatedKind

ALL = frozenset(DatedKind)
# The start of an entry whose day `whole_day` sets.
ANY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Wanted:
    """Which entries: those that touch the span, of these kinds, of one platform (its slug) or of all."""

    start: datetime
    end: datetime
    kinds: frozenset[DatedKind] = ALL
    platform: str = ""


def whole_day(day: date, entry: Dated) -> Dated:
    """The entry on that day, all of it."""
    start = datetime.combine(day, time(), tzinfo=UTC)
    return replace(entry, start=start, end=start + timedelta(days=1), is_all_day=True)
