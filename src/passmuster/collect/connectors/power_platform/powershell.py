"""What PowerShell does to data on its way into JSON, undone: collapsed lists, objects turned into text, empty words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from passmuster.snapshot.coerce import storable

_WORDS = {"true": True, "false": False}
_EPOCH = re.compile(r"/Date\((-?\d{1,16})\)/")
_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")
_LONGEST_OBJECT_TEXT = 65_536


def as_list(value: Any) -> list[Any]:
    """A list as it is, nothing as an empty list, and a lone value as the one element it was before it collapsed."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def as_object(value: Any) -> dict[str, Any] | None:
    """An object, also one that was turned into `@{key=value; ...}`; None for anything else."""
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and value.startswith("@{") and value.endswith("}") and len(value) <= _LONGEST_OBJECT_TEXT:
        return _from_object_text(value)
    return None


def is_absent(value: Any) -> bool:
    """Whether the value says that there is none: null, or the word `null` that some exports write instead."""
    return value is None or (isinstance(value, str) and value.strip().lower() == "null")


def as_truth(value: Any) -> bool | None:
    """A boolean, also one that was written as a word; None for anything else."""
    if isinstance(value, bool):
        return value
    return _WORDS.get(value.strip().lower()) if isinstance(value, str) else None


def as_text(value: Any) -> str | None:
    """A text without what no file can hold, or a number spelled out; None for anything else and for empty text."""
    if isinstance(value, str):
        return storable(value).strip() or None
    return None if isinstance(value, bool) or not isinstance(value, int | float) else _spell_number(value)


def as_time(value: Any) -> datetime | None:
    """An instant from ISO 8601 (any number of digits) or `/Date(milliseconds)/`; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        epoch = _EPOCH.fullmatch(value.strip())
        if epoch:
            return datetime.fromtimestamp(int(epoch[1]) / 1000, tz=UTC)
        moment = datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", value.strip()))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _spell_number(value: float) -> str:
    # Spelling an enormous integer is quadratic, and Python refuses it past a limit.
    return "a number too large" if isinstance(value, int) and value.bit_length() > 256 else str(value)


def _from_object_text(text: str) -> dict[str, Any]:
    # PowerShell writes no quotes and no escapes, so a value that holds `; ` cannot be told from two; such values do not
    # occur in what is read this way (flags, ids, names of kinds).
    found: dict[str, Any] = {}
    for part in text[2:-1].split("; "):
        name, separator, value = part.partition("=")
        if separator and name.strip():
            found[name.strip()] = _WORDS.get(value.strip().lower(), value.strip())
    return found
