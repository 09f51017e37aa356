"""`passmuster plan-problem`."""

from __future__ import annotations

from pathlib import Path

import click

from passmuster.cli import options
from passmuster.pipeline.plan_problem import BuiltProblem, build_problem, write_problem
from passmuster.report.text import counted, one_line

_MOST_SHOWN = 20


@click.command("plan-problem")
@click.argument("triage", type=options.FOLDER)
@click.option("--calendar", type=options.FOLDER, required=True, help="Environments, windows, freezes, people (YAML).")
@click.option("--out", type=options.FOLDER, required=True, help="File to write the problem to.")
def command(triage: Path, calendar: Path, out: Path) -> int:
    """Build the problem of a patch plan from the decisions in TRIAGE (`triage --format json`) and a calendar."""
    built = build_problem(triage, calendar)
    write_problem(built, out)
    _tell(built, out)
    return 0


def _tell(built: BuiltProblem, out: Path) -> None:
    environments = {job["environment"] for job in built.document["jobs"]}
    jobs, places = counted(len(built.document["jobs"]), "job"), counted(len(environments), "environment")
    click.echo(f"{out}: {jobs} in {places}; {counted(len(built.left_out), 'decision')} left out", err=True)
    for entry in built.left_out[:_MOST_SHOWN]:
        decision = entry.decision
        name = " of ".join(filter(None, (decision.advisory, decision.component)))
        click.echo(f"  left out: {one_line(name)}: {one_line(entry.reason)}", err=True)
    if len(built.left_out) > _MOST_SHOWN:
        click.echo(f"  ... and {len(built.left_out) - _MOST_SHOWN:,} more; all are in {out} under left_out", err=True)
