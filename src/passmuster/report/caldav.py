"""Pushing a plan to a CalDAV collection: events of ours are put, cancelled and removed, others are never touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from passmuster.errors import UnreadableInput
from passmuster.report.caldav_client import CollectionClient, Refused
from passmuster.report.event_text import EventText
from passmuster.report.ics import Revision, event_calendar, event_texts
from passmuster.report.plan_events import ALL_KINDS, EventKind, PlanEvent
from passmuster.report.previous_calendar import Previous, Seen, read_previous

_PREFIX, _SUFFIX = "passmuster-", ".ics"
_CANCELLED_KINDS = (EventKind.JOB, EventKind.VENDOR)


@dataclass(frozen=True)
class Pushed:
    """What a push did, by what it was about; `problems` are events the server did not take, and why."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Step:
    """One request to make: `what` is the list of Pushed it counts in."""

    what: str
    name: str
    title: str
    etag: str | None
    text: str | None


@dataclass(frozen=True)
class _OnServer:
    seen: Seen
    name: str
    etag: str


def push(
    client: CollectionClient,
    events: Sequence[PlanEvent],
    *,
    stamped_at: datetime,
    kinds: frozenset[EventKind] = ALL_KINDS,
    progress: Callable[[str], None] = lambda _text: None,
) -> Pushed:
    """Make the collection hold these events, which are all there are of `kinds`; a second push changes nothing.

    Work that is no longer planned is cancelled, windows, freezes and deadlines are removed; what is over stays.
    Raises UnreadableInput where the collection cannot be read; what it refuses of single events is in `problems`.
    """
    there = {uid: each for uid, each in _on_server(client).items() if each.seen.kind in kinds}
    steps, unchanged = _steps(events, there, stamped_at)
    done: dict[str, list[str]] = {}
    problems = []
    for number, step in enumerate(steps, 1):
        progress(f"{number} of {len(steps)}: {step.title}")
        try:
            _take(client, step)
            done.setdefault(step.what, []).append(step.title)
        except Refused as refused:
            problems.append(f"{step.title}: {refused}")
    lists = {name: tuple(done.get(name, ())) for name in ("added", "changed", "cancelled", "removed")}
    return Pushed(**lists, unchanged=unchanged, problems=tuple(problems))


def _take(client: CollectionClient, step: _Step) -> None:
    if step.text is not None:
        client.put(step.name, step.text, etag=step.etag)
    elif step.etag is not None:
        client.delete(step.name, etag=step.etag)


def _on_server(client: CollectionClient) -> dict[str, _OnServer]:
    """Our events in the collection by UID: named as we name them, and marked as ours inside."""
    names = [name for name in client.list_names() if name.startswith(_PREFIX) and name.endswith(_SUFFIX)]
    found = {}
    for name, resource in client.fetch(names).items():
        try:
            previous = read_previous(resource.text, name)
        except UnreadableInput:
            continue
        for uid, seen in previous.seen.items():
            if name_of(uid) == name:
                found[uid] = _OnServer(seen, name, resource.etag)
    return found


def name_of(uid: str) -> str:
    """What an event's resource is called in the collection."""
    return f"{_PREFIX}{uid.partition('@')[0]}{_SUFFIX}"


def _steps(events: Sequence[PlanEvent], there: dict[str, _OnServer], stamped_at: datetime) -> tuple[list[_Step], int]:
    by_uid = {event.uid: event for event in events}
    seen = {uid: _as_it_is(each.seen, by_uid.get(uid)) for uid, each in there.items()}
    steps = []
    unchanged = 0
    for uid, text in event_texts(events, Revision(stamped_at, Previous(seen))).items():
        step = _step(uid, text, there.get(uid), is_wanted=uid in by_uid)
        if step is None:
            unchanged += 1
        else:
            steps.append(step)
    return steps, unchanged


def _as_it_is(seen: Seen, event: PlanEvent | None) -> Seen:
    """What the server has; moved by somebody's hand, it no longer counts as what was handed out."""
    is_moved = event is not None and (seen.starts_at, seen.ends_at) != (event.start, event.end or event.start)
    return replace(seen, digest="") if is_moved else seen


def _step(uid: str, event: EventText, there: _OnServer | None, *, is_wanted: bool) -> _Step | None:
    """What has to be asked of the server for one event; None where it is as it should be."""
    if there is None:
        return _Step("added", name_of(uid), event.title, None, event_calendar(event))
    if event.sequence == there.seen.sequence:
        return None
    if is_wanted:
        return _Step("changed", there.name, event.title, there.etag, event_calendar(event))
    if event.kind in _CANCELLED_KINDS:
        return _Step("cancelled", there.name, event.title, there.etag, event_calendar(event))
    return _Step("removed", there.name, event.title, there.etag, None)
