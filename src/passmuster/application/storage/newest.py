"""The newest look at a platform that left a snapshot."""

from __future__ import annotations

from passmuster.model.keeping import CollectionState
from passmuster.records.models import Collection, Platform


def last_look(platform: Platform, *, before: Collection | None = None) -> Collection | None:
    """The newest look that left a snapshot, whole or not; with `before`, the newest earlier than that one.

    None where nobody has looked. Looks at one platform follow one another, so the newest has the highest number.
    """
    looks = Collection.objects.filter(platform=platform, state__in=[CollectionState.DONE, CollectionState.INCOMPLETE])
    if before is not None:
        looks = looks.filter(pk__lt=before.pk)
    return looks.exclude(store_key="").order_by("-pk").first()
