"""`passmuster serve`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import click

from passmuster.cli.keeping import open_keeper

_PATIENCE_SECONDS = 30


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8460, show_default=True, help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that answer.")
@click.option("--with-worker", is_flag=True, help="Start a worker beside it, which ends with it.")
def command(host: str, port: int, workers: int, with_worker: bool) -> None:
    """Serve the pages and the API until it is stopped.

    For others than this machine put a reverse proxy with TLS before it, and name its address in PASSMUSTER_BASE_URL.
    """
    open_keeper()
    from passmuster.web.serving import serve  # noqa: PLC0415 - needs Django

    click.echo(f"Passmuster answers at http://{host}:{port}; stop it with Ctrl-C", err=True)
    with worker_beside() if with_worker else nullcontext():
        serve(host, port, workers)


@contextmanager
def worker_beside() -> Iterator[None]:
    """A worker in a process of its own while the block runs."""
    owner = os.getpid()
    worker = subprocess.Popen([sys.executable, "-m", "passmuster.cli.main", "worker"])
    try:
        yield
    finally:
        # The processes that were forked meanwhile come by here too.
        if os.getpid() == owner:
            worker.terminate()
            try:
                worker.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                worker.kill()
