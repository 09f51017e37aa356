"""A small real HTTP server that answers as told, and can misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    """One request as the server saw it."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: Any = None


@dataclass
class Reply:
    """What to answer; with `drop` the connection is cut instead. `raw` overrides the JSON body."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    drop: bool = False


@dataclass
class Server:
    """A running server: where it is, and what it was asked."""

    url: str
    asked: list[Asked]

    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [each.path for each in self.asked]


@contextmanager
def answering(reply: Callable[[Asked], Reply]) -> Iterator[Server]:
    """A server on loopback for the time of the block."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body are sent apart; else the body would wait until the head's arrival is told, 40 ms later.
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            text = self.rfile.read(length) if length else b""
            headers = {name.lower(): value for name, value in self.headers.items()}
            is_json = text and "json" in headers.get("content-type", "")
            body = json.loads(text) if is_json else text.decode()
            request = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            asked.append(request)
            self._answer(reply(request))

        def _answer(self, answer: Reply) -> None:
            if answer.drop:
                self.close_connection = True
                self.connection.close()
                return
            data = answer.raw if answer.raw is not None else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"content-type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            if "content-length" not in answer.headers:
                self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                return  # the connection was dropped on purpose

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        server.server_close()


def page(items: list[Any], cursor: str | None = None) -> dict[str, Any]:
    """A page as n8n gives it."""
    return {"data": items, "nextCursor": cursor}
