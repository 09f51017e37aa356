"""Records of ServiceNow in the ways it writes them, as plain texts: a value, and beside it what people are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}:\d{2})?Z?")


@dataclass(frozen=True)
class Record:
    """One record: fields to their values, and to what is shown for them where that differs (names of references)."""

    values: Mapping[str, str]
    shown: Mapping[str, str] = field(default_factory=dict)


def record_of(fields: Mapping[str, Any], hosts: set[str]) -> Record | None:
    """A record of JSON, with or without display values and links; None where a field is no ServiceNow value.

    The hosts that links lead to are added to `hosts`.
    """
    values: dict[str, str] = {}
    shown: dict[str, str] = {}
    for name, cell in fields.items():
        if isinstance(cell, Mapping):
            _note_host(cell.get("link"), hosts)
            told, display = _text(cell.get("value")), _text(cell.get("display_value"))
            if told is None or display is None:
                return None
            # Asked for display values alone, a field says nothing but what is shown.
            values[name] = told if "value" in cell else display
            if display and display != values[name]:
                shown[name] = display
        else:
            plain = _text(cell)
            if plain is None:
                return None
            values[name] = plain
    return Record(values, shown)


def text(record: Record, name: str) -> str | None:
    """A text that is not empty, else None."""
    return record.values.get(name, "").strip() or None


def shown(record: Record, name: str) -> str | None:
    """What people are shown for a field: the name of a reference, else the value; None where it is empty."""
    return record.shown.get(name, "").strip() or text(record, name)


def first(record: Record, *names: str) -> str | None:
    """The first of several fields that is not empty: releases name some fields differently."""
    return next((found for name in names if (found := text(record, name))), None)


def flag(record: Record, name: str) -> bool | None:
    """True or false as ServiceNow writes them (`true`, `1`), else None."""
    word = record.values.get(name, "").strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def number(record: Record, name: str) -> int | None:
    """A whole number, else None."""
    word = record.values.get(name, "").strip().replace(",", "")
    return int(word) if re.fullmatch(r"-?\d{1,15}", word) else None


def moment(record: Record, name: str) -> datetime | None:
    """A time as `2026-05-31 17:04:05`, which is UTC in all but CSV lists; None for another way of writing it."""
    word = record.values.get(name, "").strip()
    if not _MOMENT.fullmatch(word):
        return None
    try:
        return datetime.fromisoformat(word.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        return None


def _text(cell: Any) -> str | None:
    if isinstance(cell, str):
        return cell if cell.isascii() else cell.encode("utf-8", "replace").decode("utf-8")
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell) if isinstance(cell, int | float) else None


def _note_host(link: Any, hosts: set[str]) -> None:
    if isinstance(link, str) and link.startswith(("https://", "http://")):
        hosts.add(link.split("/", 3)[2].lower())
