"""`passmuster worker`."""

from __future__ import annotations

import click

from passmuster.cli.exits import FOUND
from passmuster.cli.input_ends import stop_when_input_ends
from passmuster.cli.keeping import open_keeper, require_settings
from passmuster.report.text import clean


@click.command("worker")
@click.option("--concurrency", type=click.IntRange(1, 32), default=2, show_default=True, help="Jobs at the same time.")
@click.option("--once", is_flag=True, help="Do what is due now and what waits, then end.")
@click.option("--until-input-ends", is_flag=True, hidden=True, help="Stop when standard input ends.")
def command(concurrency: int, once: bool, until_input_ends: bool) -> int:
    """Do the keeper's work in the background: looks, reviews, feeds, messages.

    Start as many as you like, on as many machines as reach the database; they share the work. Stop one with Ctrl-C or
    SIGTERM: it ends what it does first. What a killed one left is taken over by another. Exit code 1 where --once met
    work that went wrong.
    """
    if until_input_ends:
        stop_when_input_ends()
    require_settings()
    open_keeper()
    from passmuster.worker.start import start, work_once  # noqa: PLC0415 - needs Django

    if not once:
        click.echo("the worker runs; stop it with Ctrl-C", err=True)
        start(concurrency)
        return 0
    click.echo("the worker runs once", err=True)
    troubles = work_once()
    for line in troubles:
        click.echo(f"went wrong: {clean(line)}", err=True)
    return FOUND if troubles else 0
