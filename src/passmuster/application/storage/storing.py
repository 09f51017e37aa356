"""Where the keeper's files lie, under its home."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from passmuster.records.models import Collection, Evaluation, Platform


def home() -> Path:
    """The keeper's folder."""
    return Path(settings.HOME)


def snapshot_folder(collection: Collection) -> Path:
    """The immutable snapshot of a look that has one."""
    return home() / collection.store_key


def advisory_store() -> Path:
    """Where advisories are kept."""
    return home() / "intel"


def results_folder(evaluation: Evaluation) -> Path:
    """What was judged of a look."""
    return home() / evaluation.store_key


def drift_file(collection: Collection, against: str) -> Path:
    """The drift of a look that has a snapshot, against `last`, `baseline` or `review`.

    Named as the snapshot is: after an older database was restored, another look can have this one's number.
    """
    return home() / "drift" / collection.platform.slug / f"{Path(collection.store_key).name}-{against}.json"


def registers_folder(platform: Platform) -> Path:
    """Registers that people hand over for a platform as CSV files, where they do."""
    return home() / "registers" / platform.slug
