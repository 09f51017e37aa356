"""`passmuster drift`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from passmuster.cli import options
from passmuster.pipeline.comparing import drift_between
from passmuster.report.drift_terminal import print_drift
from passmuster.report.json_writer import write_drift


@click.command("drift")
@click.argument("base", type=options.FOLDER)
@click.argument("head", type=options.FOLDER)
@options.pack_option
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(base: Path, head: Path, packs: tuple[str, ...], form: str) -> int:
    """Tell what changed from BASE to HEAD: snapshots, or whole reviews (then verdicts are compared too)."""
    drift = drift_between(base, head, packs=packs)
    if form == "json":
        write_drift(drift, sys.stdout)
    else:
        print_drift(Console(), drift)
    return 0
