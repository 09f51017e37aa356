"""`passmuster access`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from passmuster.cli import exits, options
from passmuster.cli.access_output import print_certification
from passmuster.pipeline.certifying import (
    Freezing,
    attest,
    freeze_access,
    import_answer,
    read_certification,
    verify_access,
)
from passmuster.report.text import clean, counted

_form = click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)


@click.group("access")
def command() -> None:
    """Certify who has access: freeze the population, ask reviewers, take their answers in, verify revocations."""


@command.command("freeze")
@click.argument("snapshot", type=options.FOLDER)
@click.option("--out", type=options.FOLDER, required=True, help="New folder for the certification.")
@options.registers_option
@click.option("--reviewer", default="", metavar="NAME", help="Who confirms what nobody else answers for.")
@click.option("--by-manager", is_flag=True, help="A person's manager confirms before an app's owner does.")
@click.option("--dormant-days", type=click.IntRange(1, 3650), default=90, show_default=True, help="Unused that long.")
@click.option("--partial", is_flag=True, help="Freeze what there is, marked as partial, where not all could be read.")
@options.as_of_option
def freeze(  # noqa: PLR0913, PLR0917 - one argument an option
    snapshot: Path,
    out: Path,
    registers: Path | None,
    reviewer: str,
    by_manager: bool,
    dormant_days: int,
    partial: bool,
    as_of: datetime | None,
) -> int:
    """Fix who holds what in SNAPSHOT, riskiest first, and write one workbook a reviewer."""
    by = Freezing(registers, reviewer, by_manager, dormant_days, partial, as_of)
    campaign = freeze_access(snapshot, out, by)
    names = sorted({item.reviewer for item in campaign.items})
    click.echo(
        f"{out}: froze {counted(len(campaign.items), 'entitlement')} for {counted(len(names), 'reviewer')}; "
        f"send out the workbooks in {out / 'workbooks'}",
        err=True,
    )
    if not campaign.is_complete:
        click.echo(clean(f"this is NOT the whole population: {'; '.join(campaign.missing)}"), err=True)
        return exits.INCOMPLETE
    return 0


@command.command("import")
@click.argument("campaign", type=options.FOLDER)
@click.argument("workbooks", type=options.FOLDER, nargs=-1, required=True)
@click.option("--despite", default="", metavar="REASON", help="Take in an answer that looks like a rubber stamp.")
@click.option("--replace", is_flag=True, help="In place of the reviewer's earlier answer, which is kept.")
def import_(campaign: Path, workbooks: tuple[Path, ...], despite: str, replace: bool) -> None:
    """Take in returned WORKBOOKS: complete, unaltered, signed, nobody confirming themselves."""
    for path in workbooks:
        answer = import_answer(campaign, path, now=datetime.now(UTC), despite=despite, is_replacing=replace)
        click.echo(clean(f"{path}: {counted(len(answer.decisions), 'decision')} of {answer.signed_by}"), err=True)
    print_certification(read_certification(campaign), "table")


@command.command("status")
@click.argument("campaign", type=options.FOLDER)
@_form
def status(campaign: Path, form: str) -> int:
    """Tell who answered and what was decided; exit code 3 while answers are missing."""
    known = read_certification(campaign)
    print_certification(known, form)
    return 0 if known.is_answered and known.campaign.is_complete else exits.INCOMPLETE


@command.command("verify")
@click.argument("campaign", type=options.FOLDER)
@click.argument("snapshot", type=options.FOLDER)
@_form
@click.option("--registers", type=options.FOLDER, help="Where all is settled, attest PRV-13 in attestations.csv there.")
@click.option("--valid-days", type=click.IntRange(1, 3650), default=180, show_default=True, help="How long that holds.")
def verify(campaign: Path, snapshot: Path, form: str, registers: Path | None, valid_days: int) -> int:
    """Hold the decisions against a later SNAPSHOT: exit code 1 where a revoked access is still there, 3 if unclear."""
    known = verify_access(campaign, snapshot)
    print_certification(known, form)
    if registers is not None:
        path = attest(known, registers, valid_days=valid_days, today=datetime.now(UTC).date())
        click.echo(f"{path}: PRV-13 is attested", err=True)
    if known.still_held:
        return exits.FOUND
    return exits.INCOMPLETE if known.is_unclear else 0
