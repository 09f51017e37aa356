"""The file store: files under their SHA-256, written once, never changed. Here it is a folder."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from passmuster.errors import OutputRefused, UnreadableInput

_BLOCK = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Incoming:
    """A file that was received and is not kept yet: where it lies, its digest and size."""

    path: Path
    sha256: str
    size_bytes: int


class Damaged(Exception):
    """A file is not what it was, or not there; the message says which, as "is gone"."""


class Files(Protocol):
    """What a store of files does, wherever they lie."""

    def receiving(self, blocks: Iterable[bytes], *, max_bytes: int, name: str) -> AbstractContextManager[Incoming]:
        """Take a file in, to be looked at before it is kept."""

    def keep(self, incoming: Incoming) -> None:
        """Keep it under its digest, for good."""

    def problem(self, sha256: str) -> str:
        """What is wrong with the file of that digest, in words; empty where nothing is."""

    def whole(self, sha256: str) -> Path:
        """The file here, its digest held; raises Damaged."""


class FileStore:
    """Files by digest under `folder`/sha256/ab/abcd..."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "sha256"

    def path_of(self, sha256: str) -> Path:
        """Where the file of that digest lies, or would."""
        if not _DIGEST.fullmatch(sha256):
            raise ValueError("no digest")
        return self._folder / sha256[:2] / sha256

    @contextmanager
    def receiving(self, blocks: Iterable[bytes], *, max_bytes: int, name: str) -> Iterator[Incoming]:
        """Take a file in, to be looked at before it is kept; gone when the block ends unless it was kept.

        Raises UnreadableInput where it is larger than `max_bytes`.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        scratch = self._folder / f".{secrets.token_hex(8)}.partial"
        try:
            yield self._receive(scratch, blocks, max_bytes, name)
        except OSError as error:
            raise OutputRefused(f"{self._folder}: cannot be written: {error.strerror or error}") from error
        finally:
            scratch.unlink(missing_ok=True)

    def _receive(self, scratch: Path, blocks: Iterable[bytes], max_bytes: int, name: str) -> Incoming:
        digest, size = hashlib.sha256(), 0
        handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(handle, "wb") as stream:
            for block in blocks:
                size += len(block)
                if size > max_bytes:
                    raise UnreadableInput(f"{name}: is larger than {max_bytes >> 20} MiB; hand in a part of it")
                digest.update(block)
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())
        return Incoming(scratch, digest.hexdigest(), size)

    def keep(self, incoming: Incoming) -> None:
        """Keep it under its digest; a file that is there already stays as it is, a damaged one is mended."""
        target = self.path_of(incoming.sha256)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if target.exists() and digest_of(target) == incoming.sha256:
            return
        incoming.path.replace(target)
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def whole(self, sha256: str) -> Path:
        """Where the file of that digest lies, its digest held; raises Damaged."""
        if problem := self.problem(sha256):
            raise Damaged(problem)
        return self.path_of(sha256)

    def all_files(self) -> Iterator[Path]:
        """Every file that is kept, in no order."""
        return (path for path in self._folder.glob("[0-9a-f][0-9a-f]/*") if _DIGEST.fullmatch(path.name))

    def problem(self, sha256: str) -> str:
        """What is wrong with the file of that digest, in words; empty where nothing is."""
        try:
            found = digest_of(self.path_of(sha256))
        except FileNotFoundError:
            return "is gone"
        except OSError as error:
            return f"cannot be read ({error.strerror})"
        except ValueError:
            return "has no digest"
        return "" if found == sha256 else "was changed"


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal; raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
