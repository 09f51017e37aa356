"""The newest look at a platform, and where its snapshot lies."""

from __future__ import annotations

from pathlib import Path

from passmuster.application.storing import home
from passmuster.model.keeping import CollectionState
from passmuster.records.models import Collection, Platform


def newest_look(platform: Platform) -> Collection | None:
    """The newest look that left a snapshot, whole or not; None where nobody has looked."""
    looks = Collection.objects.filter(platform=platform, state__in=(CollectionState.DONE, CollectionState.INCOMPLETE))
    return looks.exclude(store_key="").order_by("-started_at", "-pk").first()


def snapshot_of(look: Collection) -> Path:
    """The folder of the look's snapshot."""
    return home() / look.store_key


def advisory_store() -> Path:
    """Where advisories are kept."""
    return home() / "intel"
