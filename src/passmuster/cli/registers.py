"""`passmuster registers`."""

from __future__ import annotations

from pathlib import Path

import click

from passmuster.cli import options
from passmuster.pipeline.registering import init_registers


@click.group("registers")
def command() -> None:
    """Start the registers that people keep beside snapshots."""


@command.command("init")
@click.argument("snapshot", type=options.FOLDER)
@click.option("--out", type=options.FOLDER, required=True, help="New folder for the registers.")
def init(snapshot: Path, out: Path) -> None:
    """Propose registers from the inventory of SNAPSHOT, every item pending."""
    for name, rows in init_registers(snapshot, out).items():
        click.echo(f"{out / name}.csv: {rows} row(s)")
    click.echo("Decide each item of allow_lists.csv (approved or refused); until then only what is new is reported.")
