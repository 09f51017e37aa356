"""The file store in a bucket: the same names as in the folder, and a bounded folder of what was read lately."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from passmuster.errors import StoreFailed
from passmuster.records.bucket import Absent, Bucket
from passmuster.records.files import Damaged, FileStore, Incoming

# A file that was asked for just now may be about to be opened.
_IN_USE_SECONDS = 300
_LARGEST_BYTES = 16 * 2**30


class BucketFiles:
    """Files by digest under the bucket's place, as sha256/ab/abcd...; every verb may raise StoreFailed."""

    def __init__(self, bucket: Bucket, cache: Path, cache_bytes: int) -> None:
        self._bucket = bucket
        self._cache = FileStore(cache)
        self._cache_bytes = cache_bytes

    def receiving(self, blocks: Iterable[bytes], *, max_bytes: int, name: str) -> AbstractContextManager[Incoming]:
        """Take a file in here, to be looked at before it is kept there; gone when the block ends."""
        return self._cache.receiving(blocks, max_bytes=max_bytes, name=name)

    def keep(self, incoming: Incoming) -> None:
        """Write it, and read it back: only what the store gives back with its digest is kept."""
        name = _name(incoming.sha256)
        is_new = self._bucket.put(name, incoming.path, sha256=incoming.sha256)
        problem = self.problem(incoming.sha256)
        if problem and not is_new:
            # A damaged one is mended; where the bucket keeps versions the damaged one stays behind it.
            self._bucket.put(name, incoming.path, sha256=incoming.sha256, is_new=False)
            problem = self.problem(incoming.sha256)
        if problem:
            raise StoreFailed(f"{self._bucket.place}: what was written {problem} when it was read back; try again")
        self._make_room(incoming.size_bytes)
        self._cache.keep(incoming)

    def problem(self, sha256: str) -> str:
        """What is wrong with the file of that digest as the store holds it, in words; empty where nothing is."""
        digest = hashlib.sha256()
        try:
            for block in self._blocks(sha256):
                digest.update(block)
        except Absent:
            return "is gone"
        except ValueError:
            return "has no digest"
        return "" if digest.hexdigest() == sha256 else "was changed"

    def whole(self, sha256: str) -> Path:
        """The file here, its digest held; raises Damaged. It stays for some minutes at least."""
        try:
            here = self._cache.path_of(sha256)
        except ValueError:
            raise Damaged("has no digest") from None
        # Another process may take it away between two looks; then it is fetched again.
        with suppress(FileNotFoundError):
            if not self._cache.problem(sha256):
                os.utime(here)
                return here
        try:
            with self._cache.receiving(self._blocks(sha256), max_bytes=_LARGEST_BYTES, name=sha256) as incoming:
                if incoming.sha256 != sha256:
                    raise Damaged("was changed")
                self._make_room(incoming.size_bytes)
                self._cache.keep(incoming)
        except Absent:
            raise Damaged("is gone") from None
        return here

    def _blocks(self, sha256: str) -> Iterator[bytes]:
        yield from self._bucket.read(_name(sha256))

    def _make_room(self, size: int) -> None:
        """Take away what was used longest ago, until there is room; what is in use stays."""
        held = []
        for path in self._cache.all_files():
            with suppress(FileNotFoundError):
                facts = path.stat()
                held.append((facts.st_mtime, facts.st_size, path))
        total, now = sum(bytes_ for _, bytes_, _ in held) + size, time.time()
        for used_at, bytes_, path in sorted(held):
            if total <= self._cache_bytes or now - used_at < _IN_USE_SECONDS:
                return
            path.unlink(missing_ok=True)
            total -= bytes_


def _name(sha256: str) -> str:
    # The folder's own spelling, so that a bucket and a folder may be copied into each other.
    return FileStore(Path()).path_of(sha256).as_posix()
