"""The calendar for other programs: a feed a person subscribes to, and a CalDAV collection that is kept in step."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from passmuster.application.access import Action, Actor, require
from passmuster.application.calendar.calendar import dated_entries
from passmuster.application.calendar.calendar_settings import CALDAV_URL, calendar_elsewhere
from passmuster.application.calendar.wanted import ALL, Wanted
from passmuster.errors import UsageError
from passmuster.model.dated import Dated, DatedKind
from passmuster.pipeline.feeding import Pushed, feed_text, push_entries

# Windows recur daily and tell nobody what to do; a subscriber asks for them.
USUAL = ALL - {DatedKind.WINDOW}
_BACK, _AHEAD = timedelta(days=30), timedelta(days=180)


def calendar_feed(actor: Actor, *, base_url: str, kinds: frozenset[DatedKind] = USUAL) -> str:
    """What the actor may see from a month back to half a year ahead, as an iCalendar text."""
    wanted = Wanted(actor.now - _BACK, actor.now + _AHEAD, kinds)
    return feed_text(_linked(dated_entries(actor, wanted).entries, base_url), now=actor.now)


def push_calendar(
    actor: Actor, *, base_url: str, environ: Mapping[str, str] | None = None, kinds: frozenset[DatedKind] = USUAL
) -> Pushed:
    """Make the CalDAV collection named by PASSMUSTER_CALDAV_URL hold the calendar of all platforms.

    The collection is this keeper's own: work of ours in it that is planned no more is cancelled. Raises NotAllowed,
    UsageError where no address is set, PassmusterError where the collection cannot be read.
    """
    require(actor, Action.VIEW)
    settings = os.environ if environ is None else environ
    url = calendar_elsewhere(settings)
    if not url:
        raise UsageError(f"{CALDAV_URL} names no collection; set it to the address of a calendar of its own")
    wanted = Wanted(actor.now - _BACK, actor.now + _AHEAD, kinds)
    entries = _linked(dated_entries(actor, wanted).entries, base_url)
    return push_entries(entries, url, settings, now=actor.now)


def _linked(entries: Iterable[Dated], base_url: str) -> Iterator[Dated]:
    for entry in entries:
        lines = [entry.detail, f"{base_url}{entry.link}" if entry.link else ""]
        yield replace(entry, detail="\n".join(filter(None, lines)))
