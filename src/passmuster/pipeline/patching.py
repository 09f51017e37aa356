"""The patch side in one go: what concerns us, who must act by when, and the plan; as documents, calendar and report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from passmuster.documents.atomic import new_folder, refuse_full
from passmuster.model.report import PatchReport, Provenance
from passmuster.pipeline.plan_problem import build_problem, write_problem
from passmuster.pipeline.planning import Planned, PlanRequest, plan_file
from passmuster.pipeline.triaging import Triage, Triaging
from passmuster.pipeline.triaging_store import triage_store
from passmuster.report.html.page import write_patches
from passmuster.report.ics import Revision, write_ics
from passmuster.report.plan_json import write_plan
from passmuster.report.triage_writer import write_triage
from passmuster.triage.order import worst_first

_SECONDS = 60.0


@dataclass(frozen=True)
class Patching:
    """The store of advisories, by what to triage, and the calendar; without one there is no plan.

    `bom` lists what runs beside the snapshots. `work` is how much counted effort the plan may take, so that the same
    input gives the same plan.
    """

    store: Path
    by: Triaging
    calendar: Path | None = None
    bom: Path | None = None
    catalogue: Path | None = None
    work: float = 20.0


def report_patches(
    job: Patching,
    folder: Path,
    snapshots: Sequence[Path] = (),
    *,
    progress: Callable[[str], None] = lambda _text: None,
) -> PatchReport:
    """Write triage.json, and with a calendar problem.json, plan.json and plan.ics, into `folder`, which must exist."""
    progress("which advisories concern what runs")
    found = _triage(job, snapshots)
    triage = folder / "triage.json"
    with triage.open("w", encoding="utf-8") as out:
        write_triage(found.decisions, out, as_of=found.as_of, warnings=found.warnings)
    policy = f"{job.by.policy.id} {job.by.policy.version}"
    report = PatchReport(found.decisions, found.as_of, policy, found.warnings)
    return _with_plan(report, job, job.calendar, folder, progress) if job.calendar else report


def _triage(job: Patching, snapshots: Sequence[Path]) -> Triage:
    """The decisions for all snapshots and the BOM together."""
    parts = [triage_store(job.store, job.by, snapshot=path, catalogue=job.catalogue) for path in snapshots]
    if job.bom:
        parts.append(triage_store(job.store, job.by, bom=job.bom, catalogue=job.catalogue))
    decisions = worst_first(decision for part in parts for decision in part.decisions)
    warnings = dict.fromkeys(warning for part in parts for warning in part.warnings)
    return Triage(decisions, job.by.as_of, tuple(warnings))


def _with_plan(
    report: PatchReport, job: Patching, calendar: Path, folder: Path, progress: Callable[[str], None]
) -> PatchReport:
    built = build_problem(folder / "triage.json", calendar)
    write_problem(built, folder / "problem.json")
    request = PlanRequest(folder / "problem.json", seconds=_SECONDS, work=job.work)
    planned = _without_scratch(plan_file(request, progress=progress), folder)
    with (folder / "plan.json").open("w", encoding="utf-8") as out:
        write_plan(planned.plan, out)
    with (folder / "plan.ics").open("w", encoding="utf-8", newline="") as out:
        write_ics(planned.problem, planned.plan, out, revision=Revision(report.as_of))
    left_out = [
        (" of ".join(filter(None, (each.decision.advisory, each.decision.component))), each.reason)
        for each in built.left_out
    ]
    return replace(report, problem=planned.problem, plan=planned.plan, left_out=tuple(left_out))


def _without_scratch(planned: Planned, folder: Path) -> Planned:
    """The plan with warnings that name the problem's file as the reader will find it, not where it was written."""
    told = tuple(warning.replace(f"{folder}/", "") for warning in planned.plan.warnings)
    return replace(planned, plan=replace(planned.plan, warnings=told))


def patches(
    job: Patching,
    out: Path,
    snapshots: Sequence[Path] = (),
    *,
    provenance: Provenance,
    progress: Callable[[str], None] = lambda _text: None,
) -> PatchReport:
    """Write the documents and patches.html into the new folder `out`."""
    refuse_full(out)
    with new_folder(out) as scratch:
        report = report_patches(job, scratch, snapshots, progress=progress)
        with (scratch / "patches.html").open("w", encoding="utf-8") as page:
            write_patches(report, page, provenance=provenance)
    return report
