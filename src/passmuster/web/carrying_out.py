"""A step of a form: one use case called, and its outcome as a message on the page one comes back to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse

from passmuster.errors import UsageError
from passmuster.web.submitting import submit_and_return, words

UTC = ZoneInfo("UTC")


def carry_out(request: HttpRequest, step: Callable[[], Any], done: str, page: str, *where: object) -> HttpResponse:
    """Call it, tell `done` or what was wrong, and go back to the page; NotAllowed passes on."""
    return submit_and_return(request, step, done, page, *where)


def given(request: HttpRequest, name: str) -> str:
    """A field of the form, without blanks around it and without NUL, which no database keeps."""
    return words(request, name)[0]


def given_moment(request: HttpRequest, name: str) -> str:
    """A field of a time, typed by the browser's picker and read as UTC, as RFC 3339 text; empty where none is given.

    Raises UsageError.
    """
    text = given(request, name)
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{name}: {text[:40]!r} is no time; write 2026-12-31T17:00") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
