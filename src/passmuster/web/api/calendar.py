"""Everything with a date, as entries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ninja import Query
from pydantic import BaseModel

from passmuster.application.access import Action
from passmuster.application.asking import ask_for_calendar_push
from passmuster.application.calendar.calendar import dated_entries
from passmuster.application.calendar.wanted import Wanted
from passmuster.model.dated import DatedKind
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.messages import WorkTold
from passmuster.web.api.paging import refuse_unknown
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Instant, Slug, Told

calendar = Topic("calendar")
TOPICS = (calendar,)
_USUAL = timedelta(days=92)


class EntryTold(Told):
    """One entry; `names` tell it apart from all others of its kind for good; `end` null: an instant."""

    kind: DatedKind
    names: list[str]
    title: str
    start: Instant
    end: Instant | None
    is_all_day: bool
    detail: str
    where: str
    link: str
    zone: str
    is_vendors: bool


class CalendarTold(Told):
    """Entries by start, and what could not be read."""

    entries: list[EntryTold]
    problems: list[str]


class SpanAsked(BaseModel):
    """From when (null: now) to when (null: 92 days on; a span is cut to 400 days), of one kind or platform or all."""

    start: Instant | None = None
    end: Instant | None = None
    kind: DatedKind | None = None
    platform: Slug | None = None


@calendar.does("/calendar/push", Action.MANAGE_PROGRAMME, WorkTold, status=202)
def push_calendar(request: ApiRequest) -> Any:
    """Have the calendar pushed to the CalDAV collection that is set up, in the background."""
    return ask_for_calendar_push(request.auth)


@calendar.reads("/calendar", Action.VIEW, CalendarTold)
def show_calendar(request: ApiRequest, asked: Query[SpanAsked]) -> Any:
    """Reviews, windows, freezes, changes, deadlines and expiries of the platforms one sees."""
    return _entries(request, asked)


@calendar.reads("/asked-calendar", Action.ANSWER_VENDOR_REQUEST, CalendarTold)
def show_asked_calendar(request: ApiRequest, asked: Query[SpanAsked]) -> Any:
    """For a vendor's contact: by when what is asked of the vendor is to be answered, and when it was."""
    return _entries(request, asked)


def _entries(request: ApiRequest, asked: SpanAsked) -> Any:
    refuse_unknown(request, SpanAsked.model_fields)
    start = asked.start or request.auth.now
    kinds = frozenset({asked.kind}) if asked.kind else frozenset(DatedKind)
    end = asked.end or start + _USUAL
    return dated_entries(request.auth, Wanted(start, end, kinds, asked.platform or ""))
