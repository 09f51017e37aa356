"""`passmuster plan`."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from passmuster.cli import options
from passmuster.cli.plan_output import FORMS, print_planned
from passmuster.cli.progress import progress_bar
from passmuster.errors import UsageError
from passmuster.pipeline.planning import PlanRequest, plan_file
from passmuster.report.text import clean


@click.command("plan")
@click.argument("problem", type=options.FOLDER, metavar="PROBLEM.json")
@click.option(
    "--time-limit",
    type=options.Amount(min=0, min_open=True, max=1e7),
    metavar="SECONDS",
    help="Stop after so long. [60 unless --work is given]",
)
@click.option(
    "--work",
    type=options.Amount(min=0, min_open=True, max=1e9),
    metavar="N",
    help="Stop after counted work, about N seconds of one core: the same input, seed and N give the same plan.",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="For the random choices.")
@click.option(
    "--keep", type=options.FOLDER, metavar="PLAN", help="The plan before (JSON); moving a job costs move_cost."
)
@click.option("--previous", type=options.FOLDER, metavar="CALENDAR.ics", help="With ics: what was handed out before.")
@click.option("--format", "form", type=click.Choice(FORMS), default="table", show_default=True)
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    problem: Path,
    time_limit: float | None,
    work: float | None,
    seed: int,
    keep: Path | None,
    previous: Path | None,
    form: str,
) -> int:
    """Fit jobs into maintenance windows, and say how close to the best possible that is.

    Ctrl-C prints the best plan found so far; a second one gives up.
    """
    if previous is not None and form != "ics":
        raise UsageError("--previous numbers the changes of a calendar; give it with --format ics")
    request = PlanRequest(problem, keep, time_limit, work, seed, click.get_current_context().obj)
    with progress_bar("planning") as progress, _first_interrupt() as is_stopped:
        planned = plan_file(request, progress=progress, is_stopped=is_stopped)
        was_stopped = is_stopped()
    for warning in planned.plan.warnings:
        click.echo(f"warning: {clean(warning)}", err=True)
    if was_stopped:
        click.echo("interrupted: this is the best plan found so far", err=True)
    print_planned(planned, form, keep=keep, previous=previous)
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
