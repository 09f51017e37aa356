"""`passmuster demo`."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from passmuster.cli import options
from passmuster.pipeline.demonstrating import demonstrate
from passmuster.report.html.plan_view import proof
from passmuster.report.terminal import print_evaluation, print_fleet
from passmuster.report.triage_terminal import print_triage

_MOST_SHOWN = 8


@click.command("demo")
@click.option(
    "--out", type=options.FOLDER, default=Path("demo"), show_default=True, help="New folder for what it makes."
)
@click.option("--serve", "is_served", is_flag=True, help="Then serve a keeper with an example organisation.")
@click.option("--port", type=click.IntRange(1, 65535), default=8460, show_default=True, help="Port of the pages.")
def command(out: Path, is_served: bool, port: int) -> None:
    """Run the main job on the examples that ship: a review against a baseline, and a fleet with its patches.

    With --serve also a keeper in OUT/keeper, in the middle of a review, with a year behind it.
    """
    if is_served:
        from passmuster.cli.demo_keeper import require_place, serve_example  # noqa: PLC0415 - only keepers pay for it

        require_place(out / "keeper", port)
    made = demonstrate(out, tell=lambda text: click.echo(f"$ {text}", err=True))
    console = Console()
    print_evaluation(console, made.report)
    console.rule("The fleet")
    print_fleet(console, made.fleet)
    if made.fleet.patches is not None:
        console.rule("The fleet's patches, most urgent first")
        print_triage(console, made.fleet.patches.decisions, as_of=made.fleet.patches.as_of, most=_MOST_SHOWN)
        if made.fleet.patches.plan is not None:
            click.echo(f"The plan: {proof(made.fleet.patches.plan)}")
    click.echo(f"Review: {(out / 'review' / 'report.html').absolute()}")
    click.echo(f"Fleet:  {(out / 'fleet' / 'fleet.html').absolute()}")
    if is_served:
        serve_example(out / "keeper", port)
