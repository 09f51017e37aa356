"""What stands in the fields of a form that was sent."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest

from passmuster.errors import UsageError


def words(request: HttpRequest, *names: str) -> list[str]:
    """These fields, without blanks around them and without NUL, which no database keeps; empty where not sent."""
    return [request.POST.get(name, "").replace("\0", "").strip() for name in names]


def word(request: HttpRequest, name: str) -> str:
    """One of them."""
    return words(request, name)[0]


def picked(request: HttpRequest) -> list[int]:
    """The keys of the rows that were chosen."""
    return [int(value) for value in request.POST.getlist("pick") if value.isascii() and value.isdigit()][:10_000]


def minutes_in(request: HttpRequest) -> int | None:
    """The field `minutes`, None where it is empty; raises UsageError where it is no whole number."""
    text = word(request, "minutes")
    if text and (not (text.isascii() and text.isdecimal()) or len(text) > 6):
        raise UsageError("minutes a week: is a whole number, or empty for no limit")
    return int(text) if text else None


def moment_in(request: HttpRequest, name: str) -> str:
    """A field of a time, typed by the browser's picker and read as UTC, as RFC 3339 text; empty where none is given.

    Raises UsageError.
    """
    text = word(request, name)
    if not text:
        return ""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{name}: {text[:40]!r} is no time; write 2026-12-31T17:00") from None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).isoformat()
