"""`passmuster audit`."""

from __future__ import annotations

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
    "--checkpoint", "kept", multiple=True, type=options.FOLDER, help="A checkpoint kept elsewhere; may be repeated."
)
@key_option
def verify(path: Path | None, kept: tuple[Path, ...], public_key: str | None) -> int:
    """Recompute every digest and hold it against the chain, the signed checkpoints and the evidence files.

    Exit code 1 where anything was changed, removed, inserted or reordered; the first entry that does not hold is named.
    """
    if path is not None:
        return tell_verdict(verify_export(path, public_key=public_key or "", kept=kept))
    open_keeper()
    from passmuster.application.auditing import keeper_signer, verify_record  # noqa: PLC0415 - needs Django

    return tell_verdict(verify_record(public_key=public_key or keeper_signer().public_key, kept=kept))


@command.command("checkpoint")
@click.option("--to", type=options.FOLDER, help="A folder to write it to as well, best on another machine's disk.")
@click.option("--mail", "mail_to", default="", metavar="ADDRESS", help="Mail it as well, best to somebody outside.")
def checkpoint(to: Path | None, mail_to: str) -> None:
    """Sign what the record holds now."""
    open_keeper()
    from passmuster.application.checkpoints import make_checkpoint  # noqa: PLC0415 - needs Django

    click.echo(make_checkpoint(at_this_machine().now, to=to, mail_to=mail_to.strip()), err=True)


@command.command("key")
def key() -> None:
    """Print the public key that checkpoints and bundles are verified with; publish it where you cannot change it."""
    open_keeper()
    from passmuster.application.auditing import keeper_signer  # noqa: PLC0415 - needs Django

    click.echo(keeper_signer().public_key)


@command.command("export")
@click.argument("target", type=options.FOLDER)
def export(target: Path) -> None:
    """Write the whole record as JSON lines that `audit verify --export` verifies anywhere."""
    open_keeper()
    from passmuster.application.auditing import export_by_command  # noqa: PLC0415 - needs Django

    click.echo(f"{target}: {export_by_command(at_this_machine(), target)} event(s)", err=True)
