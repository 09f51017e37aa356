"""Changes that would let one job in beside all the others, and how small each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from passmuster.model.schedule import Change, ChangeKind, Job, Span
from passmuster.plan.room import Room, Spot
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


def smallest_in(room: Room, job: Job, spots: Sequence[Spot]) -> Remedy | None:
    """The smallest change after which the job fits into one of these windows; None where no minutes would do."""
    sized = ((size, spot) for spot in spots if (size := _size_in(room, job, spot)) is not None)
    best = min(sized, key=lambda pair: pair[0], default=None)
    return _remedy_in(room, job, best[1]) if best else None


def _size_in(room: Room, job: Job, spot: Spot) -> tuple[int, int, bool, datetime] | None:
    """`Remedy.size` of what would have to change, without the words."""
    lacking = room.lacking_in(spot.window, job)
    if lacking and spot.window.minutes + lacking > spot.most_minutes:
        return None
    tired = room.lacking_of_owner(job, spot.week)
    return len(spot.freezes) + (lacking > 0) + (tired > 0), lacking + tired, False, spot.window.span.end


def _remedy_in(room: Room, job: Job, spot: Spot) -> Remedy:
    window, lacking = spot.window, room.lacking_in(spot.window, job)
    changes = [
        Change(ChangeKind.FREEZE, freeze.name or f"freezes.{index}", span=freeze.span) for index, freeze in spot.freezes
    ]
    if lacking:
        changes.append(Change(ChangeKind.WINDOW_MINUTES, window.id, lacking, window.span))
    changes += _owner_minutes(room, job, window.span.start)
    return Remedy(tuple(changes), window.id, window.span.end)


def _owner_minutes(room: Room, job: Job, start: datetime) -> list[Change]:
    lacking = room.lacking_of_owner(job, week_of(to_us(start)))
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
        week = week_of(to_us(start))
        if not room.lacking_of_owner(job, week):
            return _opened(room, job, span)
        fallback = fallback or span
        start = from_us(to_us(datetime(1970, 1, 5, tzinfo=start.tzinfo)) + (week + 1) * WEEK_US)
    return _opened(room, job, fallback) if fallback else None


def _opened(room: Room, job: Job, span: Span) -> Remedy:
    added = Change(ChangeKind.WINDOW, job.environment, max(job.minutes, 1), span)
    owner = _owner_minutes(room, job, span.start)
    return Remedy((added, *owner), f"a new window of {job.environment}", span.end)


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
