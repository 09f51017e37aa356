"""`passmuster registers`."""

from __future__ import annotations

from pathlib import Path

import click

from passmuster.cli import options
from passmuster.errors import UsageError
from passmuster.pipeline.registering import init_registers
from passmuster.pipeline.updating import update_register
from passmuster.snapshot.assurance.read import FOLDER


@click.group("registers")
def command() -> None:
    """Start the registers that people keep beside snapshots."""


@command.command("init")
@click.argument("snapshot", type=options.FOLDER)
@click.option("--out", type=options.FOLDER, required=True, help="New folder for the registers.")
def init(snapshot: Path, out: Path) -> None:
    """Propose registers from the inventory of SNAPSHOT, every item pending."""
    for name, rows in init_registers(snapshot, out).items():
        click.echo(f"{out / name}.csv: {rows} row(s)")
    for path in sorted((out / FOLDER).iterdir()):
        click.echo(f"{path}: every document of the vendor pending")
    click.echo("Decide each item of allow_lists.csv (approved or refused); until then only what is new is reported.")


@command.command("updates")
@click.argument("triage", type=options.FOLDER)
@click.option("--registers", type=options.FOLDER, required=True, help="Folder of the registers.")
@click.option("--plan", type=options.FOLDER, help="The plan that places the patches, as JSON.")
@click.option("--problem", type=options.FOLDER, help="The problem that the plan answers.")
def updates(triage: Path, registers: Path, plan: Path | None, problem: Path | None) -> None:
    """Write the decisions of TRIAGE into updates.csv, so that the PAT controls can judge them.

    Dates, severity and who patches are refreshed; what people wrote stays; no row is taken away.
    """
    if (plan is None) != (problem is None):
        raise UsageError("give --plan and --problem together: a plan names jobs, its problem says what they are")
    done = update_register(registers, triage, plan=(plan, problem) if plan and problem else None)
    click.echo(f"{registers / 'updates.csv'}: {done.added} added, {done.changed} changed, {done.kept} as they were")
