"""A plan as an RFC 5545 calendar: stable UIDs, SEQUENCE numbers that rise with changes, cancellations, time zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import icalendar

from passmuster.model.schedule import Plan, Problem
from passmuster.report.plan_events import EventChoice, EventKind, PlanEvent, plan_events
from passmuster.report.previous_calendar import DIGEST, KIND, NOTHING_BEFORE, Previous, Seen
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
    stream.write(calendar_text(plan_calendar(plan_events(problem, plan, choice), revision)))


def plan_calendar(events: Sequence[PlanEvent], revision: Revision) -> icalendar.Calendar:
    """The calendar of these events and of those handed out before that are no more.

    What has not changed keeps its SEQUENCE and stamp; what has gets the next one; what is gone is cancelled, unless
    it was over already.
    """
    calendar = _empty_calendar()
    calendar.add("method", "PUBLISH")
    components = event_components(events, revision)
    for zone in _zones(components):
        calendar.add_component(zone)
    for component in components.values():
        calendar.add_component(component)
    return calendar


def event_components(events: Sequence[PlanEvent], revision: Revision) -> dict[str, icalendar.Event]:
    """Each event's VEVENT by its UID: those of the plan, then the cancelled ones."""
    found = {event.uid: _component(event, revision) for event in events}
    for uid, seen in sorted(revision.previous.seen.items()):
        if uid not in found and (gone := _gone(seen, revision)) is not None:
            found[uid] = gone
    return found


def event_calendar(component: icalendar.Event) -> icalendar.Calendar:
    """One event as a calendar of its own, as a CalDAV server keeps it: with its zone and without a METHOD."""
    calendar = _empty_calendar()
    for zone in _zones({"": component}):
        calendar.add_component(zone)
    calendar.add_component(component)
    return calendar


def calendar_text(calendar: icalendar.Calendar) -> str:
    """The text of a calendar, lines ending in CR LF."""
    return str(calendar.to_ical(sorted=False), "utf-8")


def _empty_calendar() -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODID)
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _component(event: PlanEvent, revision: Revision) -> icalendar.Event:
    before = revision.previous.seen.get(event.uid)
    is_same = before is not None and before.digest == event.digest and not before.is_cancelled
    component = icalendar.Event()
    component.add("uid", event.uid)
    component.add("dtstamp", before.stamped_at if before and is_same else revision.stamped_at.astimezone(UTC))
    component.add("sequence", before.sequence + (not is_same) if before else revision.previous.first_sequence)
    component.add(
        "status", "CONFIRMED" if event.is_busy else "TENTATIVE" if event.kind == EventKind.VENDOR else "CONFIRMED"
    )
    component.add("transp", "OPAQUE" if event.is_busy else "TRANSPARENT")
    component.add("categories", [event.kind.upper()])
    _add_times(component, event)
    component.add("summary", event.summary)
    for name, text in (("location", event.location), ("description", event.description)):
        if text:
            component.add(name, text)
    component.add(KIND, str(event.kind))
    component.add(DIGEST, event.digest)
    for before_start in event.alarms:
        component.add_component(_alarm(event, before_start))
    return component


def _add_times(component: icalendar.Event, event: PlanEvent) -> None:
    zone = ZoneInfo(event.zone)
    moments = [moment.astimezone(zone) for moment in (event.start, event.end) if moment is not None]
    # A local time that exists twice is the first to some readers and the second to others.
    if event.zone == "UTC" or any(_is_doubled(moment) for moment in moments):
        moments = [moment.astimezone(UTC) for moment in moments]
    for name, moment in zip(("dtstart", "dtend"), moments, strict=False):
        component.add(name, moment.astimezone(UTC).date() if event.is_all_day else moment)


def _is_doubled(moment: datetime) -> bool:
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


def _alarm(event: PlanEvent, before_start: timedelta) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event.summary)
    alarm.add("trigger", -before_start)
    return alarm


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


def _zones(components: Mapping[str, icalendar.Event]) -> Iterable[icalendar.Timezone]:
    """A VTIMEZONE for each zone the events name, in order, with the changes of the clock around them."""
    moments: list[Any] = [
        component[name] for component in components.values() for name in ("DTSTART", "DTEND") if name in component
    ]
    names = sorted({str(moment.params["TZID"]) for moment in moments if "TZID" in moment.params})
    instants = [moment.dt.astimezone(UTC) for moment in moments if isinstance(moment.dt, datetime)]
    for name in names:
        yield vtimezone(name, min(instants) - _ZONE_MARGIN, max(instants) + _ZONE_MARGIN)
