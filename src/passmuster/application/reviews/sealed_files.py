"""Where the files of a sealed review lie: a folder of the home, or one archive in the store of files."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import transaction

from passmuster.application.access import Actor
from passmuster.application.holding import require_held
from passmuster.application.storage.file_stores import file_store, files_bucket
from passmuster.application.storage.storing import home
from passmuster.errors import UsageError
from passmuster.model.keeping import ReviewStatus
from passmuster.records.files import Damaged
from passmuster.records.models import Review

_LARGEST_BYTES = 16 * 2**30
_BLOCK = 1 << 20


def archive_sealed(folder: Path) -> dict[str, Any]:
    """Put the folder into the bucket as one archive; empty, and nothing done, where files stay in the home.

    Returns what the seal must say of it. The folder stays until `drop_sealed`. Raises StoreFailed.
    """
    if files_bucket(os.environ) is None:
        return {}
    store = file_store()
    with scratch_beside(folder) as scratch:
        path = scratch / "sealed.tar"
        _pack(folder, path)
        with path.open("rb") as stream:
            blocks = iter(lambda: stream.read(_BLOCK), b"")
            with store.receiving(blocks, max_bytes=_LARGEST_BYTES, name=folder.name) as incoming:
                store.keep(incoming)
                return {"archive": {"sha256": incoming.sha256, "size_bytes": incoming.size_bytes}}


@contextmanager
def scratch_beside(folder: Path) -> Iterator[Path]:
    """A folder for the time being whose name tells which sealing it belongs to, should nobody live to take it away."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as scratch:
        yield Path(scratch)


def drop_sealed(folder: Path) -> None:
    """Take the folder away, where it is, once the record speaks of its archive or never will speak of it."""
    gone = folder.parent / f".{folder.name}.gone.partial"
    with suppress(FileNotFoundError):
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def drop_lost_tries(actor: Actor, review: Review) -> None:
    """Take away what sealing this signed review left behind when workers were lost in the middle of it.

    For the one who holds the work of sealing it. Raises WorkTakenOver.
    """
    if actor.held is None:
        return
    # Listed before the hold is looked at: whoever held the work before can seal nothing any more, and whoever takes it
    # over later has written none of these.
    place = home() / folder_of(review)
    left = list(place.iterdir()) if place.is_dir() else []
    with transaction.atomic():
        require_held(actor.held)
        is_sealed = Review.objects.get(pk=review.pk).status == ReviewStatus.SEALED
    for path in left if not is_sealed else ():
        if path.name.removeprefix(".").startswith(f"{review.pk}-"):
            shutil.rmtree(path, ignore_errors=True)


def folder_of(review: Review) -> str:
    """Where sealed reviews of that platform lie, from the home."""
    return f"reviews/{review.platform.slug}"


@contextmanager
def sealed_folder(seal: Mapping[str, Any]) -> Iterator[Path]:
    """The sealed folder as it is kept, to be read only; raises UsageError where its archive is damaged, StoreFailed."""
    if "archive" not in seal:
        yield home() / str(seal["key"])
        return
    try:
        path = file_store().whole(seal["archive"]["sha256"])
    except Damaged as problem:
        raise UsageError(f"the archive of the sealed review {problem}; restore it from a backup") from None
    with tempfile.TemporaryDirectory(prefix="passmuster-sealed-") as scratch:
        with tarfile.open(path, "r:") as archive:
            archive.extractall(scratch, filter="data")
        yield Path(scratch)


def archive_problem(seal: Mapping[str, Any]) -> str:
    """What is wrong with the archive as the store holds it, in words; empty where nothing is, or there is none."""
    return file_store().problem(seal["archive"]["sha256"]) if "archive" in seal else ""


def _pack(folder: Path, target: Path) -> None:
    """The same folder is always the same archive."""
    with tarfile.open(target, "x:", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            entry.size, entry.mode = path.stat().st_size, 0o600
            with path.open("rb") as stream:
                archive.addfile(entry, stream)
