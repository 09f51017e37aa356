"""Changes that would let one job in beside all the others, and how small each is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from passmuster.model.schedule import Change, ChangeKind, Job, Span, Window
from passmuster.plan.room import Room
from passmuster.plan.timing import WEEK_US, from_us, to_us, week_name, week_of

_MOST_TRIES = 500
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Remedy:
    """What to change, and the window into which the job then goes."""

    changes: tuple[Change, ...]
    where: str
    end: datetime

    def size(self) -> tuple[int, int, bool, datetime]:
        """Fewer changes first, then fewer minutes, then no new window, then the earlier end."""
        is_new = any(change.kind is ChangeKind.WINDOW for change in self.changes)
        return len(self.changes), sum(change.minutes for change in self.changes), is_new, self.end


def remedy_in(room: Room, job: Job, window: Window) -> Remedy | None:
    """What would have to change for the job to fit into this window; None where more than minutes or freezes."""
    changes = [
        Change(ChangeKind.FREEZE, freeze.name or f"freezes.{index}", span=freeze.span)
        for index, freeze in room.freezes_over(job.environment, window.span)
    ]
    lacking = room.lacking_in(window, job)
    if window.minutes + lacking > (window.span.end - window.span.start) / timedelta(minutes=1):
        return None
    if lacking:
        changes.append(Change(ChangeKind.WINDOW_MINUTES, window.id, lacking, window.span))
    changes += _owner_minutes(room, job, window.span.start)
    return Remedy(tuple(changes), window.id, window.span.end)


def _owner_minutes(room: Room, job: Job, start: datetime) -> list[Change]:
    lacking = room.lacking_of_owner(job, start)
    return [Change(ChangeKind.OWNER_MINUTES, job.owner or "", lacking, Span(start, start))] if lacking else []


def new_window(room: Room, job: Job, between: Span, latest: datetime | None) -> Remedy | None:
    """The earliest new window that no freeze forbids, in a week in which the owner has time if there is one."""
    length = timedelta(minutes=max(job.minutes, 1))
    start, fallback = _whole_second(between.start), None
    for _ in range(_MOST_TRIES):
        span = Span(start, start + length)
        if span.end > between.end or (latest is not None and start > latest):
            break
        ends = [freeze.span.end for _, freeze in room.freezes_over(job.environment, span)]
        if ends:
            start = _whole_second(max(ends))
            continue
        added = Change(ChangeKind.WINDOW, job.environment, max(job.minutes, 1), span)
        owner = _owner_minutes(room, job, start)
        remedy = Remedy((added, *owner), f"a new window of {job.environment}", span.end)
        if not owner:
            return remedy
        fallback = fallback or remedy
        start = from_us(to_us(datetime(1970, 1, 5, tzinfo=start.tzinfo)) + (week_of(to_us(start)) + 1) * WEEK_US)
    return fallback


def _whole_second(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + _SECOND


def tell(changes: tuple[Change, ...]) -> str:
    """The changes in words."""
    return " and ".join(_words(change) for change in changes)


def _words(change: Change) -> str:
    if change.kind is ChangeKind.WINDOW and change.span is not None:
        between = f"from {spell(change.span.start)} to {spell(change.span.end)}"
        return f"another window of {change.minutes} minutes in {change.about}, such as {between}"
    if change.kind is ChangeKind.WINDOW_MINUTES:
        return f"{change.minutes} more minutes in window {change.about}"
    if change.kind is ChangeKind.OWNER_MINUTES and change.span is not None:
        return f"{change.minutes} more minutes of {change.about} in week {week_name(week_of(to_us(change.span.start)))}"
    if change.kind is ChangeKind.FREEZE and change.span is not None:
        return f"lifting the freeze {change.about} ({spell(change.span.start)} to {spell(change.span.end)})"
    return f"{change.kind} {change.about}"


def spell(moment: datetime) -> str:
    """The instant for people."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")
