"""Vendors' calendars (iCalendar) as dates on which they act, or as freezes of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from passmuster.errors import UnreadableInput
from passmuster.model.schedule import Binds, Freeze, Span
from passmuster.plan.calendar.freezes import in_scope
from passmuster.plan.calendar.icalendar_file import Event, read_events
from passmuster.plan.calendar.local_times import Complaints, zone_named
from passmuster.plan.calendar.values import Environment, VendorDate


def read_vendor_calendars(
    document: dict[str, Any],
    environments: tuple[Environment, ...],
    horizon: Span,
    files: Mapping[str, str],
    complaints: Complaints,
) -> tuple[tuple[Freeze, ...], tuple[VendorDate, ...]]:
    """The freezes and the vendors' dates of the calendars a document names, of those whose text is there."""
    freezes: list[Freeze] = []
    dates: list[VendorDate] = []
    for index, item in enumerate(document.get("vendor_calendars", ())):
        place = f"vendor_calendars.{index} ({item['file']})"
        names = tuple(each.id for each in in_scope(item, environments, place, complaints))
        zone = zone_named(item["timezone"]) if "timezone" in item else None
        if "timezone" in item and zone is None:
            complaints.say(f"{place}.timezone", f"{item['timezone']!r} is no time zone that is known")
        if item["file"] not in files:
            continue
        for event in _events(files[item["file"]], zone, horizon, place, complaints):
            if item["as"] == "freezes":
                binds = Binds(item.get("binds", "ours"))
                freezes.append(Freeze(names, event.span, binds, event.title or item["file"]))
            else:
                dates.append(VendorDate(event.id, event.title, names, event.span, float(item.get("weight", 0))))
    return tuple(freezes), tuple(dates)


def _events(text: str, zone: ZoneInfo | None, horizon: Span, place: str, complaints: Complaints) -> tuple[Event, ...]:
    try:
        return read_events(text, horizon, zone=zone)
    except UnreadableInput as error:
        for line in str(error).splitlines():
            complaints.say(place, line)
        return ()
