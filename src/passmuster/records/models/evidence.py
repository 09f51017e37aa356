"""Evidence: what a file is, what it covers and for how long. The bytes lie in the file store under their digest."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Evidence(models.Model):
    """One piece of evidence; superseded by another, never overwritten."""

    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.BigIntegerField()
    platform = models.ForeignKey("Platform", null=True, blank=True, on_delete=models.PROTECT, related_name="evidence")
    vendor = models.ForeignKey("Vendor", null=True, blank=True, on_delete=models.PROTECT, related_name="evidence")
    period_from = models.DateField(null=True, blank=True)
    period_to = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="evidence")
    controls = models.JSONField(default=list)
    # Set: a contact of the vendor handed it in, for this request.
    request = models.ForeignKey("VendorRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="files")
    reviews: models.ManyToManyField[Any, Any] = models.ManyToManyField("Review", blank=True, related_name="evidence")
    uploaded_by = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="uploads")
    uploaded_at = models.DateTimeField()
    superseded_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_on"], name="evidence_expiry")]
