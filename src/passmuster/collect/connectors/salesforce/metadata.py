"""Careful reading of metadata XML: a part of the wrong kind reads as absent, never as a fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from passmuster.documents.secrets import mask_secrets

_TRUE = frozenset({"true", "1"})
_FALSE = frozenset({"false", "0"})
_LONGEST = 2_000


def text_of(element: Element, *path: str) -> str | None:
    """The text at a path of children, without the space around it; None where there is none."""
    node: Element | None = element
    for step in path:
        node = node.find(step) if node is not None else None
    value = (node.text or "").strip() if node is not None else ""
    return value[:_LONGEST] or None


def shown_text(element: Element, *path: str) -> str | None:
    """The same with anything that looks like a secret masked."""
    value = text_of(element, *path)
    return mask_secrets(value) if value else None


def as_flag(value: str | None) -> bool | None:
    """A boolean of XML Schema; None where it is neither true nor false."""
    word = (value or "").strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def flag_of(element: Element, *path: str) -> bool | None:
    """The boolean at a path; None where there is none."""
    return as_flag(text_of(element, *path))


def as_number(value: str | None) -> int | None:
    """A whole number that a table can hold; None where it is none. `8.0` is 8."""
    word = (value or "").strip().removesuffix(".0")
    plain = word.removeprefix("-")
    return int(word) if plain.isascii() and plain.isdigit() and len(plain) <= 15 else None


def number_of(element: Element, *path: str) -> int | None:
    """The whole number at a path; None where there is none."""
    return as_number(text_of(element, *path))


def texts_of(element: Element, name: str) -> list[str]:
    """The texts of all children of that name, empty ones left out."""
    return [value for child in element.findall(name) if (value := (child.text or "").strip())]


def children(element: Element) -> Iterator[Element]:
    """The child elements; comments and instructions are none."""
    return (child for child in element if isinstance(child.tag, str))


def as_time(value: str | None) -> datetime | None:
    """A time as Salesforce writes it (`2026-11-02T10:00:00.000Z`, `...+0000`); None where it is none."""
    try:
        at = datetime.fromisoformat(value.strip()) if value else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


def host_and_scheme(url: str | None) -> tuple[str | None, str | None]:
    """Host and scheme of an address; a bare host counts as one without scheme, a name with a formula as none."""
    text = (url or "").strip()
    if not text or "{" in text:
        return None, None
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
        host = parts.hostname
    except ValueError:
        return None, None
    scheme = parts.scheme.lower() or None
    return (host.lower() if host and " " not in host else None), scheme
