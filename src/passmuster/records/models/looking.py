"""Looks at platforms, and what was judged of them. The bulk lies in files; here stand their digests and counts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from passmuster.model.keeping import CollectionState
from passmuster.records.choices import choices


class Collection(models.Model):
    """One look at a platform. `store_key` names the snapshot's folder in the file store."""

    platform = models.ForeignKey("Platform", on_delete=models.PROTECT, related_name="collections")
    state = models.CharField(max_length=16, choices=choices(CollectionState), default=CollectionState.RUNNING)
    because = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    snapshot_id = models.CharField(max_length=64, blank=True)
    snapshot_sha256 = models.CharField(max_length=64, blank=True)
    store_key = models.CharField(max_length=200, blank=True)
    tables_read = models.PositiveSmallIntegerField(default=0)
    tables_total = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    # What differs from the look before: counts by table.
    drift = models.JSONField(default=dict)
    # The same against the approved baseline, where there is one.
    drift_from_baseline = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["platform", "-started_at"], name="collection_newest")]
        constraints: ClassVar = [
            # Two workers cannot look at one platform at once.
            models.UniqueConstraint(
                fields=["platform"], condition=models.Q(state="running"), name="one_running_collection"
            )
        ]


class Evaluation(models.Model):
    """Controls against one look. `store_key` names the results' file (`passmuster/evaluation@1`)."""

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="evaluations")
    as_of = models.DateTimeField()
    packs = models.JSONField(default=list)
    results_sha256 = models.CharField(max_length=64)
    store_key = models.CharField(max_length=200)
    summary = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    # When its findings were followed; the newest of a platform is what the next one is compared with.
    followed_at = models.DateTimeField(null=True, blank=True)


class FollowedRun(models.Model):
    """The run that the findings of a platform stand at: whose open findings are those rows, and no others.

    `run_sha256` is its files' digest; `basis` that of all else their rows were made of (policy, tier, owners).
    """

    platform = models.OneToOneField("Platform", on_delete=models.CASCADE, related_name="followed_run")
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="+")
    run_sha256 = models.CharField(max_length=64)
    open_findings = models.BigIntegerField()
    basis = models.CharField(max_length=64)


class FollowedControl(models.Model):
    """When a control last found anything on a platform: then all its open findings were seen that do not say otherwise.

    So a run that finds a million of them again writes one row here, and none of theirs.
    """

    platform = models.ForeignKey("Platform", on_delete=models.CASCADE, related_name="+")
    pack = models.CharField(max_length=64)
    control = models.CharField(max_length=64)
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["platform", "pack", "control"], name="followed_control_once")
        ]
