"""`passmuster audit`."""

from __future__ import annotations

from pathlib import Path

import click

from passmuster.cli import exits, options
from passmuster.cli.keeping import open_keeper
from passmuster.records.chain_check import Verdict, verify_export


@click.group("audit")
def command() -> None:
    """Verify, sign and export the record of everything that was done."""


@command.command("verify")
@click.option("--export", "path", type=options.FOLDER, help="An exported record, verified offline without a database.")
@click.option("--public-key", default="", metavar="KEY", help="The keeper's public key, as you know it. [its own]")
def verify(path: Path | None, public_key: str) -> int:
    """Recompute every digest and hold it against the chain, the signed checkpoints and the evidence files.

    Exit code 1 where anything was changed, removed, inserted or reordered; the first entry that does not hold is named.
    """
    if path is not None:
        return _tell(verify_export(path, public_key=public_key.strip()))
    open_keeper()
    from passmuster.application.auditing import keeper_signer, verify_record  # noqa: PLC0415 - needs Django

    return _tell(verify_record(public_key=public_key.strip() or keeper_signer().public_key))


@command.command("checkpoint")
@click.option("--to", type=options.FOLDER, help="A folder to write it to as well, best on another machine's disk.")
def checkpoint(to: Path | None) -> None:
    """Sign what the record holds now."""
    open_keeper()
    from passmuster.application.auditing import make_checkpoint  # noqa: PLC0415 - needs Django

    made = make_checkpoint(to)
    click.echo(made, err=True)


@command.command("export")
@click.argument("target", type=options.FOLDER)
def export(target: Path) -> None:
    """Write the whole record as JSON lines that `audit verify --export` verifies anywhere."""
    open_keeper()
    from passmuster.application.auditing import export_by_command  # noqa: PLC0415 - needs Django

    click.echo(f"{target}: {export_by_command(target)} event(s)", err=True)


def _tell(verdict: Verdict) -> int:
    for warning in verdict.warnings:
        click.echo(f"note: {warning}", err=True)
    if verdict.broken:
        click.echo(f"NOT intact: {verdict.broken} ({verdict.events} events hold before it)")
        return exits.FOUND
    evidence = f", {verdict.evidence} piece(s) of evidence" if verdict.evidence else ""
    click.echo(f"intact: {verdict.events} event(s), {verdict.checkpoints} signed checkpoint(s){evidence}")
    return 0
