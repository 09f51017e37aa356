"""Looks that are kept: collected into an immutable folder, judged, compared with the look before; for the keeper."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from passmuster.documents.atomic import new_folder
from passmuster.documents.json_file import read_json
from passmuster.errors import UnreadableInput
from passmuster.evaluate.run import Base, RunFiles, write_run
from passmuster.model.drift import Drift
from passmuster.model.results import Evaluation
from passmuster.model.words import Outcome
from passmuster.pipeline.collecting import Collecting, collect
from passmuster.pipeline.comparing import odd_pair
from passmuster.pipeline.evaluating import Judging, judge
from passmuster.report.json_writer import write_drift, write_evaluation
from passmuster.snapshot.drift import compare_snapshots
from passmuster.snapshot.manifest import read_manifest
from passmuster.snapshot.noticing import Notice, take_notice
from passmuster.snapshot.read import open_snapshot
from passmuster.snapshot.whereabouts import resource_places

RESULTS, VERDICTS = "evaluation.json", "verdicts.json"


@dataclass(frozen=True)
class Look:
    """A look that was taken. `shortfalls` say, a line each, what could not be read and what would mend it."""

    snapshot_id: str
    platform_id: str
    manifest_sha256: str
    tables_read: int
    tables_total: int
    shortfalls: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """How one control ended, as the keeper needs it."""

    pack: str
    control: str
    title: str
    severity: str
    outcome: str
    reason: str
    violations: int
    remediation: str
    must_attest: bool = False
    """Whether a person's statement decides, in the end."""
    rationale: str = ""
    responsibility: str = ""
    """Whose duty it is to meet it; empty in results of earlier versions."""


@dataclass(frozen=True)
class Kept:
    """A judged look as kept in a folder: `evaluation.json`, `run.parquet` and its differences (see `RunFiles`)."""

    packs: tuple[Mapping[str, str], ...]
    summary: Mapping[str, int]
    results_sha256: str
    verdicts: tuple[Verdict, ...]
    renamed: Mapping[str, str]
    run: RunFiles


@dataclass(frozen=True)
class Compared:
    """Counts by table of what differs, and what somebody should hear of."""

    counts: Mapping[str, Any]
    notices: tuple[Notice, ...]


def take_look(order: Collecting, out: Path) -> Look:
    """Collect into the new folder `out`; raises PassmusterError, and then nothing is there."""
    manifest = collect(order, out)
    causes = dict.fromkeys(
        f"{entry.status}: {entry.reason}" + (f"; to mend it: {entry.unlock}" if entry.unlock else "")
        for entry in manifest.tables.values()
        if entry.status.is_incomplete
    )
    return Look(
        manifest.id,
        manifest.platform_id,
        digest_file(out / "manifest.json"),
        sum(entry.status.is_readable for entry in manifest.tables.values()),
        len(manifest.tables),
        tuple(causes),
    )


def judge_look(snapshot: Path, judging: Judging, out: Path, *, base: Base) -> Kept:
    """Evaluate a look and keep results and run in the new folder `out`; `base` is what the run is held against."""
    opened = open_snapshot(snapshot)
    evaluation = judge(opened, judging)
    with new_folder(out) as scratch:
        with (scratch / RESULTS).open("w", encoding="utf-8") as stream:
            write_evaluation(evaluation, stream)
        verdicts = _verdicts(evaluation, judging)
        (scratch / VERDICTS).write_text(json.dumps([asdict(verdict) for verdict in verdicts]), encoding="utf-8")
        run = write_run(evaluation, judging.packs, resource_places(opened), base=base, folder=scratch)
    counts = {str(outcome): evaluation.count(outcome) for outcome in Outcome}
    return Kept(
        packs=tuple({"id": pack.id, "version": pack.version} for pack in evaluation.packs),
        summary={**counts, "answered": evaluation.answered, "of": evaluation.applicable},
        results_sha256=digest_file(out / RESULTS),
        verdicts=verdicts,
        renamed={old: pack.name_today(old) for pack in judging.packs for old in pack.renamed},
        run=run,
    )


def _verdicts(evaluation: Evaluation, judging: Judging) -> tuple[Verdict, ...]:
    asks = {(pack.id, control.id) for pack in judging.packs for control in pack.controls if control.must_attest}
    return tuple(
        Verdict(
            *(result.pack, result.control, result.title, str(result.severity), str(result.outcome), result.reason),
            violations=result.violation_count,
            remediation=result.remediation,
            rationale=result.rationale,
            # What waits for a decision in a register lacks no statement, and no statement helps it.
            must_attest=(result.pack, result.control) in asks
            and (result.outcome is not Outcome.MANUAL or bool(result.unlocks)),
            responsibility=str(result.responsibility),
        )
        for result in evaluation.results
    )


def kept_verdicts_of(folder: Path) -> tuple[Verdict, ...]:
    """The verdicts of results that `judge_look` kept; raises UnreadableInput where they are damaged."""
    path = folder / VERDICTS
    document = read_json(path)
    try:
        return tuple(Verdict(**entry) for entry in document)
    except TypeError:
        raise UnreadableInput(f"{path}: is damaged; restore it from a backup, or look at the platform again") from None


def moved_verdicts(base: Path, head: Path) -> list[dict[str, str]]:
    """Controls that ended otherwise in `head` than in `base`: control, before, after."""
    before = {(each.pack, each.control): each.outcome for each in kept_verdicts_of(base)}
    return [
        {"control": each.control, "title": each.title, "before": before[each.pack, each.control], "after": each.outcome}
        for each in kept_verdicts_of(head)
        if before.get((each.pack, each.control), each.outcome) != each.outcome
    ]


def compare_looks(base: Path, head: Path, out: Path, *, as_of: datetime) -> Compared:
    """Compare two looks of one platform and keep the drift as `out` (`passmuster/drift@1`)."""
    before, after = open_snapshot(base), open_snapshot(head)
    tables = compare_snapshots(before, after)
    warnings = odd_pair(before.manifest, after.manifest)
    with out.open("w", encoding="utf-8") as stream:
        write_drift(Drift(before.manifest.id, after.manifest.id, tables, (), warnings), stream)
    counts = {
        table.table: {"added": len(table.added), "removed": len(table.removed), "changed": len(table.changed)}
        for table in tables
        if table.is_changed
    }
    blind = {table.table: table.not_comparable for table in tables if table.not_comparable}
    told: dict[str, Any] = {**counts, **({"not_comparable": blind} if blind else {})}
    return Compared(told, take_notice(before, after, tables, as_of=as_of))


def tables_seen_again(base: Path, head: Path) -> frozenset[str]:
    """Tables that `head` could read and `base` could not: what changed in them must be looked for further back."""
    before, after = read_manifest(base).tables, read_manifest(head).tables
    return frozenset(
        name
        for name, entry in after.items()
        if entry.status.is_readable and name in before and not before[name].status.is_readable
    )


def notices_in(base: Path, head: Path, tables: frozenset[str], *, as_of: datetime) -> tuple[Notice, ...]:
    """What somebody should hear of in these tables alone."""
    before, after = open_snapshot(base), open_snapshot(head)
    return take_notice(before, after, compare_snapshots(before, after, tables=tuple(sorted(tables))), as_of=as_of)


def digest_file(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
