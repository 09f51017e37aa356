"""Whether feeds of advisories are fetched by themselves, and when they were last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from passmuster.application.storage.feeds_file import feeds_file
from passmuster.model.keeping import WorkState
from passmuster.records.models import Work

_KIND = "sync"


@dataclass(frozen=True)
class FeedsFetched:
    """`last_at`: when all of them were; None: not yet, or not for days. `problem`: what went wrong since."""

    is_set_up: bool
    last_at: datetime | None = None
    problem: str = ""


def feeds_fetched(environ: Mapping[str, str]) -> FeedsFetched:
    """What the worker's fetching came to; none is fetched where there is no list of them."""
    if not feeds_file(environ).is_file():
        return FeedsFetched(is_set_up=False)
    fetching = Work.objects.filter(kind=_KIND)
    last = fetching.filter(state=WorkState.DONE).order_by("-ended_at").first()
    since = fetching if last is None else fetching.filter(pk__gt=last.pk)
    failed = since.exclude(error="").exclude(state=WorkState.DONE).order_by("-pk").first()
    return FeedsFetched(True, last.ended_at if last else None, failed.error if failed else "")
