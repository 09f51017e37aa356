"""The keeper at work for a story: its server in threads of this process, and a worker that does what is due."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application
from django.db import connections

from passmuster.worker.beating import Beat
from passmuster.worker.performing import Means
from passmuster.worker.running import drain
from passmuster.worker.tasks import tasks, tell_failure


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = False
    # Ending the server waits for its requests, so that none writes into tables that are being emptied.
    block_on_close = True
    request_queue_size = 64

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            # Each request has a thread of its own, and with it a connection that nobody else would close.
            connections.close_all()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_given: object) -> None:
        """Nothing."""


@contextmanager
def served() -> Iterator[str]:
    """The pages and the API, on a port of this machine; gives the address."""
    server = make_server("127.0.0.1", 0, get_wsgi_application(), _Threads, _Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def work(now: Callable[[], datetime]) -> None:
    """A worker lays out what is due by that clock, does it and whatever else waits, and ends."""
    drain(Means(tasks(), now, Beat(), tell_failure))
    # The worker's threads have ended; their connections, which a process that ends would take along, go with this.
    gc.collect()
