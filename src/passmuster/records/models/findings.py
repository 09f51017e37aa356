"""Findings over time, deviations that accept some of them for a while, and tickets elsewhere."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from passmuster.model.keeping import DeviationStatus, FindingStatus
from passmuster.model.words import Severity
from passmuster.records.choices import choices

# Sorting by severity must not depend on how the word is spelled.
SEVERITY_RANKS = {word.value: rank for rank, word in enumerate(Severity)}

WORST_FIRST = ("severity_rank", "id")
_IS_DUE = models.Q(status__in=[FindingStatus.OPEN, FindingStatus.IN_PROGRESS], due_on__isnull=False)


class Finding(models.Model):
    """One violation of one control by one resource of one platform, found once or again.

    `age_from` is when it was first seen, or first excepted: the clock of its age. `severity_rank`: 0 is worst.
    """

    # Every index costs at each of a million rows: of keys to other tables only those are kept that a list follows.
    platform = models.ForeignKey("Platform", on_delete=models.PROTECT, related_name="findings", db_index=False)
    fingerprint = models.CharField(max_length=64)
    pack = models.CharField(max_length=64)
    control = models.CharField(max_length=64)
    title = models.CharField(max_length=500)
    resource_id = models.CharField(max_length=500)
    resource_name = models.CharField(max_length=500, blank=True)
    environment = models.CharField(max_length=200, blank=True)
    # What the platform calls that environment's kind (sandbox, production ...); rules of deviations name it.
    environment_kind = models.CharField(max_length=32, blank=True)
    detail = models.TextField(blank=True)
    severity = models.CharField(max_length=16, choices=choices(Severity))
    severity_rank = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=16, choices=choices(FindingStatus), default=FindingStatus.OPEN)
    owner = models.ForeignKey(
        "Person", null=True, blank=True, on_delete=models.PROTECT, related_name="findings", db_index=False
    )
    # Chosen by a person; else the owner follows who owns the resource, control, environment or platform.
    is_owner_chosen = models.BooleanField(default=False)
    due_on = models.DateField(null=True, blank=True)
    due_reason = models.CharField(max_length=300, blank=True)
    priority = models.PositiveSmallIntegerField(default=0)
    priority_reason = models.CharField(max_length=300, blank=True)
    deviation = models.ForeignKey(
        "Deviation", null=True, blank=True, on_delete=models.SET_NULL, related_name="findings", db_index=False
    )
    ticket = models.ForeignKey(
        "Ticket", null=True, blank=True, on_delete=models.SET_NULL, related_name="findings", db_index=False
    )
    first_seen_at = models.DateTimeField()
    # Empty while it is seen whenever its control finds anything; then the control's own time holds (FollowedControl).
    last_seen_at = models.DateTimeField(null=True, blank=True)
    age_from = models.DateTimeField()
    # The first grant that ever covered it since it was last closed; renewals and new requests never move it forward.
    excepted_from = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=300, blank=True)
    reopened_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["platform", "fingerprint"], name="same_finding_is_one"),
        ]
        indexes: ClassVar = [
            # The list's order, ending with the id, so that a page continues by key.
            *(
                models.Index(fields=[*fields, "status", *WORST_FIRST], condition=condition, name=f"finding_{name}")
                for name, fields, condition in (
                    ("worst_first", [], None),
                    ("platform", ["platform"], None),
                    ("platform_control", ["platform", "control"], None),
                    ("control", ["control"], None),
                    ("owner", ["owner"], models.Q(owner__isnull=False)),
                    # To be nobody's is no value that an index could start with and still give the order.
                    ("nobodys", [], models.Q(owner__isnull=True)),
                    ("environment", ["environment"], ~models.Q(environment="")),
                    ("deviation", ["deviation"], models.Q(deviation__isnull=False)),
                )
            ),
            models.Index(fields=["status", "due_on", "id"], name="finding_due"),
            *(
                models.Index(fields=[name, "due_on", "id"], condition=_IS_DUE, name=f"finding_{name}_due")
                for name in ("platform", "owner", "control")
            ),
            models.Index(
                fields=["ticket", "status", *WORST_FIRST],
                condition=models.Q(ticket__isnull=False),
                name="finding_ticket",
            ),
            models.Index(fields=["platform"], condition=models.Q(excepted_from__isnull=False), name="finding_excepted"),
        ]


class FindingStep(models.Model):
    """Something that happened to a finding: closed, reopened, accepted, a decision of a person."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    what = models.CharField(max_length=32)
    by = models.CharField(max_length=254)
    why = models.CharField(max_length=1000, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["finding", "id"], name="finding_history")]


class Deviation(models.Model):
    """An exception from a control: for one resource, or by a rule over environments' stages.

    `compensating_control` is a control of a pack that must pass while it holds. `first_granted_at` survives renewals.
    """

    platform = models.ForeignKey("Platform", null=True, blank=True, on_delete=models.PROTECT, related_name="deviations")
    control = models.CharField(max_length=64)
    resource_id = models.CharField(max_length=500, blank=True)
    # {"stages": [...], "tiers": [...]}: all that fit are covered where no resource is named.
    rule = models.JSONField(default=dict)
    reason = models.TextField()
    owner = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="owned_deviations")
    requested_by = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="requested_deviations")
    decided_by = models.ForeignKey(
        "Person", null=True, blank=True, on_delete=models.PROTECT, related_name="decided_deviations"
    )
    decision_reason = models.TextField(blank=True)
    status = models.CharField(max_length=16, choices=choices(DeviationStatus), default=DeviationStatus.REQUESTED)
    compensating_control = models.CharField(max_length=64, blank=True)
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    ends_on = models.DateField()
    renews = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="renewals")
    first_granted_at = models.DateTimeField(null=True, blank=True)


class DeviationCheck(models.Model):
    """What the last look said of the compensating control of a deviation on one platform.

    `is_held` False suspends the deviation there; a look that cannot tell leaves it as it was, and its outcome says so.
    """

    deviation = models.ForeignKey(Deviation, on_delete=models.CASCADE, related_name="checks")
    platform = models.ForeignKey("Platform", on_delete=models.CASCADE, related_name="+")
    is_held = models.BooleanField()
    outcome = models.CharField(max_length=16)
    reason = models.CharField(max_length=1000, blank=True)
    checked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["deviation", "platform"], name="one_check_a_platform")]


class Ticket(models.Model):
    """One ticket in somebody's own system: a control, an environment and an owner."""

    platform = models.ForeignKey("Platform", on_delete=models.PROTECT, related_name="tickets")
    control = models.CharField(max_length=64)
    environment = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="tickets")
    external_key = models.CharField(max_length=200, blank=True)
    external_url = models.CharField(max_length=500, blank=True)
    external_status = models.CharField(max_length=100, blank=True)
    # The digest of what was last taken over there, and how often something was: what differs is told again.
    sent_digest = models.CharField(max_length=64, blank=True)
    sent_count = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    # Why it is not taken over there, since when, and when that was last tried; empty again once it is taken.
    failure = models.CharField(max_length=200, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    raised_by = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform", "control", "environment", "owner"], nulls_distinct=False, name="one_ticket"
            )
        ]


class TicketMessage(models.Model):
    """A signed message from a ticket system that was heard; its id makes hearing it twice impossible."""

    message_id = models.CharField(max_length=200, unique=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    at = models.DateTimeField()
