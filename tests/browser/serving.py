"""The pages, served to a browser by the test's own process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application
from django.db import connections


class Quiet(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        pass


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        super().process_request_thread(request, client_address)
        # Each request has a thread of its own, and with it a connection that nobody else would close.
        connections.close_all()


@contextmanager
def served(host: str = "127.0.0.1") -> Iterator[str]:
    """The address of the pages; a passkey needs a host with a name."""
    server = make_server(host, 0, get_wsgi_application(), Threaded, Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{host}:{server.server_port}"
    server.shutdown()
    server.server_close()
    connections.close_all()
