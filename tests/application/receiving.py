"""A real HTTP server on this machine that keeps what is sent to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Received:
    """What came: headers (names in lower case) and bodies; `status` is what is answered."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.port = 0

    def json(self, number: int = 0) -> Any:
        return json.loads(self.requests[number][1])


@contextmanager
def http_server() -> Iterator[Received]:
    """An HTTP server that takes every POST."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            received.requests.append(({name.lower(): text for name, text in self.headers.items()}, body))
            self.send_response(received.status)
            if received.status == 302:
                self.send_header("location", f"http://127.0.0.1:{received.port}/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
