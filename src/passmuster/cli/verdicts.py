"""How the command line tells whether the record holds, and by which key."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import click

from passmuster.cli import exits
from passmuster.records.chain_check import Verdict


class PublicKey(click.ParamType[str]):
    """A public key as text, or the file that holds it."""

    name = "KEY|FILE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """32 bytes, base64; fails with the mend."""
        text = str(value).strip()
        try:
            if Path(text).is_file():
                text = Path(text).read_text(encoding="ascii").strip()
            if len(base64.b64decode(text, validate=True)) == 32:
                return text
        except (OSError, ValueError):
            pass
        return self.fail(f"{value!r} is no public key; name the file signing_key.pub or what is in it", param, ctx)


key_option = click.option("--public-key", type=PublicKey(), default=None, help="The keeper's public key. [its own]")


def tell_verdict(verdict: Verdict, *, is_strict: bool = False) -> int:
    """Say whether it holds, or what does not first; returns the exit code. Strictly, a warning counts as incomplete."""
    for warning in verdict.warnings:
        click.echo(f"note: {warning}", err=True)
    if verdict.broken:
        click.echo(f"NOT intact: {verdict.broken} ({verdict.events} events hold before it)")
        return exits.FOUND
    evidence = f", {verdict.evidence} piece(s) of evidence" if verdict.evidence else ""
    click.echo(f"intact: {verdict.events} event(s), {verdict.checkpoints} signed checkpoint(s){evidence}")
    return exits.INCOMPLETE if is_strict and verdict.warnings else 0
