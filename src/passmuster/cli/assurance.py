"""`passmuster assurance`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from passmuster.cli import exits, options
from passmuster.model.words import Severity
from passmuster.pipeline.assuring import check_assurance, init_assurance, limits_from
from passmuster.pipeline.evaluating import limits_in_force, prepare_judging
from passmuster.report.assurance_json import write_assurance_json
from passmuster.report.assurance_terminal import print_assurance


@click.group("assurance")
def command() -> None:
    """What vendors gave us about their own security, and where it falls short."""


@command.command("check")
@click.argument("folder", metavar="DIR", type=options.FOLDER)
@options.as_of_option
@options.params_option
@options.fail_on_option
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def check(folder: Path, as_of: datetime | None, params: Path | None, fail_on: str | None, form: str) -> int:
    """Show the gaps of each vendor in DIR: a folder of registers, or of vendors' files."""
    limits = limits_from(limits_in_force(prepare_judging((), params=params)))
    moment = as_of or datetime.now(UTC)
    found = check_assurance(folder, as_of=moment, limits=limits)
    if form == "json":
        write_assurance_json(found, sys.stdout, as_of=moment)
    else:
        print_assurance(Console(), found, as_of=moment.astimezone(UTC).date())
    gaps = [gap for each in found for gap in each.gaps if not gap.is_open_question]
    return exits.FOUND if fail_on and any(gap.severity.is_at_least(Severity(fail_on)) for gap in gaps) else 0


@command.command("init")
@click.option("--vendor", required=True, help="The vendor's name.")
@click.option("--platform", "platform_id", required=True, help="The platform's id, as in a snapshot's manifest.")
@click.option("--service", "services", multiple=True, required=True, help="A service of it we use; may be repeated.")
@click.option("--out", type=options.FOLDER, required=True, help="New YAML file, in the folder assurance of registers.")
def init(vendor: str, platform_id: str, services: tuple[str, ...], out: Path) -> None:
    """Write the file a vendor begins with: every sort of document named, all pending."""
    init_assurance(out, vendor=vendor, platform_id=platform_id, services=services)
    click.echo(f"{out}: fill it in, then run: passmuster assurance check {out.parent}", err=True)
