"""The keeper's folder: data, secrets of its own, files. Nothing in it is readable by others."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from passmuster.errors import UsageError

VARIABLE = "PASSMUSTER_HOME"


def home_of(environ: Mapping[str, str]) -> Path:
    """The folder named by the environment, or the usual one of this user; made where it is not there."""
    given = environ.get(VARIABLE)
    data = environ.get("XDG_DATA_HOME") or "~/.local/share"
    folder = Path(given or f"{data}/passmuster").expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made ({error.strerror}); name another folder in {VARIABLE}") from None
    return folder


def own_secret(folder: Path, name: str) -> str:
    """A random secret kept in a file only its owner can read, made at first use."""
    path = folder / name
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        text = path.read_text(encoding="ascii").strip()
        if len(text) < 32:
            raise UsageError(f"{path}: is damaged; restore it from a backup, or remove it (all sessions end)") from None
        return text
    text = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(text)
    return text
