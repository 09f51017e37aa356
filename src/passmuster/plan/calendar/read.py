"""Reading `passmuster/calendar@1`: every mistake at once, each with its place and mend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from passmuster.controls.complaints import schema_complaints
from passmuster.errors import UnreadableInput
from passmuster.model.schedule import Owner, RecurringWindow, Span, Window
from passmuster.plan.calendar.freezes import read_freezes
from passmuster.plan.calendar.local_times import Complaints, read_instant, read_span, read_wall_clock, zone_named
from passmuster.plan.calendar.tiers import DEFAULT_TIER, read_tier
from passmuster.plan.calendar.values import Calendar, Environment, Stage
from passmuster.plan.calendar.vendor_dates import read_vendor_calendars
from passmuster.plan.windows import expand

SCHEMA = "passmuster/calendar@1"
_MOST_COMPLAINTS = 50
# Stands in for a start that cannot be read, so that the rest of the file is looked at too.
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def read_calendar(document: Any, where: str, *, as_of: datetime | None, files: Mapping[str, str]) -> Calendar:
    """The calendar of a parsed document; raises UnreadableInput with every mistake in it.

    `as_of` is the start of a horizon that names none; `files` are the texts of the vendors' calendars, by name.
    """
    wrong = schema_complaints("calendar", document, where)
    if wrong:
        raise UnreadableInput(_together(wrong))
    complaints = Complaints(where)
    home = _zone(document.get("timezone", "UTC"), "timezone", complaints)
    horizon = _horizon(document["horizon"], as_of, home, complaints)
    environments = _environments(document, home, complaints)
    single, recurring = _windows(document, environments, horizon, complaints)
    freezes, vendor_dates = read_vendor_calendars(document, environments, horizon, files, complaints)
    calendar = Calendar(
        horizon=horizon,
        environments=environments,
        owners=tuple(Owner(item["id"], item["minutes_per_week"]) for item in document.get("owners", ())),
        windows=single,
        recurring=recurring,
        freezes=(*read_freezes(document, environments, horizon, complaints), *freezes),
        vendor_dates=vendor_dates,
        late_factor=float(document.get("late_factor", 0)),
        window_cost=float(document.get("window_cost", 0)),
        move_cost=float(document.get("move_cost", 0)),
    )
    if complaints.lines:
        raise UnreadableInput(_together(complaints.lines))
    return calendar


def vendor_files(document: Any) -> tuple[str, ...]:
    """The names of the iCalendar files a document asks for, as far as they can be read."""
    found = document.get("vendor_calendars") if isinstance(document, dict) else None
    items = found if isinstance(found, list) else ()
    names = [item.get("file") for item in items if isinstance(item, dict)]
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))


def _together(lines: list[str]) -> str:
    lines = list(dict.fromkeys(lines))
    rest = len(lines) - _MOST_COMPLAINTS
    return "\n".join([*lines[:_MOST_COMPLAINTS], *([f"... and {rest} more mistakes"] if rest > 0 else [])])


def _zone(name: str, place: str, complaints: Complaints) -> ZoneInfo:
    zone = zone_named(name)
    if zone is None:
        complaints.say(place, f"{name!r} is no time zone that is known; write a name such as Europe/Berlin")
    return zone or ZoneInfo("UTC")


def _horizon(item: dict[str, Any], as_of: datetime | None, home: ZoneInfo, complaints: Complaints) -> Span:
    start = as_of
    if "start" in item:
        start = read_instant(item["start"], home, "horizon.start", complaints)
    elif as_of is None:
        complaints.say("horizon", "start must be given, as the decisions do not say for when they were taken")
    start = start or _ANY_TIME
    return Span(start, start + timedelta(weeks=item["weeks"]))


def _environments(document: dict[str, Any], home: ZoneInfo, complaints: Complaints) -> tuple[Environment, ...]:
    tiers = {name: read_tier(item) for name, item in document.get("tiers", {}).items()}
    owners = _names(document.get("owners", ()), "owners", complaints)
    names = _names(document["environments"], "environments", complaints)
    found = []
    for index, item in enumerate(document["environments"]):
        place = f"environments.{index} ({item['id']})"
        tier_name = item.get("tier", "")
        if tier_name and tier_name not in tiers:
            complaints.say(f"{place}.tier", f"{tier_name!r} is none of the tiers; known are {_listed(tiers)}")
        if item.get("owner") and item["owner"] not in owners:
            complaints.say(f"{place}.owner", f"{item['owner']!r} is none of the owners; known are {_listed(owners)}")
        if item.get("after") and item["after"] not in names:
            complaints.say(f"{place}.after", f"{item['after']!r} is none of the environments")
        match = item.get("match", {})
        found.append(
            Environment(
                id=item["id"],
                stage=Stage(item["stage"]),
                tier=tiers.get(tier_name) or tiers.get("default", DEFAULT_TIER),
                zone=_zone(item["timezone"], f"{place}.timezone", complaints) if "timezone" in item else home,
                tier_name=tier_name or "default",
                owner=item.get("owner"),
                after=item.get("after"),
                environment_globs=tuple(match.get("environments", ())),
                component_globs=tuple(match.get("components", ())),
            )
        )
    _refuse_circles({each.id: each.after for each in found}, complaints)
    return tuple(found)


def _names(items: Any, key: str, complaints: Complaints) -> set[str]:
    seen: set[str] = set()
    for index, item in enumerate(items):
        if item["id"] in seen:
            complaints.say(f"{key}.{index}", f"the id {item['id']!r} is given twice; give each its own")
        seen.add(item["id"])
    return seen


def _listed(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"


def _refuse_circles(after: dict[str, str | None], complaints: Complaints) -> None:
    for start in sorted(after):
        path = [start]
        while (step := after.get(path[-1])) is not None and step not in path:
            path.append(step)
        # Each circle is told once: from its first name.
        if step == start and start == min(path):
            complaints.say("environments", f"wait for each other: {' after '.join([*path, start])}; take one away")


def _windows(
    document: dict[str, Any], environments: tuple[Environment, ...], horizon: Span, complaints: Complaints
) -> tuple[tuple[Window, ...], tuple[RecurringWindow, ...]]:
    single: list[Window] = []
    recurring: list[RecurringWindow] = []
    items = document.get("windows", ())
    _names(items, "windows", complaints)
    known = {each.id: each for each in environments}
    for index, item in enumerate(items):
        place = f"windows.{index} ({item['id']})"
        for name in item["environments"]:
            if name not in known:
                complaints.say(f"{place}.environments", f"{name!r} is none of the environments")
                continue
            zone = known[name].zone
            if "timezone" in item:
                zone = _zone(item["timezone"], f"{place}.timezone", complaints)
            window_id = item["id"] if len(item["environments"]) == 1 else f"{item['id']}/{name}"
            at = place, complaints
            if "rrule" in item:
                recurring += _expandable(_recurring(item, window_id, name, zone, at), horizon, at)
            else:
                single += _single(item, window_id, name, zone, at)
    return tuple(single), tuple(recurring)


def _recurring(
    item: dict[str, Any], window_id: str, environment: str, zone: ZoneInfo, at: tuple[str, Complaints]
) -> Iterator[RecurringWindow]:
    place, complaints = at
    starts = read_wall_clock(item["starts"], f"{place}.starts", complaints)
    if starts is None:
        return
    yield RecurringWindow(window_id, environment, item["rrule"], starts, zone.key, item["minutes"])


def _expandable(
    windows: Iterator[RecurringWindow], horizon: Span, at: tuple[str, Complaints]
) -> Iterator[RecurringWindow]:
    place, complaints = at
    for window in windows:
        try:
            expand(window, horizon)
            yield window
        except UnreadableInput as error:
            for line in str(error).splitlines():
                complaints.say(place, line.removeprefix(f"recurring window {window.id}: "))


def _single(
    item: dict[str, Any], window_id: str, environment: str, zone: ZoneInfo, at: tuple[str, Complaints]
) -> Iterator[Window]:
    place, complaints = at
    span = read_span(item, zone, place, complaints)
    if span is None:
        return
    length = int((span.end - span.start).total_seconds() // 60)
    minutes = item.get("minutes", length)
    if minutes > length:
        complaints.say(place, f"has {minutes} minutes but is only {length} long; lower minutes or move its end")
    yield Window(window_id, environment, span, minutes)
