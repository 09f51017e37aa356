"""`passmuster evidence`."""

from __future__ import annotations

from pathlib import Path

import click

from passmuster.cli import exits, options
from passmuster.cli.keeping import at_this_machine, open_keeper
from passmuster.cli.verdicts import key_option
from passmuster.records.bundle import verify_bundle


@click.group("evidence")
def command() -> None:
    """Hand evidence on as a signed bundle, and verify one."""


@command.command("bundle")
@click.option("--review", type=int, required=True, help="The number of the review whose evidence to hand on.")
@click.option("--out", "target", type=options.FOLDER, required=True, help="The file to write (a tar).")
def bundle(review: int, target: Path) -> None:
    """Write a review's evidence into one signed file that anybody can verify with the keeper's public key."""
    open_keeper()
    from passmuster.application.evidence.bundling import bundle_review  # noqa: PLC0415
    from passmuster.application.record.auditing import keeper_signer  # noqa: PLC0415 - needs Django

    signer = keeper_signer()
    count = bundle_review(at_this_machine(), review, target, signer)
    click.echo(f"{target}: {count} piece(s) of evidence, signed; public key {signer.public_key}", err=True)


@command.command("verify")
@click.argument("path", metavar="BUNDLE", type=options.FOLDER)
@key_option
def verify(path: Path, public_key: str | None) -> int:
    """Verify a bundle offline: every signature, every file, every byte.

    Exit code 1 where something was changed; the first thing that does not hold is named.
    """
    verdict = verify_bundle(path, public_key=public_key or "")
    if verdict.is_own_key:
        click.echo("note: held against the key in the bundle itself; name the keeper's with --public-key", err=True)
    if verdict.broken:
        click.echo(f"NOT intact: {verdict.broken}")
        return exits.FOUND
    about = verdict.about
    click.echo(f"intact: {verdict.files} file(s) of review {about.get('review')} of {about.get('platform')}")
    return 0
