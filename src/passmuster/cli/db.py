"""`passmuster db`."""

from __future__ import annotations

import click

from passmuster.cli.keeping import open_keeper


@click.group("db")
def command() -> None:
    """Set up, check, back up and restore the keeper's database."""


@command.command("migrate")
def migrate() -> None:
    """Bring the database to this version; safe to repeat, and to run before every start."""
    open_keeper(is_ready_needed=False)
    from passmuster.application.databases import migrate_database  # noqa: PLC0415 - needs Django

    applied = migrate_database()
    click.echo(f"{len(applied)} step(s) applied" if applied else "the database is up to date", err=True)


@command.command("check")
def check() -> None:
    """Tell which database this is and whether this version can work on it."""
    open_keeper(is_ready_needed=False)
    from passmuster.application.databases import describe_database  # noqa: PLC0415 - needs Django
    from passmuster.application.readiness import require_ready  # noqa: PLC0415

    click.echo(describe_database())
    require_ready()
    click.echo("ready")
