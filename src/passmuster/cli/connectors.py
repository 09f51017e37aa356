"""`passmuster connectors`."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from passmuster.pipeline.describing import connector_page, list_connectors


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
    table = Table("Kind", "Platform", "Secrets from the environment")
    for each in connectors:
        table.add_row(each.kind, each.title, "\n".join(f"{s.variable}: {s.text}" for s in each.secrets) or "none")
    Console().print(table)
