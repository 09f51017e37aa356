"""`passmuster baseline`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from passmuster.cli import options
from passmuster.pipeline.baselines import approve_baseline
from passmuster.pipeline.evaluating import locate_snapshot
from passmuster.snapshot.read import open_snapshot


@click.group("baseline")
def command() -> None:
    """Approve a snapshot as the baseline later snapshots are compared with."""


@command.command("approve")
@click.argument("snapshot", type=options.FOLDER)
@click.option("--by", required=True, metavar="NAME", help="Who approves.")
@click.option("--reason", required=True, metavar="TEXT", help="Why this state is the right one.")
@click.option(
    "--registers", type=options.FOLDER, default=Path("registers"), show_default=True, help="Where registers are kept."
)
def approve(snapshot: Path, by: str, reason: str, registers: Path) -> None:
    """Write into baselines.csv that SNAPSHOT is approved; the newest approval of a platform counts."""
    opened = open_snapshot(locate_snapshot(snapshot))
    path = approve_baseline(opened, registers, by=by, reason=reason, at=datetime.now(UTC))
    click.echo(f"{path}: {opened.manifest.platform_id} is approved at snapshot {opened.manifest.id}")
