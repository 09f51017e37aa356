"""What a plan that is kept to had handed out, told from the plan alone: enough to number changes and to cancel."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import icalendar

from passmuster.model.schedule import Problem, Span
from passmuster.report.plan_events import EventKind, uid_of
from passmuster.report.previous_calendar import DIGEST, KIND, Previous, Seen

_COUNTED_FROM = datetime(2020, 1, 1, tzinfo=UTC)


def previous_of_plan(document: Any, problem: Problem, *, revision: int | None, stamped_at: datetime) -> Previous:
    """The events of a `passmuster/plan@1` document, each numbered one below what its next change gets.

    A plan tells no event's own number: all have its `revision`, or where it has none all rise by the clock.
    `revision` is the new plan's.
    """
    plan = document if isinstance(document, dict) else {}
    by_clock = max(1, int((stamped_at - _COUNTED_FROM).total_seconds()))
    number = by_clock if revision is None else revision
    windows = {window.id: window.span for window in problem.windows}
    seen = {}
    for item in plan.get("placements") or ():
        job, end = item.get("job"), _time(item.get("completed_at"))
        if not isinstance(job, str) or end is None:
            continue
        kind = EventKind.VENDOR if item.get("window") is None else EventKind.JOB
        uid = uid_of(kind, job)
        span = windows.get(str(item.get("window")), Span(end, end))
        seen[uid] = Seen(number - 1, "", stamped_at, span.start, end, component=_component(uid, kind, job, span))
    return Previous(seen, first_sequence=number)


def _component(uid: str, kind: EventKind, job: str, span: Span) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", uid)
    event.add("categories", [kind.upper()])
    event.add("dtstart", span.start)
    if span.end > span.start:
        event.add("dtend", span.end)
    event.add("summary", job)
    event.add(KIND, str(kind))
    event.add(DIGEST, "")
    return event


def _time(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None
