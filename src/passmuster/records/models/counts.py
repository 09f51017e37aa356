"""How many findings there are, kept by triggers on the findings, so that no page counts millions of rows.

A trigger, not a use case: findings also come by COPY and set-based SQL, and a count that some way of writing forgets
is worse than none. Rows may stay with a count of 0 until they are tidied away.

Where owners are many, counts by owner are nearly as many as the findings: whoever asks for no owner reads the totals.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class FindingCount(models.Model):
    """Findings of one control on one platform with one owner (None: nobody), by severity and status."""

    platform = models.ForeignKey("Platform", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    owner = models.ForeignKey(
        "Person", null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    control = models.CharField(max_length=64)
    severity_rank = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=16)
    n = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform", "owner", "control", "severity_rank", "status"],
                nulls_distinct=False,
                name="finding_count_once",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["owner", "status"], name="finding_count_owner")]


class FindingDueCount(models.Model):
    """Findings with a due date, by that date; those without one are not counted here."""

    platform = models.ForeignKey("Platform", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    owner = models.ForeignKey(
        "Person", null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    severity_rank = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=16)
    due_on = models.DateField()
    n = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform", "owner", "severity_rank", "status", "due_on"],
                nulls_distinct=False,
                name="finding_due_count_once",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["owner", "status", "due_on"], name="finding_due_count_owner")]


class FindingTotal(models.Model):
    """Findings of one control on one platform, whoever owns them, by severity and status."""

    platform = models.ForeignKey(
        "Platform", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    control = models.CharField(max_length=64)
    severity_rank = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=16)
    n = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform", "control", "severity_rank", "status"], name="finding_total_once"
            )
        ]


class FindingDueTotal(models.Model):
    """Findings with a due date, whoever owns them, by that date."""

    platform = models.ForeignKey(
        "Platform", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    severity_rank = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=16)
    due_on = models.DateField()
    n = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["status", "due_on", "platform", "severity_rank"], name="finding_due_total_once"
            )
        ]
