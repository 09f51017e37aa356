"""The pages' addresses, and beside them those pages that are only met when something goes wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.urls.exceptions import Resolver404

# A name, the template that answers, its status, and what the page is told.
STATES: dict[str, tuple[str, int, dict[str, object]]] = {
    "form-too-old": ("403_csrf.html", 403, {}),
    "address-does-not-fit": ("400.html", 400, {}),
    "not-allowed": ("403.html", 403, {}),
    "unknown-here": ("account/unknown.html", 403, {"address": "eve@example.org"}),
    "unknown-unverified": ("account/unknown.html", 403, {"address": "eve@example.org", "is_unverified": True}),
    "unknown-without-address": ("account/unknown.html", 403, {}),
    "factor-elsewhere": ("account/factor_elsewhere.html", 403, {}),
    "signup-closed": ("account/signup_closed.html", 200, {}),
}


def _state(request: HttpRequest, name: str) -> HttpResponse:
    if name not in STATES:
        raise Resolver404
    template, status, told = STATES[name]
    return render(request, template, told, status=status)


def _broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken for the test")


urlpatterns = [
    path("account/state/<slug:name>", _state),
    path("account/broken", _broken),
    path("", include("passmuster.web.urls")),
]
