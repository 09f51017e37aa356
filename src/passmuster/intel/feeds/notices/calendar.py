"""The reader of a vendor's maintenance calendar (iCalendar, RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import icalendar
import recurring_ical_events
from icalendar import Calendar, Event
from icalendar.prop import vBroken

from passmuster.documents.icalendar_text import why_cut_short
from passmuster.documents.secrets import mask_secrets
from passmuster.errors import UnreadableInput
from passmuster.intel.feeds.interface import Document, ImportProblem, Reading
from passmuster.intel.feeds.notices.feed import refuse
from passmuster.intel.feeds.notices.values import read_kind
from passmuster.model.advisory import AffectedProduct, Notice, NoticeKind, Record, RecordKind

# The first word found in categories or summary decides; what nothing is said of is maintenance.
KIND_WORDS: Mapping[str, NoticeKind] = {
    "emergency": NoticeKind.EMERGENCY_CHANGE,
    "incident": NoticeKind.INCIDENT,
    "outage": NoticeKind.INCIDENT,
    "retire": NoticeKind.RETIREMENT,
    "end of life": NoticeKind.RETIREMENT,
    "sunset": NoticeKind.RETIREMENT,
    "deprecat": NoticeKind.DEPRECATION,
    "security": NoticeKind.SECURITY_FIX,
    "hotfix": NoticeKind.SECURITY_FIX,
    "patch": NoticeKind.SECURITY_FIX,
    "maintenance": NoticeKind.MAINTENANCE,
    "release": NoticeKind.RELEASE,
    "upgrade": NoticeKind.RELEASE,
    "update": NoticeKind.RELEASE,
}
_DAYS_BACK, _DAYS_AHEAD = 62, 400
_TOO_FINE = ("SECONDLY", "MINUTELY", "HOURLY")
_MOST_EVENTS, _MOST_SERIES, _MOST_OCCURRENCES = 20_000, 200, 2_000


@dataclass(frozen=True)
class CalendarFeed:
    """Events of a calendar as notices.

    `words` tell the kind by what stands in an event's categories or summary; `vendor` names who acts where the
    calendar itself does not; recurring events are expanded around `now`, else around the newest stamp in the file.
    """

    words: Mapping[str, NoticeKind] = field(default_factory=lambda: KIND_WORDS)
    vendor: str = ""
    now: datetime | None = None
    kind: str = "notice"

    def recognises(self, document: Document) -> bool:
        """Whether it begins a calendar."""
        return document.value is None and document.text[:200].lstrip("\ufeff \t\r\n").upper().startswith(
            "BEGIN:VCALENDAR"
        )

    def read(self, document: Document) -> Reading:
        """One record an event or occurrence; raises UnreadableInput with all complaints."""
        calendar = _parsed(document)
        complaints: list[str] = []
        problems: list[ImportProblem] = []
        records: list[Record] = []
        about = _About(calendar, self.words, self.vendor, _zone(calendar))
        groups = _by_uid(calendar, document.where, complaints)
        recurring = sum(any(_recurs(event) for event in events) for events in groups.values())
        if recurring > _MOST_SERIES:
            complaints.append(f"{document.where}: holds {recurring} recurring events, at most {_MOST_SERIES} are read")
        refuse(complaints)
        middle = self.now or _newest_stamp(groups)
        for uid, events in groups.items():
            records += _series(uid, events, about, middle, problems)
        if not records:
            problems.append(ImportProblem("no_events", "the calendar holds no event within the days that are read"))
        return Reading(tuple(records), tuple(problems))


@dataclass(frozen=True)
class _About:
    """What all events of one calendar share."""

    calendar: Calendar
    words: Mapping[str, NoticeKind]
    vendor: str
    zone: tzinfo


def _parsed(document: Document) -> Calendar:
    why = why_cut_short(document.text)
    if why:
        raise UnreadableInput(f"{document.where}: {why}")
    try:
        found = Calendar.from_ical(document.text.lstrip("\ufeff \t\r\n"), multiple=True)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableInput(
            f"{document.where}: is no calendar we can read: {str(error)[:200]}; export or fetch it again"
        ) from None
    calendars = [each for each in found if isinstance(each, Calendar)]
    if len(calendars) != 1:
        raise UnreadableInput(f"{document.where}: holds {len(calendars)} calendars; hand over one a file")
    if len(calendars[0].walk("VEVENT")) > _MOST_EVENTS:
        raise UnreadableInput(f"{document.where}: holds more than {_MOST_EVENTS} events; export a shorter time")
    return calendars[0]


def _zone(calendar: Calendar) -> tzinfo:
    """Of times without a zone and of whole days: what the calendar names, else UTC."""
    try:
        return ZoneInfo(str(calendar.get("X-WR-TIMEZONE", "UTC")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _by_uid(calendar: Calendar, where: str, complaints: list[str]) -> dict[str, list[Event]]:
    groups: dict[str, list[Event]] = {}
    events = [event for event in calendar.walk("VEVENT") if isinstance(event, Event)]
    for number, event in enumerate(events):
        place = f"{where}: event {number + 1}"
        uid = str(event.get("UID", ""))
        if not uid:
            complaints.append(f"{place}: UID: must be given; export the calendar again")
            continue
        broken = [f"{place} ({uid}): {name}: cannot be read; correct it" for name, each in _properties(event) if each]
        broken = broken or [
            f"{place} ({uid}): {name}: there is no time zone {zone!r}; name one such as Europe/Berlin"
            for name, zone in _unknown_zones(event)
        ]
        if broken:
            complaints += broken
            continue
        try:
            start = event.start
            if event.end < start:
                complaints.append(f"{place} ({uid}): ends before it starts; correct DTEND")
        except (icalendar.InvalidCalendar, icalendar.IncompleteComponent, ValueError, TypeError) as error:
            complaints.append(f"{place} ({uid}): {error}; correct DTSTART and DTEND")
            continue
        if _frequency(event) in _TOO_FINE:
            complaints.append(f"{place} ({uid}): RRULE: recurs more often than daily; no maintenance does")
            continue
        groups.setdefault(uid, []).append(event)
    return groups


def _properties(event: Event) -> Iterator[tuple[str, bool]]:
    """Each property's name, and whether its value is none of its kind."""
    for name, value in event.items():
        for each in value if isinstance(value, list) else [value]:
            yield str(name), isinstance(each, vBroken)


def _unknown_zones(event: Event) -> Iterator[tuple[str, str]]:
    for name in ("DTSTART", "DTEND"):
        moment = getattr(event.get(name), "dt", None)
        zone = getattr(event.get(name), "params", {}).get("TZID")
        if zone and isinstance(moment, datetime) and moment.tzinfo is None:
            yield name, str(zone)


def _recurs(event: Event) -> bool:
    return "RRULE" in event or "RDATE" in event


def _frequency(event: Event) -> str:
    rules = event.get("RRULE", {})
    found = [str(rule.get("FREQ", [""])[0]).upper() for rule in (rules if isinstance(rules, list) else [rules])]
    return next((word for word in found if word in _TOO_FINE), "")


def _newest_stamp(groups: Mapping[str, list[Event]]) -> datetime:
    """The newest time at which anything was written, else the latest start."""
    events = [event for group in groups.values() for event in group]
    stamps = [stamp for event in events if (stamp := _stamp(event))]
    starts = [_instant(event.start, UTC) for event in events]
    return max(stamps or starts, default=datetime(1970, 1, 1, tzinfo=UTC))


def _stamp(event: Event) -> datetime | None:
    for name in ("LAST-MODIFIED", "DTSTAMP"):
        moment = getattr(event.get(name), "dt", None)
        if isinstance(moment, datetime):
            return _instant(moment, UTC)
    return None


def _instant(moment: date, zone: tzinfo) -> datetime:
    """An instant in UTC; a day is its start, and what has no zone is in `zone`."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - the zone follows
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _series(
    uid: str, events: list[Event], about: _About, middle: datetime, problems: list[ImportProblem]
) -> Iterator[Record]:
    """The records of one UID: the event, or its occurrences around `middle`."""
    if len(events) == 1 and not _recurs(events[0]):
        yield _record(uid, events[0], about)
        return
    part = Calendar()
    for zone in about.calendar.walk("VTIMEZONE"):
        part.add_component(zone)
    for event in events:
        part.add_component(event)
    try:
        found = recurring_ical_events.of(part, skip_bad_series=False)
        span = (middle - timedelta(days=_DAYS_BACK), middle + timedelta(days=_DAYS_AHEAD))
        occurrences = sorted(found.between(*span), key=lambda event: _instant(event.start, about.zone))
    except (ValueError, TypeError, OverflowError, recurring_ical_events.BadRuleStringFormat) as error:
        problems.append(ImportProblem("rule_unreadable", f"its rule cannot be read: {str(error)[:200]}", uid))
        return
    if len(occurrences) > _MOST_OCCURRENCES:
        problems.append(ImportProblem("rule_endless", f"only the first {_MOST_OCCURRENCES} occurrences are kept", uid))
    lengths = {_first(event, about.zone): _length(event, about.zone) for event in events if "RECURRENCE-ID" in event}
    usual = next((_length(event, about.zone) for event in events if "RECURRENCE-ID" not in event), None)
    for event in occurrences[:_MOST_OCCURRENCES]:
        first = _first(event, about.zone)
        record = _record(f"{uid}@{first:%Y-%m-%dT%H:%M:%SZ}", event, about)
        length = lengths.get(first, usual)
        yield _lasting(record, length) if length is not None and isinstance(event.start, datetime) else record


def _first(event: Event, zone: tzinfo) -> datetime:
    """When an occurrence was to be by the rule, before anybody moved it."""
    named = event.get("RECURRENCE-ID")
    return _instant(named.dt if named is not None else event.start, zone)


def _length(event: Event, zone: tzinfo) -> timedelta:
    return _end(event, zone) - _instant(event.start, zone)


def _lasting(record: Record, length: timedelta) -> Record:
    """The record with an end that is `length` of elapsed time after its start.

    The library gives each occurrence the end by the clock, which is an hour off in a night the clocks change.
    """
    notice = record.notice
    if notice is None or notice.earliest_at is None:
        return record
    return replace(record, notice=replace(notice, latest_at=notice.earliest_at + length))


def _record(name: str, event: Event, about: _About) -> Record:
    summary, description = str(event.get("SUMMARY", "")), str(event.get("DESCRIPTION", ""))
    text = mask_secrets("\n\n".join(part for part in (summary, description) if part))
    categories = _categories(event)
    stamp = _stamp(event)
    start, end = _instant(event.start, about.zone), _end(event, about.zone)
    notice = Notice(
        kind=_kind(summary, categories, about.words),
        vendor=_vendor(event, about),
        platforms=tuple(name for name in categories if not _is_kind(name, about.words)),
        regions=tuple(part.strip() for part in str(event.get("LOCATION", "")).split(";") if part.strip()),
        announced_at=stamp,
        earliest_at=start,
        latest_at=end,
        text=text,
        source=str(event.get("URL", "")),
        revision=str(int(event.get("SEQUENCE", 0))),
    )
    is_cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
    return Record(
        kind=RecordKind.NOTICE,
        feed=notice.vendor,
        id=name,
        title=mask_secrets(summary)[:160] or f"{notice.kind.replace('_', ' ')} by {notice.vendor}",
        description=text,
        published_at=stamp,
        modified_at=stamp,
        withdrawn_at=(stamp or start) if is_cancelled else None,
        notice=notice,
        affected=tuple(AffectedProduct(vendor=notice.vendor, product=each) for each in notice.platforms),
        references=(notice.source,) if notice.source.startswith(("http://", "https://")) else (),
    )


def _end(event: Event, zone: tzinfo) -> datetime:
    """The end; a duration in hours is elapsed time, whatever the clocks do in between."""
    duration = getattr(event.get("DURATION"), "dt", None)
    if isinstance(duration, timedelta) and isinstance(event.start, datetime):
        return _instant(event.start, zone) + duration
    return _instant(event.end, zone)


def _categories(event: Event) -> list[str]:
    given = event.get("CATEGORIES", [])
    found = [str(name).strip() for each in (given if isinstance(given, list) else [given]) for name in each.cats]
    return [name for name in found if name]


def _is_kind(name: str, words: Mapping[str, NoticeKind]) -> bool:
    try:
        return read_kind(name) is not None
    except ValueError:
        return any(word in name.lower() for word in words)


def _kind(summary: str, categories: list[str], words: Mapping[str, NoticeKind]) -> NoticeKind:
    for name in categories:
        try:
            return read_kind(name)
        except ValueError:
            continue
    for text in (" ".join(categories).lower(), summary.lower()):
        for word, kind in words.items():
            if word in text:
                return kind
    return NoticeKind.MAINTENANCE


def _vendor(event: Event, about: _About) -> str:
    organizer = event.get("ORGANIZER")
    named = getattr(organizer, "params", {}).get("CN", "") if organizer is not None else ""
    return str(about.vendor or about.calendar.get("X-WR-CALNAME", "") or named or "calendar")
