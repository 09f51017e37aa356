"""`passmuster triage`."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from passmuster.cli import options
from passmuster.errors import UsageError
from passmuster.pipeline.triaging import triage_points
from passmuster.report.triage_writer import write_triage


@click.command("triage")
@click.option("--points", help="Answer for one combination: `in_kev=yes,publicly_exposed=no,...`.")
@click.option("--policy", default="bod-26-04", show_default=True, metavar="NAME|PATH", help="By which policy.")
@options.as_of_option
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(points: str | None, policy: str, as_of: datetime | None, form: str) -> int:
    """Decide what to do about advisories, by when and by whom."""
    if points is None:
        raise UsageError("give --points")
    found = triage_points(points, policy=policy, as_of=as_of)
    for warning in found.warnings:
        click.echo(f"warning: {warning}", err=True)
    write_triage(found.decisions, sys.stdout, as_of=found.as_of, warnings=found.warnings)
    return 0
