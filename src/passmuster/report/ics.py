"""A plan as an RFC 5545 calendar: stable UIDs, SEQUENCE numbers that rise with changes, cancellations, time zones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO

import icalendar

from passmuster.model.schedule import Plan, Problem
from passmuster.report.event_text import EventText, event_text, folded
from passmuster.report.plan_events import EventChoice, PlanEvent, plan_events
from passmuster.report.previous_calendar import KIND, NOTHING_BEFORE, Previous, Seen
from passmuster.report.vtimezone import vtimezone

PRODID = "-//Passmuster//Patch plan//EN"
_ALL = EventChoice()
_ZONE_MARGIN = timedelta(days=400)


@dataclass(frozen=True)
class Revision:
    """When a calendar is written, and what was handed out before."""

    stamped_at: datetime
    previous: Previous = NOTHING_BEFORE


def write_ics(problem: Problem, plan: Plan, stream: TextIO, *, revision: Revision, choice: EventChoice = _ALL) -> None:
    """Write the calendar. The stream must not translate line ends, or every line ends in CR CR LF."""
    stream.write(plan_calendar(plan_events(problem, plan, choice), revision))


def plan_calendar(events: Sequence[PlanEvent], revision: Revision) -> str:
    """The calendar of these events and of those handed out before that are no more; lines end in CR LF.

    What has not changed keeps its SEQUENCE and stamp; what has gets the next one; what is gone is cancelled, unless
    it was over already.
    """
    return _calendar(list(event_texts(events, revision).values()), "METHOD:PUBLISH")


def event_texts(events: Sequence[PlanEvent], revision: Revision) -> dict[str, EventText]:
    """Each event's VEVENT by its UID: those of the plan, then the cancelled ones."""
    found = {event.uid: _text(event, revision) for event in events}
    for uid, seen in sorted(revision.previous.seen.items()):
        if uid not in found and (gone := _gone(seen, revision)) is not None:
            found[uid] = _text_of(gone)
    return found


def event_calendar(event: EventText) -> str:
    """One event as a calendar of its own, as a CalDAV server keeps it: with its zone and without a METHOD."""
    return _calendar([event])


def _calendar(events: Sequence[EventText], *more: str) -> str:
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODID}", "CALSCALE:GREGORIAN", *more)
    return "".join([folded(head), *_zones(events), *(event.text for event in events), folded(["END:VCALENDAR"])])


def _text(event: PlanEvent, revision: Revision) -> EventText:
    before = revision.previous.seen.get(event.uid)
    if before is None:
        return event_text(event, sequence=revision.previous.first_sequence, stamped_at=revision.stamped_at)
    is_same = before.digest == event.digest and not before.is_cancelled
    stamped_at = before.stamped_at if is_same else revision.stamped_at
    return event_text(event, sequence=before.sequence + (not is_same), stamped_at=stamped_at)


def _gone(seen: Seen, revision: Revision) -> icalendar.Event | None:
    """What was handed out and is no more: cancelled; as it was where it is over or cancelled already."""
    component = seen.component
    if component is None or seen.is_cancelled or seen.ends_at <= revision.stamped_at:
        return component
    cancelled = icalendar.Event()
    for name, value in component.items():
        if name.upper() not in ("SEQUENCE", "DTSTAMP", "STATUS", "TRANSP"):
            cancelled[name] = value
    cancelled.add("dtstamp", revision.stamped_at.astimezone(UTC))
    cancelled.add("sequence", seen.sequence + 1)
    cancelled.add("status", "CANCELLED")
    cancelled.add("transp", "TRANSPARENT")
    return cancelled


def _text_of(component: icalendar.Event) -> EventText:
    moments: list[Any] = [component[name] for name in ("DTSTART", "DTEND") if name in component]
    zones = [str(moment.params["TZID"]) for moment in moments if "TZID" in moment.params]
    return EventText(
        text=str(component.to_ical(sorted=False), "utf-8"),
        sequence=int(component.get("SEQUENCE", 0)),
        title=str(component.get("SUMMARY", component.get("UID", ""))),
        kind=str(component.get(KIND, "")),
        zone=zones[0] if zones else None,
        instants=tuple(moment.dt.astimezone(UTC) for moment in moments if isinstance(moment.dt, datetime)),
    )


def _zones(events: Iterable[EventText]) -> Iterator[str]:
    """A VTIMEZONE for each zone the events name, in order, with the changes of the clock around them."""
    names = sorted({event.zone for event in events if event.zone is not None})
    instants = [instant for event in events for instant in event.instants] if names else []
    for name in names:
        zone = vtimezone(name, min(instants) - _ZONE_MARGIN, max(instants) + _ZONE_MARGIN)
        yield str(zone.to_ical(sorted=False), "utf-8")
