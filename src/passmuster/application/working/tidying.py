"""How long work and messages are kept, and taking away what is older. The record itself is kept for ever."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from passmuster.application.working.answered_calls import forget_answers
from passmuster.application.working.keeping_days import USUAL_WORK_DAYS, Keeping
from passmuster.model.keeping import WorkState
from passmuster.records.models import Delivery, Message, Work

# They come every few minutes.
_CHORES_DAYS = 2


def tidy(now: datetime, chores: Iterable[str], keeping: Keeping) -> str:
    """Take away what is older than it is kept; returns what was done, in words.

    What is still so after a message about it went is told anew.
    """
    work = forget_old_work(now, chores, days=keeping.work_days)
    before = now - timedelta(days=keeping.message_days)
    _, deliveries = Delivery.objects.filter(created_at__lt=before).delete()
    _, messages = Message.objects.filter(created_at__lt=before).delete()
    forget_answers(now)
    told = messages.get("records.Message", 0), deliveries.get("records.Delivery", 0)
    return f"{work} pieces of work, {told[0]} messages and {told[1]} deliveries were taken away"


def forget_old_work(now: datetime, chores: Iterable[str], *, days: int = USUAL_WORK_DAYS) -> int:
    """Take away work that ended so long ago; of chores, which come every few minutes, what was done days ago."""
    ended = Work.objects.filter(state__in=[WorkState.DONE, WorkState.FAILED])
    old, _ = ended.filter(ended_at__lt=now - timedelta(days=days)).delete()
    short, _ = ended.filter(
        kind__in=list(chores), state=WorkState.DONE, ended_at__lt=now - timedelta(days=_CHORES_DAYS)
    ).delete()
    return old + short
