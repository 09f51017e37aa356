"""The windows and freezes of environments as dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from passmuster.errors import UnreadableInput
from passmuster.model.schedule import Freeze, Window
from passmuster.plan.calendar.read import read_calendar
from passmuster.plan.windows import expand


@dataclass(frozen=True)
class WindowDates:
    """Windows and freezes that touch the horizon; `problem` says why there are none, empty where they were read."""

    windows: Sequence[Window] = ()
    freezes: Sequence[Freeze] = ()
    problem: str = ""


def window_dates(document: Any) -> WindowDates:
    """Expand a `passmuster/calendar@1` document over its horizon."""
    try:
        calendar = read_calendar(document, "environment", as_of=None, files={})
        recurring = [window for rule in calendar.recurring for window in expand(rule, calendar.horizon)]
    except UnreadableInput as error:
        return WindowDates(problem=str(error))
    single = [window for window in calendar.windows if window.span.overlaps(calendar.horizon)]
    freezes = [freeze for freeze in calendar.freezes if freeze.span.overlaps(calendar.horizon)]
    return WindowDates([*single, *recurring], freezes)
