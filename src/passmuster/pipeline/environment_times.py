"""Whether the windows and freezes of one environment can be planned with, and when they come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passmuster.errors import UnreadableInput
from passmuster.model.schedule import Span
from passmuster.plan.calendar.read import SCHEMA, read_calendar
from passmuster.plan.windows import expand

_WEEKS = 26


@dataclass(frozen=True)
class EnvironmentTimes:
    """The windows and freezes of one environment within a horizon, each in the order of its list."""

    window_spans: list[Span]
    freeze_spans: list[Span]


def check_environment_times(
    windows: list[dict[str, Any]], freezes: list[dict[str, Any]], *, time_zone: str, now: datetime
) -> None:
    """Raise UnreadableInput with every mistake, spelt as in `passmuster/calendar@1` but without `environments`."""
    read_environment_times(windows, freezes, time_zone=time_zone, now=now)


def read_environment_times(
    windows: list[dict[str, Any]],
    freezes: list[dict[str, Any]],
    *,
    time_zone: str,
    now: datetime,
    weeks: int = _WEEKS,
) -> EnvironmentTimes:
    """What they come to in so many weeks from `now`; raises UnreadableInput with every mistake."""
    name = "environment"
    document = {
        "schema": SCHEMA,
        "horizon": {"start": now.isoformat(), "weeks": weeks},
        "environments": [{"id": name, "stage": "prod", "timezone": time_zone}],
        "windows": [{**item, "environments": [name]} for item in _named(windows)],
        "freezes": [{**item, "environments": [name]} for item in _named(freezes)],
    }
    try:
        calendar = read_calendar(document, "calendar", as_of=None, files={})
        recurring = [each.span for rule in calendar.recurring for each in expand(rule, calendar.horizon)]
    except UnreadableInput as error:
        raise UnreadableInput(str(error).replace("calendar: ", "")) from None
    return EnvironmentTimes(
        [*(each.span for each in calendar.windows), *recurring], [each.span for each in calendar.freezes]
    )


def _named(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not all(isinstance(item, dict) for item in items):
        raise UnreadableInput("windows and freezes are lists of objects, like those of a calendar file")
    return items
