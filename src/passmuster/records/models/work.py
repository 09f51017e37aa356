"""Work in the background as people see it: what runs, how far it is, what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from passmuster.model.keeping import WorkState
from passmuster.records.choices import choices


class Work(models.Model):
    """One piece of work; `key` makes it unique, so that a repeated task changes nothing.

    `token` is drawn anew by whoever takes it up: who holds an old one may write nothing more. `seen_at` is by the
    database's clock: running work that nobody was seen at is taken over.
    """

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=64)
    title = models.CharField(max_length=300)
    platform = models.ForeignKey("Platform", null=True, blank=True, on_delete=models.CASCADE, related_name="work")
    state = models.CharField(max_length=16, choices=choices(WorkState), default=WorkState.WAITING)
    progress = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    # What came of it, for whoever follows it: the look, the review, whether the record holds.
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # What the task needs to know beside the platform.
    arguments = models.JSONField(default=dict)
    token = models.CharField(max_length=32, blank=True)
    job_id = models.BigIntegerField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "-created_at"], name="work_now"),
            models.Index(fields=["kind", "state"], name="work_of_kind"),
        ]
