"""Where signed checkpoints are kept: a folder, or a bucket that locks what is written."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from passmuster.documents.atomic import write_text
from passmuster.errors import UsageError
from passmuster.records.bucket import Bucket, Lock, is_bucket, open_bucket, place_of
from passmuster.records.own_checkpoints import BEGINNING, name_of

CHECKPOINTS, LOCK_DAYS = "PASSMUSTER_CHECKPOINTS", "PASSMUSTER_CHECKPOINTS_LOCK_DAYS"
CHECKPOINT_MAIL = "PASSMUSTER_CHECKPOINT_MAIL"
_MOST_DAYS = 36_525


def put_checkpoint(place: str, number: int, text: str, now: datetime) -> tuple[str, str]:
    """Put it there, once; returns where it is and what keeps it there, in words.

    Raises UsageError where a bucket does not lock what is written, or another checkpoint of that number is there;
    OutputRefused, StoreFailed.
    """
    name = name_of(number)
    if not is_bucket(place):
        target = Path(place) / name
        if target.is_file() and target.read_bytes() != text.encode():
            raise UsageError(_another(str(target)))
        write_text(target, text)
        return str(target), ""
    bucket = open_bucket(place_of(place, CHECKPOINTS), os.environ)
    wanted = _wanted_lock(os.environ, now)
    if wanted is None and not bucket.default_lock():
        raise UsageError(f"{bucket.place}: nothing was written, for the bucket would not lock it; {_mend(bucket)}")
    return f"{bucket.place}/{name}", _put(bucket, name, text.encode(), wanted)


def _put(bucket: Bucket, name: str, body: bytes, wanted: Lock | None) -> str:
    is_new = bucket.put(name, body, sha256=hashlib.sha256(body).hexdigest(), lock=wanted)
    if not is_new and b"".join(bucket.read(name)) != body:
        raise UsageError(_another(f"{bucket.place}/{name}"))
    lock = bucket.lock_of(name)
    if lock is None:
        raise UsageError(f"{bucket.place}/{name}: was written and is NOT locked; {_mend(bucket)}")
    return str(lock)


def _another(where: str) -> str:
    return (
        f"{where}: another checkpoint of that number is there already; this record is not the one it was signed over. "
        f"Hold it against the record: passmuster audit verify --checkpoint {where}"
    )


def _mend(bucket: Bucket) -> str:
    return (
        f"turn on object lock with a default retention for {bucket.place.bucket}, or, where object lock is on, set "
        f"{LOCK_DAYS}"
    )


def lock_days(environ: Mapping[str, str]) -> int | None:
    """For how many days the store is asked to lock each checkpoint; None: as the bucket does. Raises UsageError."""
    text = environ.get(LOCK_DAYS, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 6 or not 0 < int(text) <= _MOST_DAYS:
        raise UsageError(f"{LOCK_DAYS}: {text!r} is no number of days from 1 to {_MOST_DAYS}")
    return int(text)


def _wanted_lock(environ: Mapping[str, str], now: datetime) -> Lock | None:
    days = lock_days(environ)
    return None if days is None else Lock("COMPLIANCE", now + timedelta(days=days))


@contextmanager
def kept_elsewhere(places: Iterable[str]) -> Iterator[tuple[list[Path], list[str]]]:
    """The checkpoints of files, folders and buckets, as files while the block runs; and what is odd about them.

    Of a bucket every version counts: one that was replaced or hidden is what somebody did not want to be seen.
    Raises UnreadableInput, StoreFailed.
    """
    with tempfile.TemporaryDirectory(prefix="passmuster-checkpoints-") as scratch:
        paths: list[Path] = []
        notes: list[str] = []
        for number, place in enumerate(places):
            if is_bucket(place):
                folder = Path(scratch) / str(number)
                folder.mkdir()
                found, odd = _of_bucket(open_bucket(place_of(place, CHECKPOINTS), os.environ), folder)
                paths += found
                notes += odd
            else:
                found = _of_folder(Path(place))
                paths += found
            if not found:
                notes.append(f"{place}: no checkpoint is there")
        yield paths, notes


def _of_folder(path: Path) -> list[Path]:
    return sorted(path.glob(f"{BEGINNING}*.json")) if path.is_dir() else [path]


def _of_bucket(bucket: Bucket, folder: Path) -> tuple[list[Path], list[str]]:
    paths: list[Path] = []
    notes: list[str] = []
    for number, version in enumerate(bucket.versions(BEGINNING)):
        where = f"{bucket.place}/{version.name}"
        if version.is_removal:
            notes.append(f"{where}: somebody hid it by a removal mark; the versions behind the mark were read")
            continue
        if not version.is_newest:
            notes.append(f"{where}: is not the newest of that name; both were read")
        path = folder / f"{Path(version.name).stem}-version-{number}.json"
        path.write_bytes(b"".join(bucket.read(version.name, version.identity)))
        paths.append(path)
    return paths, notes
