"""Writing files and folders so that a reader sees them whole or not at all, whatever is killed when."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from passmuster.errors import OutputRefused


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A fresh folder beside `target` to write into; it takes the name when the block ends without an error.

    Raises OutputRefused where `target` is there and not empty, or the disk refuses; then nothing is left behind.
    """
    refuse_full(target)
    # A relative name such as "." has no usable parent: resolve before building the sibling's name.
    target = target.absolute()
    scratch = target.parent / f".{target.name}.{secrets.token_hex(4)}.partial"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch.mkdir()
        yield scratch
        _sync_tree(scratch)
        scratch.rename(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise OutputRefused(f"{target}: cannot be written: {_why(error)}; nothing was left there") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to; when the block ends without an error it replaces `target`."""
    target = target.absolute()
    scratch = target.parent / f".{target.name}.{secrets.token_hex(4)}.partial"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield scratch
        _sync_file(scratch)
        scratch.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise OutputRefused(f"{target}: cannot be written: {_why(error)}; nothing was changed") from error
    finally:
        # Where there is no folder to write into there is nothing to take away either.
        with suppress(OSError):
            scratch.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write a whole text file, UTF-8; raises OutputRefused."""
    with new_file(target) as scratch:
        scratch.write_text(text, encoding="utf-8")


def refuse_full(target: Path) -> None:
    """Raise OutputRefused where `target` is a file or a folder that is not empty."""
    try:
        if target.is_dir() and any(target.iterdir()):
            raise OutputRefused(f"{target}: is there already and not empty; name a new folder")
        if target.exists() and not target.is_dir():
            raise OutputRefused(f"{target}: is a file; name a new folder")
    except OSError as error:
        raise OutputRefused(f"{target}: cannot be used: {error.strerror}; name another folder") from None


def _why(error: OSError) -> str:
    """The system's own words: a library's may name its insides instead."""
    return os.strerror(error.errno) if error.errno else str(error)


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync_folder(path) if path.is_dir() else _sync_file(path)
    _sync_folder(folder)


def _sync_file(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
