"""Ids as an export gives them, compared letter by letter as Power Platform and CISA's rules do."""

from __future__ import annotations

from typing import Any


def as_id(value: Any) -> str | None:
    """The id unchanged; None for anything that is no text, is empty, or cannot be stored without becoming another."""
    if not isinstance(value, str) or not value or "\x00" in value:
        return None
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return None
    return value
