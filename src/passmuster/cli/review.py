"""`passmuster review`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from passmuster.cli import exits, options
from passmuster.cli.progress import progress_bar
from passmuster.errors import UsageError
from passmuster.model.report import FleetReport
from passmuster.model.results import Evaluation
from passmuster.model.words import Outcome, Severity
from passmuster.pipeline.collecting import Collecting
from passmuster.pipeline.evaluating import Judging, prepare_judging
from passmuster.pipeline.fleet import read_fleet, review_fleet
from passmuster.pipeline.reviewing import Patcher, Review, review
from passmuster.pipeline.triaging import Triaging, prepare_triaging
from passmuster.report.terminal import print_evaluation, print_fleet


@click.command("review")
@click.argument("kind", required=False)
@click.option("--out", type=options.FOLDER, required=True, help="New folder for the review.")
@options.url_option
@options.from_option
@click.option("--snapshot", type=options.FOLDER, help="Review a snapshot that exists instead of collecting one.")
@click.option("--fleet", type=options.FOLDER, help="Review the platforms of a fleet file instead of one.")
@click.option("--against", type=options.FOLDER, help="Compare with this earlier snapshot or review.")
@options.declared_option
@options.platform_id_option
@options.name_option
@options.pack_option
@options.registers_option
@options.params_option
@options.as_of_option
@options.fail_on_option
@options.store_option()
@click.option("--components", "bom", type=options.FOLDER, help="A CycloneDX BOM of what runs beside the platforms.")
@options.calendar_option
@options.policy_option
@options.catalogue_option
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    kind: str | None,
    out: Path,
    url: str | None,
    path: Path | None,
    snapshot: Path | None,
    fleet: Path | None,
    against: Path | None,
    declared: Path | None,
    platform_id: str | None,
    name: str | None,
    packs: tuple[str, ...],
    registers: Path | None,
    params: Path | None,
    as_of: datetime | None,
    fail_on: str | None,
    store: Path | None,
    bom: Path | None,
    calendar: Path | None,
    policy: str,
    catalogue: Path | None,
) -> int:
    """Collect, evaluate, compare and report in one go.

    Give KIND with --url or --from to collect, --snapshot for what was collected, or --fleet for many platforms. With
    --store the report also tells which advisories concern what runs, and with --calendar when to patch.
    """
    if sum(given is not None for given in (kind, snapshot, fleet)) != 1:
        raise UsageError("say what to review: a KIND with --url or --from, or --snapshot DIR, or --fleet FILE")
    about_one = {"--url": url, "--from": path, "--declared": declared, "--platform-id": platform_id, "--name": name}
    _refuse_idle(about_one if kind is None else {}, "says how to collect one platform; give it with a KIND")
    _refuse_idle({"--against": against} if fleet else {}, "stands in the fleet file, for each platform its own")
    if store is None:
        _refuse_idle({"--components": bom, "--calendar": calendar, "--catalogue": catalogue}, "needs --store")
    patcher = None
    if store is not None:
        by = prepare_triaging(policy, as_of=as_of)
        patcher = _patcher(store, by, calendar=calendar, bom=bom, catalogue=catalogue)
    judging = prepare_judging(packs, registers=registers, params=params, as_of=as_of)
    if fleet is not None:
        return _fleet(fleet, judging, out, fail_on, patcher)
    order = Collecting(kind, url, path, declared, platform_id, name) if kind is not None else None
    return _one(Review(judging, order, snapshot, against, patcher), out, fail_on)


def _patcher(store: Path, by: Triaging, *, calendar: Path | None, bom: Path | None, catalogue: Path | None) -> Patcher:
    from passmuster.pipeline.patching import Patching, report_patches  # noqa: PLC0415 - the solver is slow to import

    return partial(report_patches, Patching(store, by, calendar, bom, catalogue))


def _refuse_idle(options: Mapping[str, object], why: str) -> None:
    """An option that would have no effect is a mistake, not a wish."""
    given = [option for option, value in options.items() if value is not None]
    if given:
        raise UsageError(f"{', '.join(given)} {why}")


def _one(asked: Review, out: Path, fail_on: str | None) -> int:
    with progress_bar(f"Reviewing {asked.order.kind if asked.order else asked.snapshot}") as progress:
        order = replace(asked.order, progress=progress) if asked.order else None
        report = review(replace(asked, order=order), out)
    print_evaluation(Console(), report)
    click.echo(f"Report: {out / 'report.html'}")
    return _code(report.evaluation, fail_on)


def _code(evaluation: Evaluation, fail_on: str | None) -> int:
    code = exits.of_evaluation(evaluation, fail_on)
    return code or exits.of_collection(table.status for table in evaluation.tables)


def _fleet(path: Path, judging: Judging, out: Path, fail_on: str | None, patcher: Patcher | None) -> int:
    with progress_bar("Reviewing the fleet") as progress:
        members = read_fleet(path, judging, progress=progress)
        report = review_fleet(members, out, as_of=judging.as_of, patcher=patcher)
    print_fleet(Console(), report)
    click.echo(f"Report: {out / 'fleet.html'}")
    return _fleet_code(report, fail_on)


def _fleet_code(report: FleetReport, fail_on: str | None) -> int:
    if fail_on and any(line.worst and line.worst.is_at_least(Severity(fail_on)) for line in report.lines):
        return exits.FOUND
    unseen = [line.counts.get(word, 0) for line in report.lines for word in (Outcome.UNKNOWN, Outcome.ERROR)]
    return exits.INCOMPLETE if any(line.problem for line in report.lines) or any(unseen) else 0
