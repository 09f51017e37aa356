"""Review cycles: the review, its checklist, the signatures under it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from passmuster.model.keeping import DutyRole, ItemKind, ItemStatus, ReviewStatus
from passmuster.records.choices import choices


class Review(models.Model):
    """One review of one platform. `occurrence` makes opening it twice impossible: a due date or an event."""

    platform = models.ForeignKey("Platform", on_delete=models.PROTECT, related_name="reviews")
    occurrence = models.CharField(max_length=100)
    because = models.CharField(max_length=300)
    status = models.CharField(max_length=16, choices=choices(ReviewStatus), default=ReviewStatus.OPENING)
    due_on = models.DateField()
    opened_at = models.DateTimeField()
    # What is in, what is out and why: {"in": [...], "out": [{"what", "why"}]}; where events opened it, these and the
    # topics that are left out by rule: {"events": [...], "left": [{"topic", "what", "lines", "why"}]}
    scope = models.JSONField(default=dict)
    collection = models.ForeignKey(
        "Collection", null=True, blank=True, on_delete=models.PROTECT, related_name="reviews"
    )
    evaluation = models.ForeignKey(
        "Evaluation", null=True, blank=True, on_delete=models.PROTECT, related_name="reviews"
    )
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by")
    signed_at = models.DateTimeField(null=True, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    # How it differs from the review before and from the approved baseline.
    changes = models.JSONField(default=dict)
    # Why the look at opening fell short, in words; empty where it did not.
    shortfall = models.TextField(blank=True)
    # The sealed report and what it was made from: names of files with their digests.
    seal = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["platform", "occurrence"], name="review_opens_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "due_on"], name="review_due")]

    def __str__(self) -> str:
        return f"{self.platform}, due {self.due_on}"

    # Where something of the checklist is left out by rule, the scope has this.
    LEFT = "left"

    @property
    def left(self) -> list[dict[str, Any]]:
        """The topics that are left out by rule: {"topic", "what", "lines", "why"}; empty where it is whole."""
        return list(self.scope.get(self.LEFT, ()))


class ReviewItem(models.Model):
    """A line of the checklist; `last_answer` is carried from the review before, for reference."""

    # The outcome of a line about advisories for which there is no change, and the key of the one for many of them.
    NO_CHANGE = "no_change"
    MORE_ADVISORIES = "advisories"

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=16, choices=choices(ItemKind))
    key = models.CharField(max_length=300)
    title = models.CharField(max_length=500)
    detail = models.TextField(blank=True)
    severity = models.CharField(max_length=16, blank=True)
    outcome = models.CharField(max_length=16, blank=True)
    status = models.CharField(max_length=16, choices=choices(ItemStatus), default=ItemStatus.OPEN)
    assignee = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="review_items")
    due_on = models.DateField(null=True, blank=True)
    answer = models.TextField(blank=True)
    seen = models.TextField(blank=True)
    last_answer = models.TextField(blank=True)
    done_by = models.ForeignKey("Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["review", "kind", "key"], name="review_item_once")]

    @property
    def control(self) -> str:
        """The id of the control a line is about; empty where it is about none."""
        is_about = self.kind == ItemKind.CONTROL or self.key.startswith("control:")
        return self.key.rpartition(":")[2] if is_about else ""

    @staticmethod
    def key_of_advisory(component: str, advisory: str) -> str:
        """The key of a line about an advisory in a component; however long that is, the advisory stays whole."""
        return f"advisory {component[: 290 - len(advisory)]} {advisory}"

    @property
    def advisory(self) -> str:
        """The advisory a line is about that has no change; empty where it is about none, or about many."""
        is_about_one = self.outcome == self.NO_CHANGE and self.key != self.MORE_ADVISORIES
        return self.key.rpartition(" ")[2] if is_about_one else ""

    @property
    def is_with_guest(self) -> bool:
        """Whether it waits for a vendor's contact, who does not see it."""
        return self.status == ItemStatus.OPEN and self.assignee is not None and self.assignee.vendor_id is not None


class SignOff(models.Model):
    """A signature under a review, by the right a person had when signing."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="sign_offs")
    person = models.ForeignKey("Person", on_delete=models.PROTECT, related_name="sign_offs")
    role = models.CharField(max_length=32, choices=choices(DutyRole))
    statement = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["review", "person"], name="signs_once")]
