"""`passmuster triage`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from passmuster.cli import options
from passmuster.errors import UsageError
from passmuster.pipeline.triaging import Triage, prepare_triaging, triage_points
from passmuster.report.text import clean
from passmuster.report.triage_terminal import print_triage
from passmuster.report.triage_writer import write_triage


@click.command("triage")
@options.store_option()
@click.option("--snapshot", type=options.FOLDER, help="What runs: a snapshot.")
@click.option("--components", "bom", type=options.FOLDER, help="What runs: a CycloneDX BOM instead of a snapshot.")
@click.option(
    "--points",
    help="Answer for one combination, `in_kev=yes,publicly_exposed=no,...`; with --store, points given by hand.",
)
@options.policy_option
@click.option("--vendor-policy", metavar="NAME|PATH", help="What vendors are held to, such as fedramp-vdr.")
@options.catalogue_option
@click.option("--all", "with_closed", is_flag=True, help="List what is fixed or not affected too.")
@options.as_of_option
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    store: Path | None,
    snapshot: Path | None,
    bom: Path | None,
    points: str | None,
    policy: str,
    vendor_policy: str | None,
    catalogue: Path | None,
    with_closed: bool,
    as_of: datetime | None,
    form: str,
) -> int:
    """Decide what to do about advisories, by when and by whom.

    Either --store with --snapshot or --components, or --points alone.
    """
    if points is not None and not points.strip(" ,"):
        raise UsageError(
            "--points: is empty; write NAME=VALUE,..., such as in_kev=yes,publicly_exposed=no; "
            "`passmuster policies show NAME` tells a policy's points"
        )
    if store is None:
        if points is None or snapshot or bom:
            raise UsageError("give --store with --snapshot or --components, or --points alone")
        found = triage_points(points, policy=policy, as_of=as_of)
    else:
        if (snapshot is None) == (bom is None):
            raise UsageError("give either --snapshot or --components with --store")
        from passmuster.pipeline.triaging_store import triage_store  # noqa: PLC0415 - the store is slow to import

        by = prepare_triaging(
            policy, as_of=as_of, points=points or "", vendor_policy=vendor_policy, with_closed=with_closed
        )
        found = triage_store(store, by, snapshot=snapshot, bom=bom, catalogue=catalogue)
    _print(found, form)
    return 0


def _print(found: Triage, form: str) -> None:
    for warning in found.warnings:
        click.echo(f"warning: {clean(warning)}", err=True)
    if form == "json":
        write_triage(found.decisions, sys.stdout, as_of=found.as_of, warnings=found.warnings)
    else:
        print_triage(Console(), found.decisions, as_of=found.as_of)
