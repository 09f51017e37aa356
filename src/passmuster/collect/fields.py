"""Careful reading of records from outside: a field of the wrong kind reads as absent, never as a fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

Record = Mapping[str, Any]


def text(record: Record, name: str) -> str | None:
    """A text that is not empty, else None; halves of characters, which nothing can store or send, are replaced."""
    value = record.get(name)
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) and value else None


def flag(record: Record, name: str) -> bool | None:
    """True or false, else None."""
    value = record.get(name)
    return value if isinstance(value, bool) else None


def inner(record: Record, name: str) -> Record:
    """A nested record; empty where there is none."""
    value = record.get(name)
    return value if isinstance(value, Mapping) else {}


def listed(record: Record, name: str) -> list[Any]:
    """A list; empty where there is none."""
    value = record.get(name)
    return value if isinstance(value, list) else []


def records(record: Record, name: str) -> Iterator[Record]:
    """The records of a list."""
    return (entry for entry in listed(record, name) if isinstance(entry, Mapping))


def dotted(record: Record, path: str) -> Any:
    """The value at a dotted path; None where the path ends early."""
    value: Any = record
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def from_epoch(value: Any) -> datetime | None:
    """A time from Unix seconds; None where it is no time of this era."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 253_402_300_800:
        return None
    return datetime.fromtimestamp(value, UTC)
