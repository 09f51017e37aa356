"""`passmuster packs`: list, verify, new, import-health-check."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from passmuster.pipeline import packs as job
from passmuster.pipeline.health_check_packs import import_health_check


@click.group("packs")
def command() -> None:
    """List, verify and start control packs."""


@command.command("list")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def list_command(form: str) -> None:
    """List the packs that ship."""
    packs = job.list_packs()
    if form == "json":
        click.echo(
            json.dumps(
                [
                    {
                        "id": pack.id,
                        "version": pack.version,
                        "title": pack.title,
                        "controls": [c.id for c in pack.controls],
                    }
                    for pack in packs
                ],
                indent=1,
            )
        )
        return
    table = Table("Pack", "Version", "Controls", "Title")
    for pack in packs:
        table.add_row(pack.id, pack.version, str(len(pack.controls)), pack.title)
    Console().print(table)


@command.command("verify")
@click.argument("pack")
@click.option("--control", "only", multiple=True, metavar="ID", help="Verify only this control; may be repeated.")
def verify_command(pack: str, only: tuple[str, ...]) -> int:
    """Run every case of PACK (a name or a folder) and hold its SQL against what controls may do."""
    bad = total = controls = 0
    for verified in job.verify(pack, only=only):
        controls += 1
        total += verified.cases
        bad += len(verified.complaints)
        for complaint in verified.complaints:
            click.echo(complaint)
    click.echo(f"{pack}: {controls} controls, {total} cases, {bad} complaint(s)", err=bool(bad))
    return 2 if bad else 0


@command.command("new")
@click.argument("folder", type=click.Path(path_type=Path))
def new_command(folder: Path) -> None:
    """Start a pack in FOLDER with one working control to copy."""
    job.new_pack(folder)
    click.echo(f"{folder}: a pack with one control; try `passmuster packs verify {folder}`")


@command.command("import-health-check")
@click.argument("baseline", type=click.Path(path_type=Path))
@click.option("--out", "folder", type=click.Path(path_type=Path), required=True, help="New folder for the pack.")
def import_health_check_command(baseline: Path, folder: Path) -> None:
    """Make a pack from BASELINE, the XML of a Health Check baseline that Salesforce exported."""
    made = import_health_check(baseline, folder)
    for name in made.unknown:
        click.echo(f"{name}: is not known here; a person has to look at it", err=True)
    click.echo(
        f"{folder}: the pack {made.pack_id} with {made.controls} controls; try `passmuster packs verify {folder}`"
    )
