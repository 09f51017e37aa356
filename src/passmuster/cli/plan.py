"""`passmuster plan`."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from passmuster.cli import options
from passmuster.cli.progress import progress_bar
from passmuster.pipeline.planning import Planned, PlanRequest, plan_file
from passmuster.report.plan_json import write_plan
from passmuster.report.plan_terminal import print_plan
from passmuster.report.text import clean

_FORMATS: dict[str, Callable[[Planned], None]] = {
    "table": lambda planned: print_plan(Console(), planned.problem, planned.plan),
    "json": lambda planned: write_plan(planned.plan, sys.stdout),
}


@click.command("plan")
@click.argument("problem", type=options.FOLDER, metavar="PROBLEM.json")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True, max=1e7),
    metavar="SECONDS",
    help="Stop after so long. [60 unless --work is given]",
)
@click.option(
    "--work",
    type=click.FloatRange(min=0, min_open=True, max=1e9),
    metavar="N",
    help="Stop after counted work, about N seconds of one core: the same input, seed and N give the same plan.",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="For the random choices.")
@click.option(
    "--keep", type=options.FOLDER, metavar="PLAN", help="The plan before (JSON); moving a job costs move_cost."
)
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), default="table", show_default=True)
def command(
    problem: Path, time_limit: float | None, work: float | None, seed: int, keep: Path | None, form: str
) -> int:
    """Fit jobs into maintenance windows, and say how close to the best possible that is.

    Ctrl-C prints the best plan found so far; a second one gives up.
    """
    request = PlanRequest(problem, keep, time_limit, work, seed)
    with progress_bar("planning") as progress, _first_interrupt() as is_stopped:
        planned = plan_file(request, progress=progress, is_stopped=is_stopped)
        was_stopped = is_stopped()
    for warning in planned.plan.warnings:
        click.echo(f"warning: {clean(warning)}", err=True)
    if was_stopped:
        click.echo("interrupted: this is the best plan found so far", err=True)
    _FORMATS[form](planned)
    return 0


@contextmanager
def _first_interrupt() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed; pressed again it interrupts as ever."""
    stop = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def note(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    # A caller that ignores the signal (a job in the background) goes on doing so.
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, note)
    try:
        yield stop.is_set
    finally:
        signal.signal(signal.SIGINT, before)
