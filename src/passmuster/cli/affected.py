"""`passmuster affected`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from passmuster.cli import options
from passmuster.model.words import Hosting
from passmuster.pipeline.affected import affected_by, component_named
from passmuster.report.affected_json import write_affected
from passmuster.report.affected_terminal import print_affected
from passmuster.report.text import clean


@click.command("affected")
@options.store_option(required=True)
@click.option("--component", required=True, metavar="NAME_OR_PURL", help="A platform, a product, or a package URL.")
@click.option("--version", metavar="V", help="The version that runs; in a package URL it stands behind the @.")
@click.option(
    "--hosting",
    type=click.Choice([str(Hosting.VENDOR), str(Hosting.SELF)]),
    help="Who runs it, where both is possible.",
)
@click.option("--as-of", type=options.Moment(), help="Answer by what was known at this instant instead of now.")
@options.catalogue_option
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    store: Path,
    component: str,
    version: str | None,
    hosting: str | None,
    as_of: datetime | None,
    catalogue: Path | None,
    form: str,
) -> int:
    """Tell which advisories concern a component, who must patch it, and why."""
    asked = component_named(component, version=version, hosting=Hosting(hosting) if hosting else None)
    answer = affected_by(store, asked, as_of=as_of or datetime.now(UTC), catalogue=catalogue)
    if not answer.is_known:
        click.echo(
            f"warning: neither the catalogue nor any record names {clean(component)!r}: no advisory is no all-clear; "
            "check the name, or import records that speak of it",
            err=True,
        )
    if answer.matches and answer.unsourced:
        click.echo(
            f"note: who patches {', '.join(map(clean, answer.unsourced))} is told from general knowledge; "
            "the catalogue names no source for it",
            err=True,
        )
    if answer.embedded:
        click.echo(
            f"note: a self-hosted copy may bring {', '.join(map(clean, answer.embedded))}, whose advisories are not "
            "looked at here; a bill of materials tells the versions: passmuster triage --components BOM",
            err=True,
        )
    if form == "json":
        write_affected(answer.matches, sys.stdout)
    else:
        print_affected(Console(), answer.matches)
    return 0
