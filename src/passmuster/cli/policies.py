"""`passmuster policies`: list, show, verify."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from passmuster.pipeline import policies as job


@click.group("policies")
def command() -> None:
    """List, show and verify the policies that decide deadlines."""


@command.command("list")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def list_command(form: str) -> None:
    """List the policies that ship."""
    rows = job.list_policies()
    if form == "json":
        click.echo(json.dumps(rows, indent=1))
        return
    table = Table()
    table.add_column("Policy", no_wrap=True)
    table.add_column("Applied", no_wrap=True)
    for title in ("Title", "Asks"):
        table.add_column(title, overflow="fold")
    for row in rows:
        span = f"{row['valid_from']} to {row['valid_until'] or 'now'}"
        table.add_row(f"{row['id']}", span, str(row["title"]), ", ".join(row["points"]).replace("_", " "))
    Console().print(table)


@command.command("show")
@click.argument("name")
def show_command(name: str) -> None:
    """Print the file of the policy NAME, to read or to start your own from."""
    click.echo(job.show_policy(name), nl=False)


@command.command("verify")
@click.argument("policy", metavar="NAME|PATH")
def verify_command(policy: str) -> None:
    """Hold a policy against the format: every combination answered once, every outcome with its deadline."""
    found = job.verify_policy(policy)
    click.echo(f"{found.id} {found.version}: {len(found.table)} combinations, {len(found.outcomes)} outcomes, complete")
