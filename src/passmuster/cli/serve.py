"""`passmuster serve`."""

from __future__ import annotations

from contextlib import nullcontext

import click

from passmuster.cli.beside import worker_beside
from passmuster.cli.keeping import open_keeper, require_settings


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8460, show_default=True, help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that answer.")
@click.option("--with-worker", is_flag=True, help="Keep a worker running beside it, which ends with it.")
def command(host: str, port: int, workers: int, with_worker: bool) -> None:
    """Serve the pages and the API until it is stopped.

    For others than this machine put a reverse proxy with TLS before it, and name its address in PASSMUSTER_BASE_URL.
    """
    require_settings()
    open_keeper()
    from passmuster.web.serving import require_free, serve  # noqa: PLC0415 - needs Django

    require_free(host, port)
    click.echo(f"Passmuster answers at http://{host}:{port}; stop it with Ctrl-C", err=True)
    with worker_beside() if with_worker else nullcontext():
        serve(host, port, workers)
