"""`passmuster template`."""

from __future__ import annotations

from pathlib import Path

import click

from passmuster.cli import options
from passmuster.pipeline.templating import write_template


@click.command("template")
@click.option("--platform", metavar="NAME", help="An empty one for this platform of the catalogue; other for any.")
@click.option("--from", "path", type=options.FOLDER, help="A filled-in file, to write as the other kind.")
@click.option(
    "--snapshot", type=options.FOLDER, help="Filled with what this snapshot or review holds, to be confirmed."
)
@click.option("--out", type=options.FOLDER, required=True, help="New file, .xlsx or .yaml.")
def command(platform: str | None, path: Path | None, snapshot: Path | None, out: Path) -> None:
    """Write the workbook (or YAML file) in which an owner declares a platform that has no interface.

    Read it back with `passmuster review declared --from FILE`.
    """
    write_template(out, platform=platform, path=path, snapshot=snapshot)
    click.echo(f"{out}: fill it in, then run: passmuster review declared --from {out} --out DIR", err=True)
