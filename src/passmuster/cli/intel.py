"""`passmuster intel`: import, sync, show."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from passmuster.cli import options
from passmuster.cli.progress import progress_bar
from passmuster.pipeline import intelligence as job
from passmuster.report.intel_json import advisory_document, import_document, write_document
from passmuster.report.intel_terminal import print_advisory, print_import

_FORMAT = click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
_STORE = click.option("--store", type=options.FOLDER, required=True, help="Folder of what has been learned.")


@click.group("intel")
def command() -> None:
    """Take in what the world says of vulnerabilities and changes, and show it."""


@command.command("import")
@click.argument("paths", nargs=-1, required=True, type=options.FOLDER, metavar="PATH...")
@_STORE
@click.option("--as-of", type=options.Moment(), help="When it was seen, instead of now.")
@_FORMAT
def import_command(paths: tuple[Path, ...], store: Path, as_of: datetime | None, form: str) -> int:
    """Read files (or all files in folders) into the store; the format is told by content."""
    with progress_bar("Importing") as tell:
        result = job.import_paths(paths, store, as_of=as_of, progress=tell)
    if form == "json":
        write_document(import_document(result.files, result.tally), sys.stdout)
    else:
        print_import(Console(), result.files, result.tally)
    for path in result.passed_over:
        click.echo(f"passed over: {path}: is of no format that is read", err=True)
    for file in result.files:
        if not file.accepted:
            click.echo(f"refused: {'; '.join(problem.text for problem in file.problems)}", err=True)
    return 0 if result.is_complete else 2


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
