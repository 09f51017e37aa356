"""Whether the windows and freezes of one environment can be planned with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from passmuster.errors import UnreadableInput
from passmuster.plan.calendar.read import SCHEMA, read_calendar

_WEEKS = 26


def check_environment_times(
    windows: list[dict[str, Any]], freezes: list[dict[str, Any]], *, time_zone: str, now: datetime
) -> None:
    """Raise UnreadableInput with every mistake, spelt as in `passmuster/calendar@1` but without `environments`."""
    name = "environment"
    document = {
        "schema": SCHEMA,
        "horizon": {"start": now.isoformat(), "weeks": _WEEKS},
        "environments": [{"id": name, "stage": "prod", "timezone": time_zone}],
        "windows": [{**item, "environments": [name]} for item in _named(windows)],
        "freezes": [{**item, "environments": [name]} for item in _named(freezes)],
    }
    try:
        read_calendar(document, "calendar", as_of=None, files={})
    except UnreadableInput as error:
        raise UnreadableInput(str(error).replace("calendar: ", "")) from None


def _named(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not all(isinstance(item, dict) for item in items):
        raise UnreadableInput("windows and freezes are lists of objects, like those of a calendar file")
    return items
