"""Where evidence and sealed reviews lie: a folder of the keeper's, or the bucket that PASSMUSTER_FILES names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from passmuster.application.storage.checkpoint_places import CHECKPOINTS
from passmuster.errors import StoreFailed, UsageError
from passmuster.records.bucket import Bucket, access_of, is_bucket, open_bucket, place_of
from passmuster.records.bucket_files import BucketFiles
from passmuster.records.files import Files, FileStore
from passmuster.records.home import home_of

FILES, CACHE_MB = "PASSMUSTER_FILES", "PASSMUSTER_FILES_CACHE_MB"
_USUAL_MB = 1024


def file_store() -> Files:
    """The store of this installation; raises UsageError where its settings are wrong."""
    home, bucket = home_of(os.environ), files_bucket(os.environ)
    if bucket is None:
        return local_files(home)
    return BucketFiles(bucket, home / "cache" / "files", _cache_bytes(os.environ))


def local_files(home: Path) -> FileStore:
    """The folder that holds the files where no bucket is named."""
    return FileStore(home / "files")


def files_bucket(environ: Mapping[str, str]) -> Bucket | None:
    """The bucket that the settings name; None where files lie in the folder."""
    text = environ.get(FILES, "").strip()
    return open_bucket(place_of(text, FILES), environ) if text else None


def require_stores(environ: Mapping[str, str]) -> None:
    """Raise UsageError where a bucket is named wrongly, or without the keys to it; asks no store."""
    buckets = {name: environ.get(name, "").strip() for name in (FILES, CHECKPOINTS)}
    for name, text in buckets.items():
        if text and (name == FILES or is_bucket(text)):
            place_of(text, name)
            access_of(environ)
    _cache_bytes(environ)


def describe_files() -> str:
    """One line: where files are, and whether the store locks them."""
    bucket = files_bucket(os.environ)
    if bucket is None:
        return f"files in {home_of(os.environ) / 'files'}"
    try:
        lock = bucket.default_lock()
    except StoreFailed as failure:
        return f"files in {bucket.place}; {failure}"
    return f"files in {bucket.place}, {f'locked by the store ({lock})' if lock else 'which the store does NOT lock'}"


def _cache_bytes(environ: Mapping[str, str]) -> int:
    text = environ.get(CACHE_MB, "").strip() or str(_USUAL_MB)
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise UsageError(f"{CACHE_MB}: {text!r} is no number of MiB")
    return int(text) << 20
