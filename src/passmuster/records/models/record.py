"""The record nobody can quietly change: a chain of events, and signed checkpoints over it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class AuditHead(models.Model):
    """The chain's end; one row, locked by whoever writes the next event, so that events have one order."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="one_head")]


class AuditEvent(models.Model):
    """Who did what to what, before and after, and why. `digest` covers all of it and the event before."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=254)
    by = models.CharField(max_length=32)
    action = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=200)
    platform = models.CharField(max_length=80, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    why = models.TextField(blank=True)
    previous_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject_id", "number"], name="audit_of_subject"),
            models.Index(fields=["platform", "number"], name="audit_of_platform"),
            models.Index(fields=["action", "number"], name="audit_of_action"),
            models.Index(fields=["actor", "number"], name="audit_of_actor"),
            models.Index(fields=["at", "number"], name="audit_by_time"),
        ]


class Checkpoint(models.Model):
    """A signed statement of how long the chain was and what it ended with, sent where its keeper cannot reach.

    Where it was sent is told by events; `exported_to` is of those that were sent before events told it.
    """

    number = models.BigIntegerField(unique=True)
    root = models.CharField(max_length=64)
    head_digest = models.CharField(max_length=64)
    envelope = models.JSONField()
    created_at = models.DateTimeField()
    exported_to = models.JSONField(default=list)
