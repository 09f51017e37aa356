"""Findings followed over time: found again is the same, gone is closed by evidence, back is reopened."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.findings.covering import cover_findings
from passmuster.application.findings.finding_policy import Standing, read_finding_policy, urgencies
from passmuster.application.findings.finding_rows import Bulk, basis_of, load_run, merge_run, refresh_open
from passmuster.application.findings.run_base import base_of, mark_of
from passmuster.application.findings.suspending import check_compensation
from passmuster.application.programme.owners import owner_of
from passmuster.application.storage.storing import home, results_folder
from passmuster.evaluate.run import RunFiles, hold_again
from passmuster.model.keeping import DataClass, Tier
from passmuster.pipeline.following import Kept
from passmuster.records.models import Deviation, Evaluation, FollowedRun, Platform


def follow_findings(actor: Actor, evaluation: Evaluation, kept: Kept) -> Mapping[str, int]:
    """Bring the findings of a platform up to an evaluation; returns how many are new, reopened, closed, changed.

    Whatever a control could not tell stays as it was. Following the same evaluation twice changes nothing.
    """
    platform = evaluation.collection.platform
    with acting(actor, Action.WORK_FINDING, evaluation, platform=platform, verb="follow_findings") as event:
        # Two evaluations of one platform are followed one after the other.
        Platform.objects.select_for_update().get(pk=platform.pk)
        evaluation.refresh_from_db(fields=["followed_at"])
        # By number: a clock that was once wrong must not keep all that comes after from being followed.
        newer = Q(collection__gt=evaluation.collection_id) | Q(
            collection=evaluation.collection_id, pk__gt=evaluation.pk
        )
        later = Evaluation.objects.filter(newer, collection__platform=platform, followed_at__isnull=False)
        if evaluation.followed_at is not None or later.exists():
            event.is_silent = True
            return {}
        _rename_deviations(platform, kept.renamed)
        counts, run = _merge(actor, evaluation, kept)
        check_compensation(actor, platform, kept.verdicts)
        covered = cover_findings(actor, platform)
        evaluation.followed_at = actor.now
        evaluation.save(update_fields=["followed_at"])
        event.after = {**counts, **covered, "carried": run.carried, "results": kept.results_sha256}
    return counts


def bulk_for(actor: Actor, platform: Platform) -> Bulk:
    """What a bulk step needs to know of the platform and the house's policy; raises UnreadableInput."""
    policy = read_finding_policy(home())
    standing = Standing(Tier(platform.tier), DataClass(platform.data_class), platform.business_priority)
    owner = owner_of(platform)
    return Bulk(
        platform=platform.pk,
        now=actor.now,
        urgencies=urgencies(policy, standing),
        came_back_points=policy.came_back_points,
        same_within_days=policy.same_within_days,
        default_owner=owner.pk if owner else None,
        by=actor.name,
    )


def _merge(actor: Actor, evaluation: Evaluation, kept: Kept) -> tuple[dict[str, int], RunFiles]:
    """Apply the run; where others were followed since it was held against a base, it is held against these first."""
    platform, folder, run = evaluation.collection.platform, results_folder(evaluation), kept.run
    bulk = bulk_for(actor, platform)
    if run.mark != mark_of(platform):
        with base_of(platform) as base:
            run = hold_again(folder, run.conclusive, base)
    load_run(bulk, run, folder)
    counts = merge_run(bulk)
    basis = basis_of(bulk)
    followed = FollowedRun.objects.filter(platform=platform).first()
    if followed is None or followed.basis != basis:
        counts["changed"] += refresh_open(bulk)
    FollowedRun.objects.update_or_create(
        platform=platform,
        defaults={
            "evaluation": evaluation,
            "run_sha256": run.sha256,
            "open_findings": run.rows + run.carried,
            "basis": basis,
        },
    )
    return counts, run


def _rename_deviations(platform: Platform, renamed: Mapping[str, str]) -> None:
    """A control that was renamed keeps its exceptions."""
    for old, new in renamed.items():
        if old != new:
            Deviation.objects.filter(control=old).update(control=new)
            Deviation.objects.filter(compensating_control=old).update(compensating_control=new)
