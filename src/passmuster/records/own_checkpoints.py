"""The keeper's own copies of its checkpoints: files beside the signing key, where no right of the database reaches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from passmuster.documents.atomic import write_text

FOLDER = "checkpoints"
BEGINNING = "checkpoint-"
_ASIDE = "set-aside-"
_NAME = re.compile(rf"{BEGINNING}(\d{{12,19}})\.json")


def name_of(number: int) -> str:
    """The file of the checkpoint over so many events, here and elsewhere."""
    return f"{BEGINNING}{number:012}.json"


def spelled(envelope: Mapping[str, Any]) -> str:
    """The text of a checkpoint's file; the database keeps no order of names, so they are put in one."""
    return json.dumps(envelope, indent=1, sort_keys=True) + "\n"


def own_files(home: Path) -> list[Path]:
    """Every copy there is, in the order of their numbers."""
    return sorted((home / FOLDER).glob(f"{BEGINNING}*.json"))


def set_aside(home: Path) -> list[Path]:
    """Copies of which somebody said that they are of a record that was replaced by an older one."""
    return sorted((home / FOLDER).glob(f"{_ASIDE}*/{BEGINNING}*.json"))


def put_aside(home: Path, numbers: Iterable[int], now: datetime) -> None:
    """Move these copies out of the way, into a folder named after the moment."""
    folder = home / FOLDER / f"{_ASIDE}{now:%Y%m%dT%H%M%S%f}"
    folder.mkdir(mode=0o700, exist_ok=True)
    for number in numbers:
        (home / FOLDER / name_of(number)).rename(folder / name_of(number))


def keep_own(home: Path, number: int, envelope: Mapping[str, Any]) -> None:
    """Write the copy of a checkpoint where there is none yet; one that is there stays. Raises OutputRefused."""
    target = home / FOLDER / name_of(number)
    if not target.exists():
        target.parent.mkdir(mode=0o700, exist_ok=True)
        write_text(target, spelled(envelope))


def is_later(path: Path, number: int) -> bool:
    """Whether the file is the copy of a checkpoint over more events than that."""
    found = _NAME.fullmatch(path.name)
    return path.parent.name == FOLDER and found is not None and int(found[1]) > number
