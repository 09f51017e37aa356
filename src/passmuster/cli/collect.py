"""`passmuster collect`."""

from __future__ import annotations

from pathlib import Path

import click

from passmuster.cli import exits, options
from passmuster.cli.progress import progress_bar
from passmuster.pipeline.collecting import Collecting, collect
from passmuster.report.text import one_line
from passmuster.snapshot.manifest import Manifest


@click.command("collect")
@click.argument("kind")
@click.option("--out", type=options.FOLDER, required=True, help="New folder for the snapshot.")
@options.url_option
@options.from_option
@options.declared_option
@options.platform_id_option
@options.name_option
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    kind: str,
    out: Path,
    url: str | None,
    path: Path | None,
    declared: Path | None,
    platform_id: str | None,
    name: str | None,
) -> int:
    """Read one platform of KIND, or an export of one, into an immutable snapshot.

    Secrets come from environment variables; `passmuster connectors` lists them.
    """
    with progress_bar(f"Reading {kind}") as progress:
        order = Collecting(kind, url, path, declared, platform_id, name, progress=progress)
        manifest = collect(order, out)
    _tell(manifest, out)
    return exits.of_collection(entry.status for entry in manifest.tables.values())


def _tell(manifest: Manifest, out: Path) -> None:
    read = [entry for entry in manifest.tables.values() if entry.status.is_readable]
    name = one_line(manifest.platform_id)
    click.echo(f"{name}: read {len(read)} of {len(manifest.tables)} tables into {out}", err=True)
    # What went wrong once is told once, however many tables it took along.
    causes: dict[tuple[str, str, str], list[str]] = {}
    for name, entry in manifest.tables.items():
        if entry.status.is_incomplete:
            causes.setdefault((entry.status, entry.reason, entry.unlock), []).append(name)
    for (status, reason, unlock), names in causes.items():
        which = ", ".join(names) if len(names) < len(manifest.tables) else "every table"
        click.echo(one_line(f"{which}: {status}: {reason}"), err=True)
        if unlock:
            click.echo(f"  to mend it: {one_line(unlock)}", err=True)
    for warning in manifest.warnings:
        click.echo(one_line(f"note: {warning}"), err=True)
