"""The store on disk: a marker file and numbered batches, each whole or absent, each checked when it is read."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from passmuster.documents.json_file import read_json
from passmuster.errors import OutputRefused, UnreadableInput
from passmuster.intel.store.marker import MARKER, Newest, read_marker, write_marker

BATCH_SCHEMA = "passmuster/batch@1"
MANIFEST, BATCHES, LOCK = "batch.json", "batches", ".lock"
_MOST_NAMED = 5


@dataclass(frozen=True)
class Listing:
    """A list seen as a whole: what it lacked had been withdrawn by then."""

    kind: str
    feed: str
    seen_at: datetime
    listed_at: datetime | None = None


@dataclass(frozen=True)
class DayOfScores:
    """The exploit predictions of one day."""

    path: Path
    scored_on: date
    model: str
    seen_at: datetime
    digest: str


@dataclass(frozen=True)
class Batch:
    """One import that was completed."""

    number: int
    folder: Path
    seen_at: datetime
    listings: tuple[Listing, ...]
    scores: tuple[DayOfScores, ...]
    has_records: bool

    def file(self, table: str) -> Path:
        """Where the rows of a table lie."""
        return self.folder / f"{table}.parquet"


def create_store(folder: Path) -> None:
    """Make an empty store where there is none; raises OutputRefused for a folder that holds something else."""
    _refuse_link(folder)
    if (folder / MARKER).is_file():
        read_marker(folder)
        return
    try:
        if folder.exists() and not folder.is_dir():
            raise OutputRefused(f"{folder}: is a file; name a folder for --store")
        # Another importer may be at the same step: what it has made so far is no foreign content.
        if folder.is_dir() and any(
            path.name not in {LOCK, BATCHES, MARKER} and not _is_scratch(path) for path in folder.iterdir()
        ):
            raise OutputRefused(
                f"{folder}: is no intel store (it holds no {MARKER}) and is not empty; name a new folder for --store"
            )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / BATCHES).mkdir(exist_ok=True)
    except OSError as error:
        raise OutputRefused(f"{folder}: cannot be written: {error.strerror}; name another folder") from None
    with write_lock(folder):
        # Whoever held the lock before may have marked it, and imported something since.
        if not (folder / MARKER).exists():
            write_marker(folder)


def _is_scratch(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(".partial")


def check_store(folder: Path) -> None:
    """Raise UnreadableInput that names the mend where the folder is no store."""
    if not folder.exists():
        raise UnreadableInput(
            f"{folder}: there is no such store; `passmuster intel import PATH --store {folder}` makes one"
        )
    if not (folder / MARKER).is_file():
        raise UnreadableInput(
            f"{folder}: is no intel store: it holds no {MARKER}; name the folder that `passmuster intel import` made"
        )
    _refuse_link(folder)


def _refuse_link(folder: Path) -> None:
    """A link may lead into another store, or be changed under our hands."""
    for path in (folder / BATCHES, folder / MARKER):
        if path.is_symlink():
            raise UnreadableInput(f"{path}: is a link; put what it leads to in its place")


@contextmanager
def write_lock(folder: Path) -> Iterator[None]:
    """Hold the store for writing; a second writer waits, a killed one lets go by itself."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise OutputRefused(f"{folder}: cannot be written: {error.strerror}; name another folder") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _sweep(folder / BATCHES)
        yield
    finally:
        os.close(descriptor)


def _sweep(folder: Path) -> None:
    """Take away what a killed import left; only one who holds the lock may."""
    for path in folder.glob(".*.partial"):
        shutil.rmtree(path, ignore_errors=True)


def read_batches(folder: Path) -> tuple[Batch, ...]:
    """All completed batches in order, every digest checked; raises UnreadableInput where one was altered."""
    check_store(folder)
    # Read before the folder is listed: an import that ends in between adds to it, which is nothing missing.
    newest = read_marker(folder)
    try:
        paths = [path for path in (folder / BATCHES).iterdir() if path.name.isdigit()]
    except OSError as error:
        raise UnreadableInput(f"{folder / BATCHES}: cannot be read: {error.strerror}; restore the store") from None
    paths.sort(key=lambda path: int(path.name))
    for path in paths:
        if path.is_symlink():
            raise UnreadableInput(f"{path}: is a link; put what it leads to in its place")
    _check_unbroken(folder / BATCHES, [int(path.name) for path in paths], newest.batches if newest else 0)
    if newest is not None:
        _check_digest(batch_folder(folder, newest.batches) / MANIFEST, newest.digest)
    return tuple(_read_batch(path) for path in paths)


def note_newest(folder: Path, number: int) -> None:
    """Count a batch that was written; only one who holds the lock may. Raises OutputRefused."""
    write_marker(folder, Newest(number, digest_of_file(batch_folder(folder, number) / MANIFEST)))


def batch_folder(folder: Path, number: int) -> Path:
    """Where a batch of a store lies, or would."""
    return folder / BATCHES / f"{number:08d}"


def _check_unbroken(folder: Path, numbers: list[int], least: int) -> None:
    """Batches are numbered from one to `least` or more; a gap is a batch that was taken away, and facts with it."""
    missing = sorted({*range(1, max([*numbers, least]) + 1)} - {*numbers})
    if missing:
        named = ", ".join(f"{number:08d}" for number in missing[:_MOST_NAMED])
        rest = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        raise UnreadableInput(f"{folder}: {named}{rest} is missing from the store; restore it or import anew")


def _read_batch(folder: Path) -> Batch:
    if not (folder / MANIFEST).is_file():
        raise UnreadableInput(f"{folder / MANIFEST}: is missing from the store; restore it or import anew")
    value = read_json(folder / MANIFEST)
    try:
        if value["schema"] != BATCH_SCHEMA:
            raise UnreadableInput(f"{folder / MANIFEST}: is of schema {value['schema']!r}, not {BATCH_SCHEMA}")
        for name, expected in value["files"].items():
            _check_digest(folder / name, expected)
        if value.get("previous"):
            _check_digest(batch_folder(folder.parent.parent, int(folder.name) - 1) / MANIFEST, value["previous"])
        return _batch_of(value, folder)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UnreadableInput(
            f"{folder / MANIFEST}: was altered since it was written; restore it or import anew"
        ) from None


def _batch_of(value: dict[str, Any], folder: Path) -> Batch:
    seen_at = datetime.fromisoformat(value["seen_at"])
    listings = tuple(
        Listing(
            each["kind"],
            each["feed"],
            seen_at,
            datetime.fromisoformat(each["listed_at"]) if each["listed_at"] else None,
        )
        for each in value["listings"]
    )
    scores = tuple(
        DayOfScores(
            folder / each["file"], date.fromisoformat(each["scored_on"]), each["model"], seen_at, each["digest"]
        )
        for each in value["scores"]
    )
    return Batch(int(folder.name), folder, seen_at, listings, scores, "records.parquet" in value["files"])


def _check_digest(path: Path, expected: str) -> None:
    try:
        found = digest_of_file(path)
    except OSError:
        raise UnreadableInput(f"{path}: is missing from the store; restore it or import anew") from None
    if found != expected:
        raise UnreadableInput(
            f"{path}: was altered since it was written: its SHA-256 does not match; restore it or import anew"
        )


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
