"""Patches as they are carried out: adopted plans, changes, and the gates each must pass."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from passmuster.model.keeping import ChangeStatus, GateKind, GateStatus
from passmuster.records.choices import choices


class Plan(models.Model):
    """A proposed or adopted plan: `passmuster/plan@1`, its problem and the decisions it was made of, as they were.

    `platforms` are keys; `problems` say why a platform's patches could not be looked at.
    """

    problem = models.JSONField()
    plan = models.JSONField()
    triage = models.JSONField(default=dict)
    platforms = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(
        "Person", null=True, blank=True, on_delete=models.PROTECT, related_name="proposed_plans"
    )
    made_at = models.DateTimeField()
    adopted_by = models.ForeignKey(
        "Person", null=True, blank=True, on_delete=models.PROTECT, related_name="adopted_plans"
    )
    adopted_at = models.DateTimeField(null=True, blank=True)
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replans")


class TriagedAdvisory(models.Model):
    """What the newest triage of a platform says of one advisory in one component; made anew with each plan.

    The plan keeps the decisions as they were; these rows are what lists are read from. `due_order` is `due_at`, or the
    end of time where there is no date; `sought` is what a search looks through, in small letters.
    """

    platform = models.ForeignKey("Platform", on_delete=models.CASCADE, related_name="triaged", db_index=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="triaged")
    advisory = models.CharField(max_length=200)
    title = models.CharField(max_length=500, blank=True)
    component = models.CharField(max_length=300, blank=True)
    version = models.CharField(max_length=200, blank=True)
    fixed = models.CharField(max_length=300, blank=True)
    severity = models.CharField(max_length=16, blank=True)
    severity_rank = models.PositiveSmallIntegerField()
    is_exploited = models.BooleanField(default=False)
    exposure = models.CharField(max_length=64, blank=True)
    is_exposure_assumed = models.BooleanField(default=False)
    outcome = models.CharField(max_length=64)
    due_at = models.DateTimeField(null=True, blank=True)
    due_order = models.DateTimeField()
    who_patches = models.CharField(max_length=32, blank=True)
    reason = models.TextField(blank=True)
    environments = ArrayField(models.CharField(max_length=200), default=list)
    sought = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["platform", "advisory", "component"], name="triaged_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_order", "severity_rank", "id"], name="triaged_soonest"),
            models.Index(fields=["platform", "due_order", "severity_rank", "id"], name="triaged_platform"),
            models.Index(
                fields=["due_order", "severity_rank", "id"],
                condition=models.Q(is_exploited=True),
                name="triaged_exploited",
            ),
        ]


class Change(models.Model):
    """One patch in one environment. `verified_by` is version, behaviour_test or vendor_statement."""

    platform = models.ForeignKey("Platform", on_delete=models.PROTECT, related_name="changes")
    environment = models.ForeignKey(
        "Environment", null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="changes")
    job = models.CharField(max_length=300)
    patch = models.CharField(max_length=300)
    # patch, configure, migrate, test_before, vendor
    action = models.CharField(max_length=16, default="patch")
    title = models.CharField(max_length=500)
    # The job that must have soaked first, in an earlier environment; empty where there is none.
    after_job = models.CharField(max_length=300, blank=True)
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
    # When somebody wrote down that it was in place; `deployed_at` is when it was.
    deployed_noted_at = models.DateTimeField(null=True, blank=True)
    # Why it was deployed outside its window or in a freeze, as it was told then; empty where it was not.
    outside_window = models.CharField(max_length=500, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.CharField(max_length=32, blank=True)
    verified_note = models.TextField(blank=True)
    # Who verified it, and what that rests on: a piece of evidence, or the number of the vendor's case.
    verified_person = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    verified_evidence = models.ForeignKey(
        "Evidence", null=True, blank=True, on_delete=models.PROTECT, related_name="verified_changes"
    )
    verified_case = models.CharField(max_length=200, blank=True)
    requested_by = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # All who ever asked for it, planned, owned or carried it out, by key; none of them decides on it.
    authors = ArrayField(models.BigIntegerField(), default=list, blank=True)
    # Each try begins with open gates; a change that failed or was rolled back is tried again.
    attempt = models.PositiveIntegerField(default=1)
    attempt_at = models.DateTimeField(null=True, blank=True)
    outcome_note = models.TextField(blank=True)
    is_emergency = models.BooleanField(default=False)
    emergency_reason = models.TextField(blank=True)
    emergency_by = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    emergency_at = models.DateTimeField(null=True, blank=True)
    justify_by_at = models.DateTimeField(null=True, blank=True)
    justification = models.TextField(blank=True)
    justified_by = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
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
    # What was said or seen, by name: {"result": "passed", "told_at": ...}; see application/changes/gate_checks.py
    stated = models.JSONField(default=dict)
    # Why it is as it is, as last looked at.
    finding = models.CharField(max_length=500, blank=True)
    note = models.TextField(blank=True)
    evidence = models.ForeignKey("Evidence", null=True, blank=True, on_delete=models.PROTECT, related_name="gates")
    decided_by = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["change", "kind"], name="gate_once")]
