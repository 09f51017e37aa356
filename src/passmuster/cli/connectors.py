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
    """List what can be collected; with KIND, the page of one connector: permissions, facts, what it cannot tell."""
    if kind is not None:
        click.echo_via_pager(connector_page(kind)) if click.get_text_stream("stdout").isatty() else click.echo(connector_page(kind))
        return
    connectors = list_connectors()
    if form == "json":
        click.echo(json.dumps([
            {"kind": each.kind, "title": each.title, "version": each.version, "secrets": [s.variable for s in each.secrets]}
            for each in connectors
        ], indent=1))
        return
    table = Table("Kind", "Platform", "Secrets from the environment")
    for each in connectors:
        table.add_row(each.kind, each.title, "\n".join(f"{s.variable}: {s.text}" for s in each.secrets) or "none")
    Console().print(table)
