"""`passmuster demo`."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from passmuster.cli import options
from passmuster.pipeline.demonstrating import demonstrate
from passmuster.report.terminal import print_evaluation, print_fleet


@click.command("demo")
@click.option(
    "--out", type=options.FOLDER, default=Path("demo"), show_default=True, help="New folder for what it makes."
)
def command(out: Path) -> None:
    """Run the main job on the examples that ship: an n8n reviewed against its approved baseline, and a fleet."""
    made = demonstrate(out, tell=lambda text: click.echo(f"$ {text}", err=True))
    console = Console()
    print_evaluation(console, made.report)
    console.rule("The fleet")
    print_fleet(console, made.fleet)
    click.echo(f"Review: {(out / 'review' / 'report.html').absolute()}")
    click.echo(f"Fleet:  {(out / 'fleet' / 'fleet.html').absolute()}")
