"""Evaluations made by hand, kept and followed as if a look had found them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from passmuster.application.access import Actor
from passmuster.application.findings.finding import follow_findings
from passmuster.application.findings.run_base import base_of
from passmuster.application.storage.storing import results_folder
from passmuster.evaluate.run import Base, write_run
from passmuster.model.control import Pack
from passmuster.model.results import ControlResult, Evaluation, SnapshotIdentity, Violation
from passmuster.model.words import Outcome, Responsibility, Severity
from passmuster.pipeline.following import Kept, Verdict
from passmuster.records import models
from passmuster.snapshot.whereabouts import SCHEMA

PACK = Pack("house", "1.0", "House", Path(), True, ())


def result(
    control: str, outcome: str, resources: Mapping[str, str] | None = None, *, unknown: int = 0, severity: str = "high"
) -> ControlResult:
    """A verdict; `resources` are ids with their detail."""
    found = tuple(
        Violation(each, each.title(), detail, Severity(severity), "not used")
        for each, detail in sorted((resources or {}).items())
    )
    return ControlResult(
        *("house", control, f"Control {control}", "House", Severity(severity), Responsibility.CUSTOMER),
        outcome=Outcome(outcome),
        reason=f"{outcome} said the look",
        violation_count=len(found),
        unknown_resources=unknown,
        violations=found,
    )


def evaluation_of(results: list[ControlResult], at: datetime) -> Evaluation:
    identity = SnapshotIdentity("s", "plat", "n8n", "P", "", "self", "1", at, "n8n", "1", "api")
    return Evaluation(at, identity, (), tuple(results), (), ())


def places(*rows: tuple[str, str, str]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA)


def follow(
    actor: Actor,
    platform: models.Platform,
    results: list[ControlResult],
    *,
    where: pa.Table | None = None,
    packs: tuple[Pack, ...] = (PACK,),
    base: Base | None = None,
    look: models.Collection | None = None,
) -> models.Evaluation:
    """Keep and follow these results as of the actor's time, held against the findings as they stand, or that base.

    They are of a new look, or of the one given.
    """
    collection = look or models.Collection.objects.create(platform=platform, state="done", started_at=actor.now)
    evaluation = models.Evaluation.objects.create(
        collection=collection,
        as_of=actor.now,
        results_sha256="0" * 64,
        store_key=f"results/{platform.slug}/{uuid4().hex}",
        created_at=actor.now,
    )
    folder = results_folder(evaluation)
    folder.mkdir(parents=True)
    places = SCHEMA.empty_table() if where is None else where
    with nullcontext(base) if base is not None else base_of(platform) as against:
        run = write_run(evaluation_of(results, actor.now), packs, places, base=against, folder=folder)
    verdicts = tuple(
        Verdict(
            *(each.pack, each.control, each.title, str(each.severity), str(each.outcome), each.reason),
            violations=each.violation_count,
            remediation="",
        )
        for each in results
    )
    (folder / "verdicts.json").write_text(json.dumps([asdict(verdict) for verdict in verdicts]))
    renamed = {old: pack.name_today(old) for pack in packs for old in pack.renamed}
    follow_findings(actor, evaluation, Kept((), {}, "0" * 64, verdicts, renamed, run))
    return evaluation
