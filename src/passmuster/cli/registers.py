"""`passmuster registers`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from passmuster.cli import options
from passmuster.errors import UsageError
from passmuster.pipeline.moving import KINDS, Moved, Moving, move_in
from passmuster.pipeline.registering import init_registers
from passmuster.pipeline.updating import update_register
from passmuster.report.text import clean, counted
from passmuster.snapshot.assurance.read import FOLDER

_MOST_PLACES = 6


@click.group("registers")
def command() -> None:
    """Start and feed the registers that people keep beside snapshots."""


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


@command.command("import")
@click.argument("path", metavar="FILE", type=options.FOLDER)
@click.option("--registers", type=options.FOLDER, required=True, help="Folder of the registers; made where it is not.")
@click.option("--kind", type=click.Choice(KINDS), help="What the file is, where its content does not tell.")
@click.option("--by", default="", metavar="NAME", help="Who answers for its exceptions; without, they stay pending.")
@click.option("--platform-id", default="", help="The platform it is about; without, exceptions cover every platform.")
@click.option("--dates", type=click.Choice(["day-first", "month-first"]), help="How 3/4/2026 is meant in the file.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
def import_file(  # noqa: PLR0913 - one argument an option
    path: Path, registers: Path, kind: str | None, by: str, platform_id: str, dates: str | None, *, dry_run: bool
) -> None:
    """Bring FILE of another tool into the registers.

    ScubaGear's ActionPlan.csv becomes exceptions (attestations.csv); n8n's audit, Prowler's OCSF JSON and DefectDojo's
    CSV become findings (findings.csv). What stands in the registers stays; doing it twice changes nothing.
    """
    job = Moving(
        path,
        registers,
        today=datetime.now(UTC).date(),
        kind=kind,
        by=by.strip(),
        platform=platform_id.strip(),
        day_first=None if dates is None else dates == "day-first",
        is_dry=dry_run,
    )
    _tell_moved(path, move_in(job), is_dry=dry_run)


def _tell_moved(path: Path, moved: Moved, *, is_dry: bool) -> None:
    rest = f"{moved.completed:,} completed, {moved.kept:,} as they were"
    click.echo(f"{clean(str(path))}: {moved.title}, {counted(moved.entries, 'entry', 'entries')}")
    click.echo(f"{moved.register}: {moved.added:,} added, {rest}{' (dry run: nothing was changed)' if is_dry else ''}")
    for text, places in moved.remarks.items():
        click.echo(clean(f"  - {text}{_places(places)}"))


def _places(places: Sequence[str]) -> str:
    if not places:
        return ""
    more = f" and {len(places) - _MOST_PLACES:,} more" if len(places) > _MOST_PLACES else ""
    return f" [{len(places):,}: {', '.join(places[:_MOST_PLACES])}{more}]"
