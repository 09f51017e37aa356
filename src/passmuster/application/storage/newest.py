"""The newest look at a platform that left a snapshot."""

from __future__ import annotations

from datetime import datetime, timedelta

from passmuster.model.keeping import CollectionState
from passmuster.records.models import Collection, Platform

# What a look could not read is compared with an earlier one: the log then reaches back this far at least.
_AT_LEAST = timedelta(days=30)
# Clocks of platforms and of the keeper differ a little.
_MARGIN = timedelta(minutes=10)


def last_look(platform: Platform, *, before: Collection | None = None) -> Collection | None:
    """The newest look that left a snapshot, whole or not; with `before`, the newest earlier than that one.

    None where nobody has looked. Looks at one platform follow one another, so the newest has the highest number.
    """
    looks = Collection.objects.filter(platform=platform, state__in=[CollectionState.DONE, CollectionState.INCOMPLETE])
    if before is not None:
        looks = looks.filter(pk__lt=before.pk)
    return looks.exclude(store_key="").order_by("-pk").first()


def log_since(platform: Platform, now: datetime) -> datetime | None:
    """How far back the platform's own audit log is wanted at the next look; None where nobody has looked.

    To the look before; where that was incomplete, further, for what it missed is compared with looks before it.
    """
    last = last_look(platform)
    if last is None:
        return None
    is_whole = last.state == CollectionState.DONE
    return last.started_at - _MARGIN if is_whole else min(last.started_at - _MARGIN, now - _AT_LEAST)
