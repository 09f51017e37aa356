"""`passmuster plan`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console

from passmuster.cli import options
from passmuster.cli.progress import progress_bar
from passmuster.pipeline.planning import Planned, PlanRequest, plan_file
from passmuster.report.plan_json import write_plan
from passmuster.report.text import clean

_FORMATS: dict[str, Callable[[Planned], None]] = {
    "json": lambda planned: write_plan(planned.plan, sys.stdout),
}


@click.command("plan")
@click.argument("problem", type=options.FOLDER)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop after so long. [60 unless --work is given]",
)
@click.option(
    "--work",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="Stop after so much counted work, about N seconds of one core; the same input, seed and N give the same plan.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Start of the random numbers."
)
@click.option(
    "--keep",
    type=options.FOLDER,
    metavar="PLAN",
    help="The plan before (JSON): moving a job costs the problem's move_cost.",
)
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), default="json", show_default=True)
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    problem: Path, time_limit: float | None, work: float | None, seed: int, keep: Path | None, form: str
) -> int:
    """Fit the jobs of PROBLEM.json into its maintenance windows, and say how close to the best possible that is."""
    request = PlanRequest(problem, keep, time_limit, work, seed)
    with progress_bar("planning") as progress:
        planned = plan_file(request, progress=progress)
    for warning in planned.plan.warnings:
        click.echo(f"warning: {clean(warning)}", err=True)
    _FORMATS[form](planned)
    return 0
