"""The file that marks a folder as a store and says which batch is its newest, so that one taken away is missed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passmuster.documents.atomic import write_text
from passmuster.documents.json_file import read_json
from passmuster.errors import UnreadableInput

SCHEMA = "passmuster/store@1"
MARKER = "store.json"


@dataclass(frozen=True)
class Newest:
    """How many batches there are at least, and the SHA-256 of the last one's manifest."""

    batches: int
    digest: str


def write_marker(folder: Path, newest: Newest | None = None) -> None:
    """Mark the folder; raises OutputRefused."""
    told: dict[str, Any] = {"schema": SCHEMA}
    if newest is not None:
        told |= {"batches": newest.batches, "newest": newest.digest}
    write_text(folder / MARKER, json.dumps(told) + "\n")


def read_marker(folder: Path) -> Newest | None:
    """What the marker says of the newest batch, None where it says nothing; raises UnreadableInput with the mend.

    Stores that were last written before batches were counted say nothing.
    """
    path = folder / MARKER
    mend = f'restore it from a backup, or write {{"schema": "{SCHEMA}"}} into it, which says no more than that'
    try:
        value = read_json(path)
    except UnreadableInput as error:
        raise UnreadableInput(f"{str(error).rpartition(';')[0] or error}; {mend}") from None
    schema = value.get("schema") if isinstance(value, dict) else None
    if isinstance(schema, str) and schema.startswith("passmuster/store@") and schema != SCHEMA:
        raise UnreadableInput(f"{path}: is of schema {schema!r}, not {SCHEMA}; use the version that wrote it")
    if schema != SCHEMA:
        raise UnreadableInput(f"{path}: is damaged: its schema is {schema!r}, not {SCHEMA}; {mend}")
    batches, digest = value.get("batches"), value.get("newest")
    if batches is None and digest is None:
        return None
    if not isinstance(batches, int) or isinstance(batches, bool) or batches < 1 or not isinstance(digest, str):
        raise UnreadableInput(f"{path}: is damaged: it does not say which batch is the newest; {mend}")
    return Newest(batches, digest)
