"""TLS ends at the proxy; the keeper knows by its own address that people come by https."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class OwnScheme:
    """Takes the scheme of PASSMUSTER_BASE_URL for that of every request, whatever headers a proxy passes on.

    Without it the identity provider would be told to send people back to an http:// address, and no browser to stay
    with https.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, as if TLS ended here."""
        if settings.SESSION_COOKIE_SECURE:
            request.META["wsgi.url_scheme"] = "https"
        return self._get_response(request)
