"""The programme: vendors, platforms, environments, who owns what, who is told when nobody acts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from passmuster.model.keeping import DataClass, DutyRole, Stage, Tier
from passmuster.records.choices import choices


class Vendor(models.Model):
    """Who makes and hosts platforms."""

    name = models.CharField(max_length=200, unique=True)
    catalogue_id = models.CharField(max_length=64, blank=True)
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Platform(models.Model):
    """One tenant, organisation or instance under review.

    `credentials` maps a connector's variables to the names of variables, files or commands, never to values.
    """

    name = models.CharField(max_length=200, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    vendor = models.ForeignKey(Vendor, null=True, blank=True, on_delete=models.PROTECT, related_name="platforms")
    kind = models.CharField(max_length=64)
    platform_id = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=500, blank=True)
    export_path = models.CharField(max_length=500, blank=True)
    declared_path = models.CharField(max_length=500, blank=True)
    credentials = models.JSONField(default=dict)
    packs = models.JSONField(default=list)
    tier = models.CharField(max_length=16, choices=choices(Tier), default=Tier.MIDDLE)
    data_class = models.CharField(max_length=16, choices=choices(DataClass), default=DataClass.INTERNAL)
    regulations = models.JSONField(default=list)
    business_priority = models.PositiveSmallIntegerField(default=3)
    time_zone = models.CharField(max_length=64, default="UTC")
    # RFC 5545; empty: the tier's cadence.
    cadence_rrule = models.CharField(max_length=200, blank=True)
    collect_every_hours = models.PositiveIntegerField(default=24)
    next_collection_at = models.DateTimeField(null=True, blank=True)
    next_review_on = models.DateField(null=True, blank=True)
    baseline_collection = models.ForeignKey(
        "Collection", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Environment(models.Model):
    """A part of a platform with a stage, windows and freezes of its own (as in `passmuster/calendar@1`)."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="environments")
    name = models.CharField(max_length=200)
    external_id = models.CharField(max_length=200, blank=True)
    stage = models.CharField(max_length=16, choices=choices(Stage), default=Stage.PRODUCTION)
    region = models.CharField(max_length=64, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    windows = models.JSONField(default=list)
    freezes = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["platform", "name"], name="environment_once")]

    def __str__(self) -> str:
        return f"{self.platform} / {self.name}"


class Ownership(models.Model):
    """Who answers for a thing of a platform, and who stands in."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="ownerships")
    scope_kind = models.CharField(max_length=32)
    scope_id = models.CharField(max_length=500, blank=True)
    owner = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="owns")
    deputy = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="deputises")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["platform", "scope_kind", "scope_id"], name="one_owner_a_thing")
        ]


class EscalationStep(models.Model):
    """Who is told when something is late by that many hours; without a platform it holds for all."""

    platform = models.ForeignKey(
        Platform, null=True, blank=True, on_delete=models.CASCADE, related_name="escalation_steps"
    )
    after_hours = models.PositiveIntegerField()
    role = models.CharField(max_length=32, choices=choices(DutyRole))


class TierProposal(models.Model):
    """Another tier for a platform, because it is used otherwise than before; a person decides. One open a platform."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="tier_proposals")
    tier = models.CharField(max_length=16, choices=choices(Tier))
    reasons = models.JSONField(default=list)
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_accepted = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform"], condition=models.Q(decided_at=None), name="one_open_tier_proposal"
            )
        ]
