"""A call that bears a key is done once: repeated within a day it has the answer it had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from passmuster.errors import UsageError
from passmuster.records.models import AnsweredCall

KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Call:
    """Who asks (a digest of their token, or who is signed in), their key, and a digest of what is asked."""

    asker: str
    key: str
    digest: str


@dataclass(frozen=True)
class Answer:
    """The HTTP status and the body, as text."""

    status: int
    body: str


def answer_once(call: Call, act: Callable[[], Answer], now: datetime) -> Answer:
    """What `act` answers, or what it answered within the last day; raises UsageError for a key of another call.

    The answer is kept in the transaction of the act, so that both are there or neither. What raises an error keeps
    nothing: it may be tried again. Two at the same time wait for each other.
    """
    named = {"asker": call.asker, "key": call.key}
    with transaction.atomic():
        AnsweredCall.objects.filter(**named, created_at__lte=now - KEPT).delete()
        kept, is_new = AnsweredCall.objects.get_or_create(**named, defaults={"digest": call.digest, "created_at": now})
        if not is_new:
            if kept.digest != call.digest:
                raise UsageError("Idempotency-Key: another call bore this key within the last day; use a new one")
            return Answer(kept.status, kept.body)
        answer = act()
        kept.status, kept.body = answer.status, answer.body
        kept.save(update_fields=["status", "body"])
        return answer


def forget_answers(now: datetime) -> int:
    """Take away what is older than a day; returns how many answers."""
    return AnsweredCall.objects.filter(created_at__lte=now - KEPT).delete()[0]
