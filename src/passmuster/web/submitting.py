"""A form sent in: one use case is called; its complaint becomes a message on the page the person came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from passmuster.application.access import NotAllowed
from passmuster.errors import PassmusterError, UsageError


def submit(request: HttpRequest, use_case: Callable[[], Any], done: str) -> bool:
    """Call it and tell `done`, or what was wrong; NotAllowed passes on. Whether it went well."""
    try:
        use_case()
    except NotAllowed:
        raise
    except PassmusterError as error:
        for line in str(error).splitlines():
            messages.error(request, line)
        return False
    messages.success(request, done)
    return True


def submit_and_return(
    request: HttpRequest, use_case: Callable[[], Any], done: str, page: str, *where: object
) -> HttpResponse:
    """The same, and back to the page of that name."""
    submit(request, use_case, done)
    return redirect(page, *where)


def minutes_in(request: HttpRequest) -> int | None:
    """The field `minutes`, None where it is empty; raises UsageError where it is no whole number."""
    (text,) = words(request, "minutes")
    if text and (not (text.isascii() and text.isdecimal()) or len(text) > 6):
        raise UsageError("minutes a week: is a whole number, or empty for no limit")
    return int(text) if text else None


def words(request: HttpRequest, *names: str) -> list[str]:
    """These fields of the form, without blanks around them and without NUL, which no database keeps."""
    return [request.POST.get(name, "").replace("\0", "").strip() for name in names]
