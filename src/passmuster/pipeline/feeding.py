"""Dated entries as an iCalendar feed, and pushed into a CalDAV collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime

from passmuster.model.dated import Dated, DatedKind
from passmuster.pipeline.credentials import read_credential
from passmuster.pipeline.pushing import PASSWORD, USER
from passmuster.report.caldav import Pushed, push
from passmuster.report.caldav_client import CollectionClient, read_address
from passmuster.report.ics import Revision, plan_calendar
from passmuster.report.plan_events import EventKind, PlanEvent, uid_of
from passmuster.report.previous_calendar import Previous

__all__ = ["Pushed", "feed_text", "push_entries"]
_COUNTED_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_KINDS: Mapping[DatedKind, EventKind] = {
    DatedKind.REVIEW: EventKind.DEADLINE,
    DatedKind.CHANGE: EventKind.JOB,
    DatedKind.DEADLINE: EventKind.DEADLINE,
    DatedKind.FREEZE: EventKind.FREEZE,
    DatedKind.WINDOW: EventKind.WINDOW,
    DatedKind.EXPIRY: EventKind.DEADLINE,
}


def feed_text(entries: Iterable[Dated], *, now: datetime) -> str:
    """An iCalendar text with UIDs that stay; numbered by the clock, as nobody knows what a subscriber read last."""
    sequence = int((now - _COUNTED_FROM).total_seconds()) // 60
    revision = Revision(now.replace(microsecond=0), Previous(first_sequence=max(0, sequence)))
    return plan_calendar(_events(entries), revision)


def push_entries(entries: Iterable[Dated], url: str, environ: Mapping[str, str], *, now: datetime) -> Pushed:
    """Make a CalDAV collection hold these entries; a second push changes nothing. Raises PassmusterError."""
    address = read_address(url)
    user, password = (read_credential(name, environ) for name in (USER, PASSWORD))
    with closing(CollectionClient(address, user=user, password=password)) as client:
        return push(client, _events(entries), stamped_at=now.replace(microsecond=0))


def _events(entries: Iterable[Dated]) -> list[PlanEvent]:
    found = {event.uid: event for event in map(_event, entries)}
    return sorted(found.values(), key=lambda event: (event.start, event.kind, event.summary, event.uid))


def _event(entry: Dated) -> PlanEvent:
    kind = EventKind.VENDOR if entry.is_vendors and entry.kind is DatedKind.CHANGE else _KINDS[entry.kind]
    return PlanEvent(
        uid=uid_of(kind, *entry.names),
        kind=kind,
        summary=entry.title[:200],
        start=entry.start,
        end=entry.end if entry.end and entry.end > entry.start else None,
        description=entry.detail[:4_000],
        location=entry.where[:200],
        zone=entry.zone,
        is_busy=kind is EventKind.JOB,
        is_all_day=entry.is_all_day,
    )
