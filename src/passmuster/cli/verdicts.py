"""How the command line tells whether the record holds."""

from __future__ import annotations

import click

from passmuster.cli import exits
from passmuster.records.chain_check import Verdict


def tell_verdict(verdict: Verdict) -> int:
    """Say whether it holds, or what does not first; returns the exit code."""
    for warning in verdict.warnings:
        click.echo(f"note: {warning}", err=True)
    if verdict.broken:
        click.echo(f"NOT intact: {verdict.broken} ({verdict.events} events hold before it)")
        return exits.FOUND
    evidence = f", {verdict.evidence} piece(s) of evidence" if verdict.evidence else ""
    click.echo(f"intact: {verdict.events} event(s), {verdict.checkpoints} signed checkpoint(s){evidence}")
    return 0
