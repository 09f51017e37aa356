"""`passmuster audit`."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import click

from passmuster.cli import options
from passmuster.cli.keeping import at_this_machine, open_keeper
from passmuster.cli.verdicts import key_option, tell_verdict
from passmuster.records.chain_check import verify_export


@click.group("audit")
def command() -> None:
    """Verify, sign and export the record of everything that was done."""


@command.command("verify")
@click.option("--export", "path", type=options.FOLDER, help="An exported record, verified offline without a database.")
@click.option(
    "--checkpoint",
    "kept",
    multiple=True,
    metavar="FILE|FOLDER|s3://...",
    help="Checkpoints kept elsewhere; may be repeated. [those at PASSMUSTER_CHECKPOINTS]",
)
@click.option("--strict", is_flag=True, help="Exit code 3 where it holds, but something is not signed or compared.")
@click.option("--only-here", is_flag=True, help="Leave out the checkpoints kept elsewhere: less is known then.")
@key_option
def verify(path: Path | None, kept: tuple[str, ...], only_here: bool, strict: bool, public_key: str | None) -> int:
    """Recompute every digest and hold it against the chain, the signed checkpoints and the evidence files.

    Checkpoints are compared in the database, their copies beside the signing key, and those kept elsewhere.

    Exit code 1 where anything was changed, removed, inserted or reordered; the first entry that does not hold is named.
    """
    if path is None:
        open_keeper()
    from passmuster.application.storage.checkpoint_places import CHECKPOINTS, kept_elsewhere  # noqa: PLC0415

    usual = os.environ.get(CHECKPOINTS, "").strip() if path is None else ""
    places = () if only_here else kept or tuple(filter(None, [usual]))
    with kept_elsewhere(places) as (paths, notes):
        if path is not None:
            verdict = verify_export(path, public_key=public_key or "", kept=paths)
        else:
            from passmuster.application.record.auditing import keeper_signer, verify_record  # noqa: PLC0415 - needs Django

            verdict = verify_record(public_key=public_key or keeper_signer().public_key, kept=paths)
    return tell_verdict(replace(verdict, warnings=(*verdict.warnings, *notes)), is_strict=strict)


@command.command("checkpoint")
@click.option(
    "--to",
    default="",
    metavar="FOLDER|s3://...",
    help="A folder to write it to as well, best on another machine's disk, or a bucket with object lock.",
)
@click.option("--mail", "mail_to", default="", metavar="ADDRESS", help="Mail it as well, best to somebody outside.")
def checkpoint(to: str, mail_to: str) -> None:
    """Sign what the record holds now."""
    open_keeper()
    from passmuster.application.record.checkpoints import make_checkpoint  # noqa: PLC0415 - needs Django

    click.echo(make_checkpoint(at_this_machine(), to=to.strip(), mail_to=mail_to.strip()), err=True)


@command.command("accept-older")
@click.option("--why", required=True, help="What happened; it stands in the record.")
def accept(why: str) -> None:
    """Go on with a record that is older than its checkpoints, after the database was put back to an earlier moment.

    Nothing is forgotten: the checkpoints beside the signing key are put aside there, an event tells why, and every
    verification names them. Checkpoints kept elsewhere still do not fit, and say which event tells of it.
    """
    open_keeper()
    from passmuster.application.record.older_record import accept_older  # noqa: PLC0415 - needs Django

    click.echo(accept_older(at_this_machine(), why), err=True)


@command.command("key")
def key() -> None:
    """Print the public key that checkpoints and bundles are verified with; publish it where you cannot change it."""
    open_keeper()
    from passmuster.application.record.auditing import keeper_signer  # noqa: PLC0415 - needs Django

    click.echo(keeper_signer().public_key)


@command.command("export")
@click.argument("target", type=options.FOLDER)
def export(target: Path) -> None:
    """Write the whole record as JSON lines that `audit verify --export` verifies anywhere."""
    open_keeper()
    from passmuster.application.record.auditing import keeper_signer  # noqa: PLC0415 - needs Django
    from passmuster.application.record.exporting import export_record  # noqa: PLC0415

    count = export_record(at_this_machine(), target, public_key=keeper_signer().public_key)
    click.echo(f"{target}: {count} event(s)", err=True)
