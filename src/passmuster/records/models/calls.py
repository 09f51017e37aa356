"""Calls of programs that bear a key, so that one repeated after a lost answer is not done again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class AnsweredCall(models.Model):
    """The answer a call had; `asker` is a digest of the token, or who was signed in; `digest` is of what was asked."""

    asker = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["asker", "key"], name="answered_once")]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="answered_since")]
