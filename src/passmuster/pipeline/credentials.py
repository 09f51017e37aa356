"""Secrets from the environment, or from files that only their owner can read."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

from passmuster.errors import UsageError


def read_credential(variable: str, environ: Mapping[str, str]) -> str:
    """What `variable` holds, or the file that `..._FILE` names; empty where neither is set. Raises UsageError."""
    value, file = environ.get(variable, ""), environ.get(f"{variable}_FILE", "")
    if value and file:
        raise UsageError(f"{variable} and {variable}_FILE are both set; keep one")
    return _read_secret(Path(file), f"{variable}_FILE") if file else value


def _read_secret(path: Path, variable: str) -> str:
    try:
        if path.is_dir():
            raise UsageError(f"{variable}: {path} is a folder; name the file that holds the secret")
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise UsageError(f"{variable}: {path} can be read by others; run `chmod 600 {path}`")
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UsageError(f"{variable}: {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{variable}: {path} is not UTF-8 text; write the secret into it as plain text") from None
