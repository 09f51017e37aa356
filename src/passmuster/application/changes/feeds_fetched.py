"""Whether feeds of advisories are fetched by themselves, which, when they were last, and when they are next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from passmuster.application.storage.feeds_file import feeds_file
from passmuster.application.working.scheduling import CHORES, slot_of
from passmuster.application.working.working import UNDER_WAY
from passmuster.errors import UnreadableInput
from passmuster.model.keeping import WorkState
from passmuster.pipeline.intelligence import feeds_named
from passmuster.records.models import Work

_KIND = "sync"
_EVERY = next(chore.every_minutes for chore in CHORES if chore.kind == _KIND)


@dataclass(frozen=True)
class FeedsFetched:
    """`last_at`: when all of them were; None: not yet, or not for days. `problem`: what went wrong since.

    `next_at`: when a worker fetches them next; None where it does now, or none is set up. `feeds`: their names.
    """

    is_set_up: bool
    last_at: datetime | None = None
    problem: str = ""
    next_at: datetime | None = None
    feeds: tuple[str, ...] = ()


def feeds_fetched(environ: Mapping[str, str], now: datetime) -> FeedsFetched:
    """What the worker's fetching came to; none is fetched where there is no list of them."""
    file = feeds_file(environ)
    if not file.is_file():
        return FeedsFetched(is_set_up=False)
    fetching = Work.objects.filter(kind=_KIND)
    last = fetching.filter(state=WorkState.DONE).order_by("-ended_at").first()
    since = fetching if last is None else fetching.filter(pk__gt=last.pk)
    failed = since.exclude(error="").exclude(state=WorkState.DONE).order_by("-pk").first()
    problem = failed.error if failed else ""
    try:
        names = feeds_named(file)
    except UnreadableInput as mistake:
        names, problem = (), problem or str(mistake)
    return FeedsFetched(True, last.ended_at if last else None, problem, _next_at(now), names)


def _next_at(now: datetime) -> datetime | None:
    """When what waits may begin, else when the schedule asks next."""
    work = Work.objects.filter(kind=_KIND, state__in=UNDER_WAY).order_by("pk").first()
    if work is None:
        return slot_of(now, _EVERY) + timedelta(minutes=_EVERY)
    is_later = work.state == WorkState.WAITING and work.not_before is not None and work.not_before > now
    return work.not_before if is_later else None
