"""One event as the lines of a VEVENT (RFC 5545), written as text: a library takes a millisecond an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import icalendar

from passmuster.report.plan_events import EventKind, PlanEvent
from passmuster.report.previous_calendar import DIGEST, KIND

_MOST_OCTETS = 74
_END = "\r\n"


@dataclass(frozen=True)
class EventText:
    """A VEVENT, lines ending in CR LF, and what a calendar around it must know: the zone it names, its instants."""

    text: str
    sequence: int
    title: str
    kind: str
    zone: str | None
    instants: tuple[datetime, ...]


def event_text(event: PlanEvent, *, sequence: int, stamped_at: datetime) -> EventText:
    """The event as it is handed out with that number at that instant."""
    zone, moments = _local(event)
    lines = [
        "BEGIN:VEVENT",
        f"UID:{escaped(event.uid)}",
        f"DTSTAMP:{_utc(stamped_at)}",
        f"SEQUENCE:{sequence}",
        f"STATUS:{'TENTATIVE' if event.kind == EventKind.VENDOR and not event.is_busy else 'CONFIRMED'}",
        f"TRANSP:{'OPAQUE' if event.is_busy else 'TRANSPARENT'}",
        f"CATEGORIES:{event.kind.upper()}",
        *(f"{name}{spelled}" for name, spelled in zip(("DTSTART", "DTEND"), moments, strict=False)),
        f"SUMMARY:{escaped(event.summary)}",
    ]
    texts = (("LOCATION", event.location), ("DESCRIPTION", event.description))
    lines += [f"{name}:{escaped(text)}" for name, text in texts if text]
    lines += [f"{KIND}:{event.kind}", f"{DIGEST}:{event.digest}"]
    lines += [line for before in event.alarms for line in _alarm(event, before)]
    lines.append("END:VEVENT")
    instants = tuple(moment for moment in (event.start, event.end) if moment is not None)
    return EventText(folded(lines), sequence, event.summary, str(event.kind), zone, instants)


def _alarm(event: PlanEvent, before_start: timedelta) -> Iterator[str]:
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{escaped(event.summary)}"
    yield f"TRIGGER:{_duration(-before_start)}"
    yield "END:VALARM"


@cache
def _duration(length: timedelta) -> str:
    spelled: bytes = icalendar.vDuration(length).to_ical()  # type: ignore[no-untyped-call]
    return str(spelled, "ascii")


def _local(event: PlanEvent) -> tuple[str | None, list[str]]:
    """The zone that is named, and what follows the names of start and end: in the zone where that is unambiguous."""
    moments = [moment for moment in (event.start, event.end) if moment is not None]
    if event.is_all_day:
        return None, [f";VALUE=DATE:{moment.astimezone(UTC):%Y%m%d}" for moment in moments]
    if event.zone != "UTC":
        there = [moment.astimezone(ZoneInfo(event.zone)) for moment in moments]
        # A local time that exists twice is the first to some readers and the second to others.
        if not any(_is_doubled(moment) for moment in there):
            return event.zone, [f";TZID={event.zone}:{_stamp(moment)}" for moment in there]
    return None, [f":{_utc(moment)}" for moment in moments]


def _is_doubled(moment: datetime) -> bool:
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


def _utc(moment: datetime) -> str:
    return f"{_stamp(moment.astimezone(UTC))}Z"


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%S}"


def escaped(text: str) -> str:
    """A TEXT value; every kind of line end becomes the one that stands for it."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def folded(lines: Iterable[str]) -> str:
    """The lines, none longer than 75 octets; no character and no escape is cut in two."""
    return "".join(
        line + _END if line.isascii() and len(line) <= _MOST_OCTETS else _END.join(_pieces(line)) + _END
        for line in lines
    )


def _pieces(line: str) -> Iterator[str]:
    begin, octets, indent = 0, 0, ""
    for place, char in enumerate(line):
        size = len(char.encode("utf-8"))
        if octets + size > _MOST_OCTETS and place > begin:
            stop = place - 1 if line[place - 1] in "\\^" and place - begin > 1 else place
            yield indent + line[begin:stop]
            begin, octets, indent = stop, place - stop, " "
        octets += size
    yield indent + line[begin:]
