"""`passmuster intel`: import, sync, show."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from passmuster.cli import exits, options
from passmuster.cli.progress import progress_bar
from passmuster.pipeline import intelligence as job
from passmuster.pipeline.intelligence import ImportResult
from passmuster.report.intel_json import advisory_document, import_document, sync_document, write_document
from passmuster.report.intel_terminal import print_advisory, print_import, print_sync
from passmuster.report.text import clean

_FORMAT = click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
_STORE = click.option("--store", type=options.FOLDER, required=True, help="Folder of what has been learned.")
_MAIL_TEMPLATES = click.option(
    "--mail-templates", type=options.FOLDER, help="Folder of templates by which a vendor's mail becomes a notice."
)


@click.group("intel")
def command() -> None:
    """Take in what the world says of vulnerabilities and changes, and show it."""


@command.command("import")
@click.argument("paths", nargs=-1, required=True, type=options.FOLDER, metavar="PATH...")
@_STORE
@click.option("--as-of", type=options.Moment(), help="When it was seen, instead of now.")
@_MAIL_TEMPLATES
@_FORMAT
def import_command(
    paths: tuple[Path, ...], store: Path, as_of: datetime | None, mail_templates: Path | None, form: str
) -> int:
    """Read files (or all files in folders) into the store; the format is told by content."""
    with progress_bar("Importing") as tell:
        result = job.import_paths(paths, store, as_of=as_of, mail_templates=mail_templates, progress=tell)
    if form == "json":
        write_document(import_document(result.files, result.tally), sys.stdout)
    else:
        print_import(Console(), result.files, result.tally)
    _tell(result)
    return 0 if result.is_complete else exits.REFUSED


@command.command("sync")
@click.argument("config", type=options.FOLDER)
@_STORE
@click.option("--as-of", type=options.Moment(), help="When it was seen, instead of now.")
@_MAIL_TEMPLATES
@_FORMAT
def sync_command(config: Path, store: Path, as_of: datetime | None, mail_templates: Path | None, form: str) -> int:
    """Fetch the feeds that CONFIG (YAML) names, where they changed, and read them into the store."""
    with progress_bar("Fetching") as tell:
        result = job.sync_feeds(config, store, as_of=as_of, mail_templates=mail_templates, progress=tell)
    imported = result.imported
    if form == "json":
        write_document(sync_document(result.feeds, imported.files, imported.tally), sys.stdout)
    else:
        print_sync(Console(), result.feeds)
        print_import(Console(), imported.files, imported.tally)
    _tell(imported)
    for feed in result.feeds:
        if feed.problem:
            click.echo(f"{feed.name}: {clean(feed.problem)}", err=True)
    if not imported.is_complete:
        return exits.REFUSED
    return 0 if result.is_reached else exits.INCOMPLETE


def _tell(result: ImportResult) -> None:
    for path in result.passed_over:
        click.echo(f"passed over: {clean(path)}: is of no format that is read", err=True)
    for file in result.files:
        if not file.accepted:
            click.echo(f"refused: {'; '.join(clean(problem.text) for problem in file.problems)}", err=True)


@command.command("show")
@click.argument("name", metavar="ID")
@_STORE
@click.option("--as-of", type=options.Moment(), help="What was known at this instant instead of now.")
@_FORMAT
def show_command(name: str, store: Path, as_of: datetime | None, form: str) -> None:
    """Show what is known of an advisory, by its CVE or any other id."""
    shown = job.show(name, store, as_of=as_of)
    if form == "json":
        write_document(advisory_document(shown.advisory, as_of=shown.as_of, history=shown.history), sys.stdout)
    else:
        print_advisory(Console(), shown.advisory, shown.history)
