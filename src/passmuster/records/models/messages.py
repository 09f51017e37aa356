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
