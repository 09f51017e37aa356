"""Packs that this process loaded before, for as long as none of their files changed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from passmuster.controls.load import load_pack
from passmuster.model.control import Pack

# Reviews of a fleet go through a handful of packs again and again.
_MOST = 32
_Stamp = tuple[tuple[str, int, int, int, int], ...]


def kept_pack(folder: Path, *, is_trusted: bool, only: tuple[str, ...] = ()) -> Pack:
    """As `load_pack`; a pack whose files are those of the last time is not read again. Mistakes are never kept."""
    return _loaded(folder, is_trusted, only, _stamp(folder))


@lru_cache(maxsize=_MOST)
def _loaded(folder: Path, is_trusted: bool, only: tuple[str, ...], _: _Stamp) -> Pack:
    return load_pack(folder, is_trusted=is_trusted, only=only)


def _stamp(folder: Path) -> _Stamp:
    """Every file with its size and times; the time of a file's last change of any kind cannot be set back."""
    found = []
    for path in sorted(folder.rglob("*")):
        try:
            told = path.stat()
        except OSError:
            # A link that leads nowhere; loading complains of it.
            continue
        found.append((str(path), told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns))
    return tuple(found)
