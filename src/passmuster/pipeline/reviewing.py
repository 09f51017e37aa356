"""The main job: collect, evaluate, compare, report; or the same on a snapshot that exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import passmuster
from passmuster.documents.atomic import new_folder, refuse_full
from passmuster.evaluate.compare import Judged, compare, judged
from passmuster.model.declared import DeclaredFact
from passmuster.model.drift import Drift
from passmuster.model.report import BaseSummary, Digest, PatchReport, Provenance, ReviewReport
from passmuster.model.results import Evaluation
from passmuster.pipeline.assuring import view_registers
from passmuster.pipeline.baselines import approved_baseline
from passmuster.pipeline.collecting import Collecting, gather, prepare
from passmuster.pipeline.comparing import kept_verdicts, odd_pair
from passmuster.pipeline.evaluating import Judging, judge, limits_in_force, locate_snapshot
from passmuster.report.csv_writer import ENCODING, write_findings
from passmuster.report.html.page import write_review
from passmuster.report.json_writer import write_drift, write_evaluation
from passmuster.report.registers_workbook import write_registers
from passmuster.report.summary import count_by_severity, fails
from passmuster.snapshot.drift import compare_snapshots
from passmuster.snapshot.inventory import map_flows, take_inventory
from passmuster.snapshot.read import Snapshot, open_snapshot

Patcher = Callable[[Path, Sequence[Path]], PatchReport]
"""Triages and plans for snapshots, and writes its documents into a folder (see `patching`)."""


@dataclass(frozen=True)
class Review:
    """What to review: an order to collect, or a snapshot that exists; with what to compare; and its patches."""

    judging: Judging
    order: Collecting | None = None
    snapshot: Path | None = None
    against: Path | None = None
    patcher: Patcher | None = None
    made_at: datetime | None = None
    """When the report is said to be made; None means now."""
    left_out: tuple[tuple[str, str], ...] = ()
    """What people left out of the review: (what, why)."""


def review(job: Review, out: Path) -> ReviewReport:
    """Write the review into the new folder `out`: snapshot/, evaluation.json, drift.json, report.html, ..."""
    refuse_full(out)
    base = _open_base(job)
    prepared = prepare(job.order) if job.order else None
    existing = open_snapshot(locate_snapshot(job.snapshot)) if job.snapshot else None
    with new_folder(out) as scratch:
        inner = scratch / "snapshot"
        inner.mkdir()
        if prepared is not None:
            gather(*prepared, inner, name=job.order.name if job.order else None)
        elif existing is not None:
            _copy(existing, inner)
        snapshot = open_snapshot(inner)
        evaluation = judge(snapshot, job.judging)
        report = make_report(snapshot, evaluation, job, base)
        if job.patcher is not None:
            report = replace(report, patches=job.patcher(scratch, (inner,)))
        write_files(report, scratch)
    return report


@dataclass(frozen=True)
class _Base:
    """What is compared with: a snapshot, and its verdicts where a review kept them."""

    snapshot: Snapshot
    kept: Mapping[tuple[str, str], Judged] | None = None


def _open_base(job: Review) -> _Base | None:
    """Read before anything is asked of a platform, so that a mistake here costs nobody a collection."""
    if job.against is None:
        return None
    return _Base(open_snapshot(locate_snapshot(job.against)), kept_verdicts(job.against))


def make_report(snapshot: Snapshot, evaluation: Evaluation, job: Review, base: _Base | None) -> ReviewReport:
    """Everything the report shows, from a judged snapshot; without a base, the approved baseline is compared with."""
    if base is None:
        approved = approved_baseline(snapshot.manifest.platform_id, job.judging.registers, as_of=evaluation.as_of)
        base = _Base(approved) if approved else None
    summary, drift = _compare(snapshot, evaluation, job, base) if base else (None, None)
    warnings = (*evaluation.warnings, *(drift.warnings if drift else ()))
    return ReviewReport(
        evaluation=replace(evaluation, warnings=warnings),
        provenance=_provenance(snapshot, job.judging, job.made_at),
        drift=drift,
        base=summary,
        inventory=take_inventory(snapshot),
        flows=map_flows(snapshot),
        registers=view_registers(snapshot, job.judging, as_of=evaluation.as_of),
        left_out=job.left_out,
        declared=tuple(
            DeclaredFact(
                fact["table"], fact["row"], fact["said_by"], datetime.fromisoformat(fact["said_at"]), fact["source"]
            )
            for fact in snapshot.manifest.declared
        ),
    )


def write_files(report: ReviewReport, folder: Path) -> None:
    """The files of a review beside its snapshot."""
    with (folder / "evaluation.json").open("w", encoding="utf-8") as out:
        write_evaluation(report.evaluation, out)
    with (folder / "drift.json").open("w", encoding="utf-8") as out:
        write_drift(report.drift or Drift("", report.evaluation.snapshot.id, ()), out)
    with (folder / "findings.csv").open("w", encoding=ENCODING, newline="") as out:
        write_findings(report.evaluation, out)
    with (folder / "report.html").open("w", encoding="utf-8") as out:
        write_review(report, out)
    if report.registers is not None:
        evaluation = report.evaluation
        name = evaluation.snapshot.name or evaluation.snapshot.platform_id
        target = folder / report.registers_file
        write_registers(report.registers, evaluation.results, target, platform=name, as_of=evaluation.as_of)


def _compare(snapshot: Snapshot, evaluation: Evaluation, job: Review, base: _Base) -> tuple[BaseSummary, Drift]:
    """The base judged as it was reported then, or else judged now as of its own time."""
    manifest = base.snapshot.manifest
    before = judge(base.snapshot, replace(job.judging, as_of=manifest.taken_at))
    changes = compare(base.kept or judged(before), judged(evaluation), job.judging.packs)
    drift = Drift(
        manifest.id,
        snapshot.manifest.id,
        compare_snapshots(base.snapshot, snapshot),
        changes,
        odd_pair(manifest, snapshot.manifest),
    )
    summary = BaseSummary(
        snapshot_id=manifest.id,
        taken_at=manifest.taken_at,
        answered=before.answered,
        applicable=before.applicable,
        fails=count_by_severity(fails(before)),
    )
    return summary, drift


def _provenance(snapshot: Snapshot, judging: Judging, made_at: datetime | None) -> Provenance:
    digests = [Digest(f"snapshot/{name}.parquet", entry.sha256) for name, entry in snapshot.manifest.tables.items()]
    if snapshot.manifest.source_sha256:
        digests.insert(0, Digest("source that was read", snapshot.manifest.source_sha256))
    return Provenance(
        passmuster_version=passmuster.__version__,
        generated_at=made_at or datetime.now(UTC),
        digests=tuple(digests),
        registers=judging.registers.files,
        params=limits_in_force(judging),
    )


def _copy(snapshot: Snapshot, folder: Path) -> None:
    for path in [snapshot.folder / "manifest.json", *(snapshot.file(name) for name in snapshot.manifest.tables)]:
        (folder / path.name).write_bytes(path.read_bytes())
