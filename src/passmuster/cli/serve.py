"""`passmuster serve`."""

from __future__ import annotations

import click

from passmuster.cli.keeping import open_keeper


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8460, show_default=True, help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that answer.")
def command(host: str, port: int, workers: int) -> None:
    """Serve the pages and the API until it is stopped.

    For others than this machine put a reverse proxy with TLS before it, and name its address in PASSMUSTER_BASE_URL.
    """
    open_keeper()
    from passmuster.web.serving import serve  # noqa: PLC0415 - needs Django

    click.echo(f"Passmuster answers at http://{host}:{port}; stop it with Ctrl-C", err=True)
    serve(host, port, workers)
