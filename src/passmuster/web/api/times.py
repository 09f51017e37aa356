"""Windows, freezes and cadences, in plain words or as rules, with the dates they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, time
from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import Field, StringConstraints

from passmuster.application.access import Action
from passmuster.application.programme import plain_times as plain
from passmuster.application.programme.plain_cadence import (
    CadenceOn,
    PlainCadence,
    cadence_rule,
    plain_cadence,
    plain_cadence_complaints,
)
from passmuster.application.programme.plain_rules import Recurrence, Repeats
from passmuster.application.programme.windows_and_freezes import FREEZES, WINDOWS, drop_time, put_time
from passmuster.application.reviews.reviewing import set_cadence
from passmuster.errors import PassmusterError, UsageError
from passmuster.model.schedule import Binds
from passmuster.pipeline.next_times import next_freezes, next_windows
from passmuster.records.models import Environment, Platform
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.paging import on_platforms
from passmuster.web.api.programme import platform_shown
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Day, Flag, Id, Slug, Told, Whole, Word
from passmuster.web.cadence_form import cadence_told

times = Topic("windows and freezes")
TOPICS = (times,)
_MANY = 5
Weekday = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Name = Annotated[Word, Field(min_length=1, max_length=200)]


class PlainWindowAsked(Asked):
    """A window in plain words: how often, from which day on, when it starts (local time), how many minutes it lasts."""

    name: Name
    repeats: Repeats
    every: Annotated[Whole, Field(ge=1, le=99)] = 1
    weekdays: Annotated[list[Weekday], Field(max_length=7)] = Field(default_factory=list)
    month_days: Annotated[list[Whole], Field(max_length=31)] = Field(default_factory=list)
    ordinal: Whole = 1
    until: Day | None = None
    rule: Annotated[Word, Field(max_length=300)] = ""
    from_day: Day
    start: Clock
    minutes: Whole

    def item(self, zone: str) -> dict[str, Any]:
        """As a calendar file spells it; raises UsageError with all that is wrong."""
        often = Recurrence(
            self.repeats,
            every=self.every,
            weekdays=tuple(self.weekdays),
            month_days=tuple(self.month_days),
            ordinal=self.ordinal,
            until=self.until,
            rule=self.rule,
        )
        window = plain.PlainWindow(self.name, often, self.from_day, time.fromisoformat(self.start), self.minutes)
        _refuse(plain.window_complaints(window))
        return plain.window_item(window, zone)


class PlainFreezeAsked(Asked):
    """A freeze in plain words: from day to day, around each month's end, or on public holidays."""

    name: Name
    kind: plain.FreezeKind = plain.FreezeKind.DAYS
    binds: Binds = Binds.OURS
    first: Day | None = None
    last: Day | None = None
    last_days: Whole = 0
    first_days: Whole = 0
    country: Annotated[Word, Field(max_length=10)] = ""
    subdivision: Annotated[Word, Field(max_length=20)] = ""

    def item(self, _zone: str) -> dict[str, Any]:
        """As a calendar file spells it; raises UsageError with all that is wrong."""
        freeze = plain.PlainFreeze(**self.model_dump())
        _refuse(plain.freeze_complaints(freeze))
        return plain.freeze_item(freeze)


class WindowAsked(Asked):
    """A window in plain words, or as `passmuster/calendar@1` spells it; a trial only tells when it comes."""

    plain: PlainWindowAsked | None = None
    as_written: dict[str, Any] | None = None
    instead_of: Word = ""
    is_trial: Flag = False


class FreezeAsked(Asked):
    """A freeze in plain words, or as `passmuster/calendar@1` spells it; a trial only tells when it comes."""

    plain: PlainFreezeAsked | None = None
    as_written: dict[str, Any] | None = None
    instead_of: Word = ""
    is_trial: Flag = False


class NameAskedFor(Asked):
    """Which one."""

    name: Name


class TimeTold(Told):
    """A window or freeze: as it is kept, in words (null where plain words cannot say it), and its next local starts."""

    name: str
    as_written: dict[str, Any]
    plain: dict[str, Any] | None
    words: str | None
    next: list[datetime]


class TimesTold(Told):
    """All windows and freezes of an environment."""

    windows: list[TimeTold]
    freezes: list[TimeTold]


class PlainCadenceAsked(Asked):
    """Every so many months: from the day the platform was added, on a day (-1: the last), or on a weekday (WORK: any
    from Monday to Friday)."""

    months: Whole
    on: CadenceOn = CadenceOn.START
    day: Whole = 1
    ordinal: Whole = 1
    weekday: Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU", "WORK"] = "MO"


class CadenceAsked(Asked):
    """A cadence in plain words, or as a rule (RFC 5545); with neither the tier's holds. A trial changes nothing.

    `why` is asked for where reviews come more rarely than the tier asks.
    """

    plain: PlainCadenceAsked | None = None
    rule: Annotated[Word, Field(max_length=200)] = ""
    is_trial: Flag = False
    why: Annotated[Word, Field(max_length=2000)] = ""


class CadenceShown(Told):
    """How often a platform is reviewed, and the days that come next."""

    rule: str
    is_own: bool
    plain: dict[str, Any] | None
    words: str
    next: list[Day]


@times.reads("/environments/{pk}/times", Action.VIEW, TimesTold)
def show_times(request: ApiRequest, pk: Id) -> Any:
    """When an environment may be changed, with the next dates of each window and freeze."""
    kept, now = _environment(request, pk), request.auth.now
    return {
        kind: [_told(kind, item, kept.time_zone, now) for item in getattr(kept, kind)] for kind in (WINDOWS, FREEZES)
    }


@times.does("/environments/{pk}/windows", Action.MANAGE_PLATFORM, TimeTold, method="PUT")
def put_window(request: ApiRequest, pk: Id, asked: WindowAsked) -> Any:
    """Add a window, or put it in the place of another."""
    return _put(request, pk, WINDOWS, asked)


@times.does("/environments/{pk}/windows", Action.MANAGE_PLATFORM, method="DELETE")
def drop_window(request: ApiRequest, pk: Id, asked: Query[NameAskedFor]) -> None:
    """Take a window away."""
    drop_time(request.auth, _environment(request, pk), WINDOWS, asked.name)


@times.does("/environments/{pk}/freezes", Action.MANAGE_PLATFORM, TimeTold, method="PUT")
def put_freeze(request: ApiRequest, pk: Id, asked: FreezeAsked) -> Any:
    """Add a freeze, or put it in the place of another."""
    return _put(request, pk, FREEZES, asked)


@times.does("/environments/{pk}/freezes", Action.MANAGE_PLATFORM, method="DELETE")
def drop_freeze(request: ApiRequest, pk: Id, asked: Query[NameAskedFor]) -> None:
    """Take a freeze away."""
    drop_time(request.auth, _environment(request, pk), FREEZES, asked.name)


@times.reads("/platforms/{slug}/cadence", Action.VIEW, CadenceShown)
def show_cadence(request: ApiRequest, slug: Slug) -> Any:
    """How often a platform is reviewed."""
    platform = platform_shown(request.auth, slug)
    return _cadence(platform, request.auth.now, platform.cadence_rrule)


@times.does("/platforms/{slug}/cadence", Action.MANAGE_PLATFORM, CadenceShown, method="PUT")
def put_cadence(request: ApiRequest, slug: Slug, asked: CadenceAsked) -> Any:
    """Give a platform a cadence of its own, or its tier's."""
    if asked.plain is not None and asked.rule:
        raise UsageError("plain, rule: write one of them")
    platform, rule = platform_shown(sight(request), slug), asked.rule
    if asked.plain is not None:
        said = PlainCadence(**asked.plain.model_dump())
        _refuse(plain_cadence_complaints(said))
        rule = cadence_rule(said)
    told = _cadence(platform, request.auth.now, rule)
    if not asked.is_trial:
        set_cadence(request.auth, platform, rule, why=asked.why)
    return told


def _cadence(platform: Platform, now: datetime, rule: str) -> dict[str, Any]:
    told, said = cadence_told(platform, now, rule), plain_cadence(rule) if rule else None
    spelt = {"rule": rule, "plain": asdict(said) if said else None}
    return {**spelt, "is_own": told.is_own, "words": told.words, "next": told.next}


def _put(request: ApiRequest, pk: int, kind: str, asked: WindowAsked | FreezeAsked) -> dict[str, Any]:
    if (asked.plain is None) == (asked.as_written is None):
        raise UsageError("plain, as_written: write one of them")
    kept, now = _environment(request, pk), request.auth.now
    item = asked.as_written if asked.plain is None else asked.plain.item(kept.time_zone)
    # Also raises what is wrong with it by itself.
    told = {**_told(kind, item or {}, kept.time_zone, now), "next": _next(kind, item or {}, kept.time_zone, now)}
    if not asked.is_trial:
        put_time(request.auth, kept, kind, item or {}, instead_of=asked.instead_of)
    return told


def _told(kind: str, item: Mapping[str, Any], zone: str, now: datetime) -> dict[str, Any]:
    said: plain.PlainWindow | plain.PlainFreeze | None
    if kind == WINDOWS:
        said = plain.plain_window(item, zone)
        words = plain.window_in_words(said) if said else None
        shown = _window_shown(said) if said else None
    else:
        said = plain.plain_freeze(item)
        words = plain.freeze_in_words(said) if said else None
        shown = asdict(said) if said else None
    try:
        coming = _next(kind, item, zone, now)
    except PassmusterError:
        coming = []
    name = str(item.get("id" if kind == WINDOWS else "name", ""))
    return {"name": name, "as_written": dict(item), "plain": shown, "words": words, "next": coming}


def _window_shown(window: plain.PlainWindow) -> dict[str, Any]:
    """As `PlainWindowAsked` takes it."""
    clock = f"{window.start:%H:%M}"
    return {"name": window.name, **asdict(window.recurrence), "from_day": window.from_day, "start": clock} | {
        "minutes": window.minutes
    }


def _next(kind: str, item: Mapping[str, Any], zone: str, now: datetime) -> list[datetime]:
    return (next_windows if kind == WINDOWS else next_freezes)(item, zone, now, _MANY)


def _environment(request: ApiRequest, pk: int) -> Environment:
    asks = request.auth if request.method == "GET" else sight(request)
    return get_object_or_404(on_platforms(Environment.objects.select_related("platform"), asks, Action.VIEW), pk=pk)


def _refuse(complaints: list[str]) -> None:
    if complaints:
        raise UsageError("\n".join(complaints))
