"""Messages to people: each says what to do and links to it; `key` makes sending it twice impossible."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Message(models.Model):
    """One message to one person."""

    person = models.ForeignKey("Person", on_delete=models.CASCADE, related_name="messages")
    key = models.CharField(max_length=300)
    kind = models.CharField(max_length=64)
    text = models.CharField(max_length=1000)
    link = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=32, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "key"], name="told_once")]
        indexes: ClassVar = [models.Index(fields=["person", "read_at", "-created_at"], name="message_inbox")]


class Delivery(models.Model):
    """What is sent to a person in one go: a single message or a digest, by one way (`mail`, `chat`, `webhook`).

    `more` counts the messages it stands for beside those it quotes. `key` makes laying it out twice impossible.
    """

    person = models.ForeignKey("Person", on_delete=models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=300, unique=True)
    way = models.CharField(max_length=16)
    is_digest = models.BooleanField(default=False)
    more = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["not_before"],
                condition=models.Q(sent_at=None, given_up_at=None),
                name="delivery_waiting",
            ),
            models.Index(fields=["person", "way", "-created_at"], name="delivery_of_person"),
        ]


class DeliveryLine(models.Model):
    """A message within a delivery; each message goes each way once. Lines that are not quoted are only counted."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="lines")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="lines")
    way = models.CharField(max_length=16)
    is_quoted = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["message", "way"], name="goes_each_way_once")]
