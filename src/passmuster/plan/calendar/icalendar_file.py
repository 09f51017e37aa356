"""Events of an iCalendar file within a span: recurring ones expanded, cancelled ones left out, all with instants."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from passmuster.documents.icalendar_text import why_cut_short
from passmuster.errors import UnreadableInput
from passmuster.model.schedule import Span
from passmuster.plan.calendar.local_times import midnight
from passmuster.plan.rules import SUB_DAILY

_MOST_EVENTS = 10_000
_MOST_TIMES_A_DAY = 24
_BY_CLOCK = ("BYHOUR", "BYMINUTE", "BYSECOND")
_MOST_TEXT = 200
_MARGIN = timedelta(days=2)
# What the libraries raise on files that are broken.
_LIBRARY_ERRORS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, OSError)


@dataclass(frozen=True)
class Event:
    """One occurrence. `id` is the UID, with the time it recurs at where it does; `is_all_day`: only days are told."""

    id: str
    title: str
    span: Span
    is_all_day: bool = False


def read_events(text: str, horizon: Span, *, zone: ZoneInfo | None) -> tuple[Event, ...]:
    """The events that touch `horizon`, by start.

    `zone` reads days and times that name no zone. Raises UnreadableInput where the file is no calendar, an event of
    it cannot be read or needs a zone nobody gave, or recurs without bounds.
    """
    why = why_cut_short(text)
    if why:
        raise UnreadableInput(f"is no iCalendar file: it {why}")
    try:
        # The library warns of zones whose names it has to guess, to nobody who could do anything about it.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(text, horizon, zone)
    except _LIBRARY_ERRORS as error:
        raise UnreadableInput(f"is no iCalendar file that can be read: {str(error)[:_MOST_TEXT]}") from None


def _read(text: str, horizon: Span, zone: ZoneInfo | None) -> tuple[Event, ...]:
    calendar = icalendar.Calendar.from_ical(text)
    if not isinstance(calendar, icalendar.Calendar):
        raise UnreadableInput("is no iCalendar file: it does not begin with BEGIN:VCALENDAR")
    for event in list(calendar.walk("VEVENT")):
        # One of a series is needed to tell that it does not take place.
        if _is_cancelled(event) and "RECURRENCE-ID" not in event:
            calendar.subcomponents.remove(event)
    complaints = [line for event in calendar.walk("VEVENT") for line in _complaints(event, zone)]
    if complaints:
        raise UnreadableInput("\n".join(dict.fromkeys(complaints)))
    found = recurring_ical_events.of(calendar).between(horizon.start - _MARGIN, horizon.end + _MARGIN)
    if len(found) > _MOST_EVENTS:
        raise UnreadableInput(f"has more than {_MOST_EVENTS} events in the horizon; hand over a smaller calendar")
    repeating = {str(event.get("UID", "")) for event in calendar.walk("VEVENT") if "RRULE" in event or "RDATE" in event}
    events = [
        _event(event, zone, is_repeated=str(event.get("UID", "")) in repeating)
        for event in found
        if not _is_cancelled(event)
    ]
    kept = [event for event in events if event.span.overlaps(horizon)]
    return tuple(sorted(kept, key=lambda event: (event.span.start, event.id)))


def _is_cancelled(event: Any) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


def _name(event: Any) -> str:
    return f"event {str(event.get('SUMMARY') or event.get('UID') or 'without a name')[:80]!r}"


def _complaints(event: Any, zone: ZoneInfo | None) -> list[str]:
    found = []
    for key in ("DTSTART", "DTEND"):
        given = event.get(key)
        if given is None and key == "DTEND":
            continue
        moment = given.dt if isinstance(given, icalendar.vDDDTypes) else None
        if not isinstance(moment, date):
            found.append(f"{_name(event)}: {key}: is missing or cannot be read")
        elif isinstance(moment, datetime) and not moment.tzinfo and given.params.get("TZID"):
            named = str(given.params["TZID"])[:80]
            found.append(f"{_name(event)}: {key}: the zone {named!r} is not known and not described in the file")
        elif zone is None and not (isinstance(moment, datetime) and moment.tzinfo):
            found.append(f"{_name(event)}: {key}: names no zone; add `timezone` to this entry of vendor_calendars")
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        found += _rule_complaints(event, rule)
    return found


def _rule_complaints(event: Any, rule: Any) -> list[str]:
    if not isinstance(rule, icalendar.vRecur) or not rule.get("FREQ"):
        return [f"{_name(event)}: RRULE: cannot be read"]
    freq = str(rule["FREQ"][0]).upper()
    times = 1
    for part in _BY_CLOCK:
        times *= max(1, len(rule.get(part) or []))
    if freq in SUB_DAILY or times > _MOST_TIMES_A_DAY:
        return [f"{_name(event)}: RRULE: comes more often than {_MOST_TIMES_A_DAY} times a day; take it out"]
    if not all(re.fullmatch(r"[1-9]\d{0,5}", str(number)) for number in rule.get("INTERVAL") or [1]):
        return [f"{_name(event)}: RRULE: INTERVAL is not a whole number from 1"]
    return []


def _event(event: Any, zone: ZoneInfo | None, *, is_repeated: bool) -> Event:
    start, end = event["DTSTART"].dt, (event["DTEND"].dt if "DTEND" in event else None)
    is_all_day = not isinstance(start, datetime)
    begin = _instant(start, zone)
    finish = _instant(end, zone) if end is not None else begin
    if isinstance(start, datetime) and isinstance(end, datetime) and not _exists(start):
        # The library ends an event that starts in a gap by the clock on the wall, and so an hour early.
        finish = begin + (end.replace(tzinfo=None) - start.replace(tzinfo=None))
    if is_all_day and finish <= begin:
        finish = _instant(start + timedelta(days=1), zone)
    recurrence = event.get("RECURRENCE-ID")
    name = str(event.get("UID") or event.get("SUMMARY") or "event")
    if is_repeated and recurrence is not None:
        name += f"@{_instant(recurrence.dt, zone):%Y-%m-%dT%H:%M:%SZ}"
    # An event without a length is over at once, but it happens.
    finish = max(finish, begin + timedelta(minutes=1))
    return Event(name, str(event.get("SUMMARY", ""))[:_MOST_TEXT], Span(begin, finish), is_all_day)


def _exists(moment: datetime) -> bool:
    return moment.tzinfo is None or moment.astimezone(UTC).astimezone(moment.tzinfo) == moment


def _instant(moment: date, zone: ZoneInfo | None) -> datetime:
    local_zone = zone or ZoneInfo("UTC")
    if not isinstance(moment, datetime):
        return midnight(moment, local_zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=local_zone)).astimezone(UTC)
