"""The newest look at a platform, and where its snapshot lies."""

from __future__ import annotations

import os
from pathlib import Path

from passmuster.model.keeping import CollectionState
from passmuster.records.home import home_of
from passmuster.records.models import Collection, Platform


def keeper_home() -> Path:
    """The keeper's folder."""
    return home_of(os.environ)


def newest_look(platform: Platform) -> Collection | None:
    """The newest look that left a snapshot, whole or not; None where nobody has looked."""
    looks = Collection.objects.filter(platform=platform, state__in=(CollectionState.DONE, CollectionState.INCOMPLETE))
    return looks.exclude(store_key="").order_by("-started_at", "-pk").first()


def snapshot_of(look: Collection) -> Path:
    """The folder of the look's snapshot."""
    return keeper_home() / look.store_key


def advisory_store() -> Path:
    """Where advisories are kept."""
    return keeper_home() / "intel"
