"""Enumerations of the model as Django's choices."""

from __future__ import annotations

from enum import StrEnum


def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    """Pairs of the word and how people read it."""
    return [(word.value, word.value.replace("_", " ")) for word in words]
