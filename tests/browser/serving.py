"""The pages, served to a browser by the test's own process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application
from django.db import connections


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_given: object) -> None:
        """Nothing."""


class _Threads(ThreadingMixIn, WSGIServer):
    """Ending it waits for its requests, so that none is at tables that are being emptied."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, *given: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.discard(request)
            # Each request has a thread of its own, and with it a connection that nobody else would close.
            connections.close_all()

    def server_close(self) -> None:
        # A browser opens connections ahead and may never ask by them; what it did ask is answered.
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RD)
        super().server_close()


@contextmanager
def served(host: str = "127.0.0.1") -> Iterator[str]:
    """The address of the pages; a passkey needs a host with a name."""
    server = make_server(host, 0, get_wsgi_application(), _Threads, _Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        connections.close_all()
