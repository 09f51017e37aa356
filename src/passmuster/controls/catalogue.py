"""Where packs lie: the ones that ship, by name, and others by path."""

from __future__ import annotations

from pathlib import Path

import passmuster
from passmuster.controls.kept import kept_pack
from passmuster.errors import UnreadableInput
from passmuster.model.control import Pack


def shipped_folder(kind: str) -> Path:
    """The folder of shipped `packs` or `examples`, in an installed wheel or in a checkout."""
    package = Path(passmuster.__file__).parent
    bundled = package / "bundled" / kind
    return bundled if bundled.is_dir() else package.parent.parent / kind


def shipped_packs() -> dict[str, Path]:
    """Name to folder of every pack that ships."""
    return {path.parent.name: path.parent for path in sorted(shipped_folder("packs").glob("*/pack.yaml"))}


def find_pack(name_or_path: str, *, only: tuple[str, ...] = ()) -> Pack:
    """A shipped pack by its name, else the pack at that path; raises UnreadableInput or PackErrors."""
    shipped = shipped_packs()
    if name_or_path in shipped:
        return kept_pack(shipped[name_or_path], is_trusted=True, only=only)
    folder = Path(name_or_path)
    if not folder.is_dir():
        raise UnreadableInput(f"{name_or_path}: is neither a pack that ships ({', '.join(shipped)}) nor a folder")
    is_shipped = folder.resolve() in {path.resolve() for path in shipped.values()}
    return kept_pack(folder, is_trusted=is_shipped, only=only)
