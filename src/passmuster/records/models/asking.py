"""What is asked of others: of vendors, and of those who are consulted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from passmuster.model.keeping import AskedStatus
from passmuster.records.choices import choices


class VendorRequest(models.Model):
    """A request to a vendor: answered in writing and with files, then accepted, or sent back with a reason."""

    vendor = models.ForeignKey("Vendor", on_delete=models.PROTECT, related_name="requests")
    platform = models.ForeignKey("Platform", null=True, blank=True, on_delete=models.PROTECT, related_name="requests")
    # What it was asked for: a line of a review, a control, an advisory; all empty where it is about none.
    item = models.ForeignKey("ReviewItem", null=True, blank=True, on_delete=models.PROTECT, related_name="requests")
    control = models.CharField(max_length=100, blank=True)
    advisory = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=500)
    detail = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=choices(AskedStatus), default=AskedStatus.OPEN)
    asked_by = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="vendor_requests")
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    # The last word on the answer; of one sent back the reason, which the vendor reads.
    decision = models.TextField(blank=True)
    decided_by = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["status", "due_on"], name="vendor_request_due")]

    def __str__(self) -> str:
        return self.title


class Consultation(models.Model):
    """Legal and privacy asked about an exception or a change, and what they said."""

    platform = models.ForeignKey("Platform", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    deviation = models.ForeignKey(
        "Deviation", null=True, blank=True, on_delete=models.CASCADE, related_name="consultations"
    )
    change = models.ForeignKey("Change", null=True, blank=True, on_delete=models.CASCADE, related_name="consultations")
    because = models.CharField(max_length=500)
    asked_at = models.DateTimeField()
    opinion = models.TextField(blank=True)
    given_by = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(deviation=None) ^ models.Q(change=None), name="consulted_about_one_thing"
            ),
            models.UniqueConstraint(fields=["deviation"], condition=~models.Q(deviation=None), name="consulted_once"),
            models.UniqueConstraint(
                fields=["change", "because"], condition=~models.Q(change=None), name="consulted_once_a_cause"
            ),
        ]
