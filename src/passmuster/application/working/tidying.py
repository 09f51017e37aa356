"""How long work and messages are kept, and taking away what is older. The record itself is kept for ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from passmuster.application.working.answered_calls import forget_answers
from passmuster.errors import UsageError
from passmuster.model.keeping import WorkState
from passmuster.records.models import Delivery, Message, Work

WORK_DAYS, MESSAGE_DAYS = "PASSMUSTER_KEEP_WORK_DAYS", "PASSMUSTER_KEEP_MESSAGES_DAYS"
_USUAL_WORK_DAYS, _USUAL_MESSAGE_DAYS = 30, 400
# Messages wait up to two weeks for a digest, and reminders come two weeks ahead: younger ones are still in use.
_LEAST = {WORK_DAYS: 2, MESSAGE_DAYS: 30}
_MOST_DAYS = 36_500
# They come every few minutes.
_CHORES_DAYS = 2


@dataclass(frozen=True)
class Keeping:
    """Days for which ended work and messages are kept."""

    work_days: int = _USUAL_WORK_DAYS
    message_days: int = _USUAL_MESSAGE_DAYS


def read_keeping(environ: Mapping[str, str]) -> Keeping:
    """What the environment says; raises UsageError with every mistake."""
    usual = {WORK_DAYS: _USUAL_WORK_DAYS, MESSAGE_DAYS: _USUAL_MESSAGE_DAYS}
    given = {name: environ.get(name, "").strip() or str(days) for name, days in usual.items()}
    wrong = [
        f"{name}: {text!r} is not a whole number of days from {_LEAST[name]} to {_MOST_DAYS}"
        for name, text in given.items()
        if not (text.isascii() and text.isdigit() and len(text) < 7 and _LEAST[name] <= int(text) <= _MOST_DAYS)
    ]
    if wrong:
        raise UsageError("; ".join(wrong))
    return Keeping(int(given[WORK_DAYS]), int(given[MESSAGE_DAYS]))


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


def forget_old_work(now: datetime, chores: Iterable[str], *, days: int = _USUAL_WORK_DAYS) -> int:
    """Take away work that ended so long ago; of chores, which come every few minutes, what was done days ago."""
    ended = Work.objects.filter(state__in=[WorkState.DONE, WorkState.FAILED])
    old, _ = ended.filter(ended_at__lt=now - timedelta(days=days)).delete()
    short, _ = ended.filter(
        kind__in=list(chores), state=WorkState.DONE, ended_at__lt=now - timedelta(days=_CHORES_DAYS)
    ).delete()
    return old + short
