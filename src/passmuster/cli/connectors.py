"""`passmuster connectors`."""

from __future__ import annotations

import json

import click
from click.formatting import wrap_text

from passmuster.pipeline.describing import connector_page, list_connectors

_WIDTH = 78


@click.command("connectors")
@click.argument("kind", required=False)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(kind: str | None, form: str) -> None:
    """List what can be collected; with KIND, that connector's page: permissions, facts, what it cannot tell."""
    if kind is not None:
        page = connector_page(kind)
        click.echo(json.dumps({"kind": kind, "page": page}, indent=1) if form == "json" else page)
        return
    connectors = list_connectors()
    if form == "json":
        click.echo(
            json.dumps(
                [
                    {"kind": c.kind, "title": c.title, "version": c.version, "secrets": [s.variable for s in c.secrets]}
                    for c in connectors
                ],
                indent=1,
            )
        )
        return
    click.echo("Secrets come from the environment; `passmuster connectors KIND` tells more of each.\n")
    # No table: in a narrow terminal it would cut the names, which are what one copies.
    for each in connectors:
        click.echo(f"{each.kind}{'' if each.title == each.kind else f': {each.title}'}")
        for secret in each.secrets:
            click.echo(f"  {secret.variable}")
            click.echo(wrap_text(secret.text, _WIDTH, initial_indent="    ", subsequent_indent="    "))
