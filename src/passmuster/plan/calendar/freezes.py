"""Freezes of a calendar: spans, recurring spans, the days around a month's end, and public holidays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from passmuster.errors import UnreadableInput
from passmuster.model.schedule import Binds, Freeze, RecurringWindow, Span
from passmuster.plan.calendar.local_times import Complaints, midnight, read_span, read_wall_clock
from passmuster.plan.calendar.values import Environment
from passmuster.plan.windows import expand

_DAY = timedelta(days=1)


def read_freezes(
    document: dict[str, Any], environments: tuple[Environment, ...], horizon: Span, complaints: Complaints
) -> tuple[Freeze, ...]:
    """The freezes of a document that touch the horizon, days in each environment's own zone."""
    found: list[Freeze] = []
    for index, item in enumerate(document.get("freezes", ())):
        place = f"freezes.{index} ({item['name']})"
        scope = in_scope(item, environments, place, complaints)
        before = len(complaints.lines)
        by_zone = {}
        for zone in dict.fromkeys(each.zone for each in scope):
            by_zone[zone] = list(_spans(item, zone, horizon, place, complaints))
            if len(complaints.lines) > before:
                break
        found += _joined(by_zone, scope, Binds(item.get("binds", "ours")), horizon)
    return tuple(found)


def in_scope(
    item: dict[str, Any], environments: tuple[Environment, ...], place: str, complaints: Complaints
) -> tuple[Environment, ...]:
    """The environments an item names by id, tier and stage; all where it names none."""
    known = {each.id for each in environments}
    for name in item.get("environments", ()):
        if name not in known:
            complaints.say(f"{place}.environments", f"{name!r} is none of the environments")
    tiers = {each.tier_name for each in environments}
    for name in item.get("tiers", ()):
        if name not in tiers:
            complaints.say(f"{place}.tiers", f"{name!r} is the tier of no environment")
    return tuple(
        each
        for each in environments
        if each.id in item.get("environments", (each.id,))
        and each.tier_name in item.get("tiers", (each.tier_name,))
        and each.stage in item.get("stages", (each.stage,))
    )


Named = tuple[str, Span]


def _joined(
    by_zone: dict[ZoneInfo, list[Named]], scope: tuple[Environment, ...], binds: Binds, horizon: Span
) -> list[Freeze]:
    """One freeze a span, for all environments that have it, by its start."""
    environments: dict[tuple[str, Span], list[str]] = {}
    for each in scope:
        for name, span in by_zone.get(each.zone, ()):
            if span.overlaps(horizon):
                environments.setdefault((name, span), []).append(each.id)
    ordered = sorted(environments.items(), key=lambda pair: (pair[0][1].start, pair[0][0], pair[1]))
    return [Freeze(tuple(names), span, binds, name) for (name, span), names in ordered]


def _spans(item: dict[str, Any], zone: ZoneInfo, horizon: Span, place: str, complaints: Complaints) -> Iterable[Named]:
    name = item["name"]
    if "holidays" in item:
        return _holidays(name, item["holidays"], zone, horizon, (place, complaints))
    if "month_end" in item:
        return _month_ends(name, item["month_end"], zone, horizon)
    if "rrule" in item:
        return _recurring(item, zone, horizon, place, complaints)
    span = read_span(item, zone, place, complaints)
    return [(name, span)] if span else []


def _recurring(item: dict[str, Any], zone: ZoneInfo, horizon: Span, place: str, complaints: Complaints) -> list[Named]:
    starts = read_wall_clock(item["starts"], f"{place}.starts", complaints)
    if starts is None:
        return []
    try:
        found = expand(RecurringWindow(item["name"], "", item["rrule"], starts, zone.key, item["minutes"]), horizon)
    except UnreadableInput as error:
        for line in str(error).splitlines():
            complaints.say(place, line.removeprefix(f"recurring window {item['name']}: "))
        return []
    return [(item["name"], each.span) for each in found]


def _days(horizon: Span) -> tuple[date, date]:
    # Two days more on either side than any zone is from UTC.
    return horizon.start.date() - 2 * _DAY, horizon.end.date() + 2 * _DAY


def _month_ends(name: str, item: dict[str, int], zone: ZoneInfo, horizon: Span) -> Iterator[Named]:
    first, last = _days(horizon)
    turn = first.replace(day=1)
    while turn <= last + 31 * _DAY:
        begin = turn - item.get("last_days", 0) * _DAY
        end = turn + item.get("first_days", 0) * _DAY
        if begin < end:
            yield name, Span(midnight(begin, zone), midnight(end, zone))
        turn = (turn + 31 * _DAY).replace(day=1)


def _holidays(
    name: str, item: dict[str, str], zone: ZoneInfo, horizon: Span, at: tuple[str, Complaints]
) -> list[Named]:
    place, complaints = at
    first, last = _days(horizon)
    country, subdivision = item["country"], item.get("subdivision")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision, years=range(first.year, last.year + 1))
    except NotImplementedError:
        supported = holidays.list_supported_countries().get(country)
        known = f"of {country} are known {', '.join(supported)}" if supported else "write a code such as DE"
        asked = f"{country}, {subdivision}" if subdivision else country
        complaints.say(f"{place}.holidays", f"the holidays of {asked} are not known; {known}")
        return []
    days = sorted(day for day in found if first <= day <= last)
    return [(f"{name}: {found[day]}", Span(midnight(day, zone), midnight(day + _DAY, zone))) for day in days]
