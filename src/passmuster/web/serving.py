"""The web server."""

from __future__ import annotations

import socket
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connections
from gunicorn.app.base import BaseApplication

from passmuster.errors import UsageError


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return get_wsgi_application()


def serve(host: str, port: int, workers: int) -> None:
    """Answer requests until a signal ends it; requests under way are finished first.

    Raises UsageError where that address cannot be listened on.
    """
    require_free(host, port)
    # A connection must not be shared with the processes that are forked from here.
    connections.close_all()
    _Server(
        {
            "bind": f"{host}:{port}",
            "workers": workers,
            "worker_class": "gthread",
            "threads": 8,
            "timeout": 120,
            "graceful_timeout": 20,
            "loglevel": "warning",
            # A request line may hold a token of a calendar feed.
            "accesslog": None,
        }
    ).run()


def require_free(host: str, port: int) -> None:
    """Raise UsageError where that address cannot be listened on."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, number) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        raise UsageError(
            f"{host}:{port}: cannot be listened on ({error.strerror}); choose another port or address"
        ) from None
