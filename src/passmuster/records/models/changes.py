"""Patches as they are carried out: adopted plans, changes, and the gates each must pass."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus
from passmuster.records.choices import choices


class Plan(models.Model):
    """A plan somebody adopted: `passmuster/plan@1` and its problem, as they were."""

    problem = models.JSONField()
    plan = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    adopted_by = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="adopted_plans")
    adopted_at = models.DateTimeField()
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replans")


class Change(models.Model):
    """One patch in one environment. `verified_by` is version, behaviour_test or vendor_statement."""

    platform = models.ForeignKey("Platform", on_delete=models.PROTECT, related_name="changes")
    environment = models.ForeignKey(
        "Environment", null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="changes")
    job = models.CharField(max_length=300)
    patch = models.CharField(max_length=300)
    title = models.CharField(max_length=500)
    advisories = models.JSONField(default=list)
    severity = models.CharField(max_length=16, blank=True)
    is_exploited = models.BooleanField(default=False)
    needs_forensics = models.BooleanField(default=False)
    by_vendor = models.BooleanField(default=False)
    component = models.CharField(max_length=300, blank=True)
    target_version = models.CharField(max_length=100, blank=True)
    owner = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="changes")
    status = models.CharField(max_length=16, choices=choices(ChangeStatus), default=ChangeStatus.PLANNED)
    window_start_at = models.DateTimeField(null=True, blank=True)
    window_end_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    disclosed_at = models.DateTimeField(null=True, blank=True)
    vendor_fixed_at = models.DateTimeField(null=True, blank=True)
    learned_at = models.DateTimeField(null=True, blank=True)
    available_at = models.DateTimeField(null=True, blank=True)
    deployed_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.CharField(max_length=32, blank=True)
    is_emergency = models.BooleanField(default=False)
    emergency_reason = models.TextField(blank=True)
    justified_at = models.DateTimeField(null=True, blank=True)
    external_approval = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["status", "due_at"], name="change_due")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform", "job"],
                condition=~models.Q(status__in=["cancelled"]),
                name="one_open_change_a_job",
            )
        ]


class Gate(models.Model):
    """A condition of a change: what was seen, by whom, with which evidence."""

    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="gates")
    kind = models.CharField(max_length=32, choices=choices(GateKind))
    status = models.CharField(max_length=16, choices=choices(GateStatus), default=GateStatus.OPEN)
    requirement = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    evidence = models.ForeignKey("Evidence", null=True, blank=True, on_delete=models.PROTECT, related_name="gates")
    decided_by = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["change", "kind"], name="gate_once")]
