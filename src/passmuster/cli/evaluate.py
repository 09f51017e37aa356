"""`passmuster evaluate`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

import passmuster
from passmuster.cli import exits, options
from passmuster.model.report import Provenance, ReviewReport
from passmuster.model.results import Evaluation
from passmuster.pipeline.evaluating import evaluate_folder, prepare_judging
from passmuster.report.csv_writer import write_findings
from passmuster.report.html.page import write_review
from passmuster.report.json_writer import write_evaluation
from passmuster.report.terminal import print_evaluation


@click.command("evaluate")
@click.argument("snapshot", type=options.FOLDER)
@options.pack_option
@options.registers_option
@options.as_of_option
@options.params_option
@options.fail_on_option
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "html", "csv"]), default="table", show_default=True
)
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    snapshot: Path,
    packs: tuple[str, ...],
    registers: Path | None,
    as_of: datetime | None,
    params: Path | None,
    fail_on: str | None,
    form: str,
) -> int:
    """Judge SNAPSHOT by control packs and print the results."""
    judging = prepare_judging(packs, registers=registers, params=params, as_of=as_of)
    evaluation = evaluate_folder(snapshot, judging)
    _print(evaluation, form)
    return exits.of_evaluation(evaluation, fail_on)


def _print(evaluation: Evaluation, form: str) -> None:
    if form == "json":
        write_evaluation(evaluation, sys.stdout)
    elif form == "csv":
        write_findings(evaluation, sys.stdout)
    else:
        report = ReviewReport(evaluation, Provenance(passmuster.__version__, datetime.now(UTC)))
        if form == "html":
            write_review(report, sys.stdout)
        else:
            print_evaluation(Console(), report)
