"""`passmuster db`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from passmuster.cli import options
from passmuster.cli.exits import FOUND
from passmuster.cli.keeping import at_this_machine, open_keeper, require_settings
from passmuster.cli.verdicts import tell_verdict


@click.group("db")
def command() -> None:
    """Set up, check, back up and restore the keeper's database."""


@command.command("migrate")
def migrate() -> None:
    """Bring the database to this version; safe to repeat, and to run before every start."""
    open_keeper(is_ready_needed=False)
    from passmuster.application.record.databases import migrate_database  # noqa: PLC0415 - needs Django

    applied = migrate_database()
    click.echo(f"{len(applied)} step(s) applied" if applied else "the database is up to date", err=True)


@command.command("check")
def check() -> None:
    """Tell which database this is, whether this version can work on it, and which settings are wrong."""
    require_settings()
    open_keeper(is_ready_needed=False)
    from passmuster.application.readiness import require_ready  # noqa: PLC0415
    from passmuster.application.record.databases import describe_database  # noqa: PLC0415 - needs Django
    from passmuster.application.storage.file_stores import describe_files  # noqa: PLC0415

    click.echo(describe_database())
    click.echo(describe_files())
    require_ready()
    click.echo("ready")


@command.command("move-files")
def move_files() -> None:
    """Move evidence and sealed reviews from the home into the bucket that PASSMUSTER_FILES names; safe to repeat.

    Each is read back from there and held against its digest before it is taken away here.
    """
    open_keeper()
    from passmuster.application.record.moving_files import move_files_away  # noqa: PLC0415 - needs Django

    moved = move_files_away(at_this_machine(), lambda text: click.echo(text, err=True))
    click.echo(f"{moved.files} file(s) of evidence, {moved.reviews} sealed review(s) moved to {moved.to}", err=True)


@command.command("backup")
@click.argument("target", type=options.FOLDER)
def backup(target: Path) -> int:
    """Write the database, the files and the signing key into one file that only you can read; keepers may work on.

    It is as secret as the home itself: encrypt it before it leaves this machine. Exit code 1 where it lacks a file of
    evidence or of a sealed review, or has another in its place.
    """
    open_keeper()
    from passmuster.application.record.backups import make_backup  # noqa: PLC0415 - needs Django

    made = make_backup(at_this_machine(), target)
    told = f"{made['record']['number']} event(s), {made['home_files']} file(s)"
    click.echo(f"{target}: {told}, PostgreSQL {made['postgresql']}", err=True)
    for line in made["left_out"]:
        click.echo(f"NOT whole: {line}", err=True)
    return FOUND if made["left_out"] else 0


@command.command("restore")
@click.argument("path", type=options.FOLDER)
def restore(path: Path) -> int:
    """Restore a backup into an empty home and database, and verify its record.

    Exit code 1 where the record or its evidence does not hold.
    """
    open_keeper(is_ready_needed=False)
    from passmuster.application.record.auditing import keeper_signer, verify_record  # noqa: PLC0415 - needs Django
    from passmuster.application.record.backups import restore_backup  # noqa: PLC0415
    from passmuster.application.record.databases import migrate_database  # noqa: PLC0415
    from passmuster.application.record.older_record import tell_restore  # noqa: PLC0415

    made = restore_backup(path)
    steps = migrate_database()
    if steps:
        click.echo(f"the backup was of an older version: {len(steps)} step(s) applied", err=True)
    verdict = verify_record(public_key=keeper_signer().public_key)
    if not verdict.broken and verdict.events != made["record"]["number"]:
        verdict = replace(verdict, broken=f"the backup was made of {made['record']['number']} events")
    if verdict.holds:
        tell_restore(at_this_machine(), path, made)
    return tell_verdict(verdict)
