"""A form sent: call one use case, say what became of it, go back to where it was sent from."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from passmuster.application.access import NotAllowed
from passmuster.errors import PassmusterError


def do(request: HttpRequest, call: Callable[[], object], *, done: str, back: str) -> HttpResponse:
    """Call, then redirect to `back`, or to the form's own `next`; what the user did wrong is said there.

    `done` may name what the use case returned as `{}`. NotAllowed goes on to the page that says so.
    """
    try:
        told = call()
    except NotAllowed:
        raise
    except PassmusterError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done.format(told))
    return redirect(_place(request, back))


def picked(request: HttpRequest) -> list[int]:
    """The keys of the rows that were chosen."""
    return [int(value) for value in request.POST.getlist("pick") if value.isascii() and value.isdigit()][:10_000]


def word(request: HttpRequest, name: str) -> str:
    """A text field of the form; empty where it was not sent."""
    return request.POST.get(name, "").strip().replace("\0", "")


def _place(request: HttpRequest, back: str) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    return wanted if wanted.startswith("/") and is_ours else back
