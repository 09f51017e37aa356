"""A form sent in: one use case is called; what became of it is a message on the page one comes back to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from passmuster.application.access import NotAllowed
from passmuster.errors import PassmusterError, UsageError

# What to say when it went well, or how to say it of what the use case returned.
Done = str | Callable[[Any], str]


def nothing_chosen() -> NoReturn:
    """What is called in place of a use case where a form's choice is none that it offers. Raises UsageError."""
    raise UsageError("choose what becomes of it")


def submit(request: HttpRequest, use_case: Callable[[], Any], done: Done) -> bool:
    """Call it and tell `done`, or what was wrong; NotAllowed passes on. Whether it went well."""
    try:
        told = use_case()
    except NotAllowed:
        raise
    except PassmusterError as error:
        for line in str(error).splitlines():
            messages.error(request, line)
        return False
    messages.success(request, done if isinstance(done, str) else done(told))
    return True


def submit_and_return(
    request: HttpRequest, use_case: Callable[[], Any], done: Done, page: str, *where: object
) -> HttpResponse:
    """The same, and back to where the form says it was sent from (`next`), else to the page of that name."""
    submit(request, use_case, done)
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    return redirect(wanted) if wanted.startswith("/") and is_ours else redirect(page, *where)
