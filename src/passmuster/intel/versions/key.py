"""What versions are compared by."""

from __future__ import annotations

from typing import Any, NamedTuple


class Key(NamedTuple):
    """A place in an order. Keys of one `family` are ordered among themselves, and with no other."""

    family: str
    order: tuple[Any, ...]


Branch = tuple[Any, ...]
"""A line of releases that gets its own fixes, such as 1.123 of 1.123.17."""
