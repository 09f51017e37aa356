"""`passmuster patches`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

import passmuster
from passmuster.cli import options
from passmuster.cli.progress import progress_bar
from passmuster.errors import UsageError
from passmuster.model.report import Provenance
from passmuster.pipeline.patching import Patching, patches
from passmuster.pipeline.triaging import prepare_triaging
from passmuster.report.text import clean
from passmuster.report.triage_terminal import print_triage


@click.command("patches")
@options.store_option(required=True)
@click.option("--snapshot", type=options.FOLDER, help="What runs: a snapshot, or a review.")
@click.option("--components", "bom", type=options.FOLDER, help="What runs: a CycloneDX BOM instead of a snapshot.")
@options.calendar_option
@options.policy_option
@options.catalogue_option
@options.as_of_option
@click.option("--out", type=options.FOLDER, required=True, help="New folder for what is written.")
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    store: Path,
    snapshot: Path | None,
    bom: Path | None,
    calendar: Path | None,
    policy: str,
    catalogue: Path | None,
    as_of: datetime | None,
    out: Path,
) -> int:
    """Triage, plan, calendar and report in one go: who must patch what by when, and in which window.

    The folder then holds patches.html and triage.json; with --calendar problem.json, plan.json and plan.ics too.
    """
    if (snapshot is None) == (bom is None):
        raise UsageError("say what runs: either --snapshot or --components")
    job = Patching(store, prepare_triaging(policy, as_of=as_of), calendar, bom, catalogue)
    made = Provenance(passmuster.__version__, datetime.now(UTC))
    with progress_bar("Patches") as progress:
        report = patches(job, out, [snapshot] if snapshot else [], provenance=made, progress=progress)
    for warning in report.warnings:
        click.echo(f"warning: {clean(warning)}", err=True)
    print_triage(Console(), report.decisions, as_of=report.as_of)
    click.echo(f"Report: {out / 'patches.html'}")
    return 0
