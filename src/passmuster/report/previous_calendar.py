"""What was handed out before a plan changed: read from the calendar of that time, so that changes can be numbered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import icalendar

from passmuster.errors import UnreadableInput

KIND = "X-PASSMUSTER-KIND"
DIGEST = "X-PASSMUSTER-DIGEST"
_MOST_SEQUENCE = 2**31 - 2
# What the library raises on files that are broken.
_LIBRARY_ERRORS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, OSError)


@dataclass(frozen=True)
class Seen:
    """An event of ours as it was handed out last."""

    sequence: int
    digest: str
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool = False
    component: icalendar.Event | None = None

    @property
    def kind(self) -> str:
        """What it is about; empty where nobody knows."""
        return str(self.component.get(KIND, "")) if self.component is not None else ""


@dataclass(frozen=True)
class Previous:
    """The events handed out before by UID, and the SEQUENCE of events that are new."""

    seen: Mapping[str, Seen] = field(default_factory=dict)
    first_sequence: int = 0


NOTHING_BEFORE = Previous()


def read_previous(text: str, where: str) -> Previous:
    """The events of ours in a calendar; others are left alone. Raises UnreadableInput."""
    try:
        calendar = icalendar.Calendar.from_ical(text)
    except _LIBRARY_ERRORS as error:
        raise UnreadableInput(
            f"{where}: is no iCalendar file: {str(error)[:200]}; hand over the one made before"
        ) from None
    found = {}
    for event in calendar.walk("VEVENT"):
        seen = seen_event(event)
        if seen is not None:
            found[str(event["UID"])] = seen
    return Previous(found)


def seen_event(event: Any) -> Seen | None:
    """An event of ours as it was handed out; None where it is somebody else's or too broken to tell."""
    # Ours never recur.
    if KIND not in event or "UID" not in event or "RRULE" in event:
        return None
    start, end = _moment(event.get("DTSTART")), _moment(event.get("DTEND"))
    if start is None:
        return None
    try:
        sequence = min(max(0, int(event.get("SEQUENCE", 0))), _MOST_SEQUENCE)
    except (TypeError, ValueError):
        sequence = 0
    return Seen(
        sequence=sequence,
        digest=str(event.get(DIGEST, "")),
        stamped_at=_moment(event.get("DTSTAMP")) or start,
        starts_at=start,
        ends_at=end or start,
        is_cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
        component=event,
    )


def _moment(value: Any) -> datetime | None:
    moment = value.dt if isinstance(value, icalendar.vDDDTypes) else None
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    if isinstance(moment, date):
        return datetime.combine(moment + timedelta(days=0), time(), tzinfo=UTC)
    return None
