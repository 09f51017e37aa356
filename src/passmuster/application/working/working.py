"""Work in the background: asked for once, taken up by one worker, ended once, whatever happens to workers meanwhile.

The row says what is so; a job of the queue only wakes a worker. Lost jobs are asked for again by `take_over_lost`, and
a job that comes twice finds nothing to take up.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from procrastinate.contrib.django import app as queue

from passmuster.application.access import Action, Actor
from passmuster.application.acting import Event, acting, keeper, write_event
from passmuster.application.behalf import asked_anew, asked_too, is_for_somebody
from passmuster.application.holding import WorkTakenOver
from passmuster.errors import UsageError
from passmuster.model.keeping import WorkState
from passmuster.records.models import Platform, Work

TASK = "passmuster.do_work"
# Messages and the like take a moment, and must not wait behind looks that take an hour.
QUEUE, QUICK_QUEUE = "work", "quick"
_QUICK = frozenset(
    {
        *("deliver", "deviations", "escalate", "remind", "reviews", "sign_ins"),
        *("checkpoint", "sign_decisions", "tidy"),
    }
)
LOST_AFTER = timedelta(seconds=60)
# Minutes until a failed piece of work is tried again; after the last it has failed.
_RETRY_MINUTES = (1, 5, 15, 60)
_MOST_LOST = 10
_BUSY_WAIT, _PATIENCE = timedelta(seconds=15), timedelta(hours=1)
UNDER_WAY = (WorkState.WAITING, WorkState.RUNNING)

# What waits for longer than any try waits for was put off by a clock that was wrong.
_LONGEST_WAIT = timedelta(minutes=2 * max(_RETRY_MINUTES))

_LOST = """
SELECT work.id FROM records_work work
WHERE (work.state = 'running' AND work.seen_at < clock_timestamp() - %(after)s::interval)
   OR (work.state = 'waiting' AND work.not_before > %(now)s::timestamptz + %(longest)s::interval)
   OR (work.state = 'waiting' AND work.seen_at < clock_timestamp() - %(after)s::interval
       AND coalesce(work.not_before, work.created_at) < %(now)s::timestamptz - %(after)s::interval
       AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs job WHERE job.id = work.job_id AND job.status = 'todo'))
ORDER BY work.id LIMIT 1000 FOR UPDATE OF work SKIP LOCKED
"""
# Jobs of workers that are gone: nobody ends them.
_ABANDONED = """
DELETE FROM procrastinate_jobs WHERE id IN (
    SELECT job.id FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
    WHERE job.status = 'doing'
      AND (worker.id IS NULL OR worker.last_heartbeat < clock_timestamp() - %(after)s::interval)
    FOR UPDATE OF job SKIP LOCKED
)
"""


def ask_for(
    kind: str,
    *,
    key: str,
    title: str,
    now: datetime,
    platform: Platform | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> Work | None:
    """Have work done, in the caller's transaction where there is one; None where that key was asked for before."""
    with transaction.atomic():
        work, is_new = Work.objects.get_or_create(
            key=key,
            defaults={
                "kind": kind,
                "title": title[:300],
                "platform": platform,
                "arguments": dict(arguments or {}),
                "created_at": now,
            },
        )
        if is_new:
            _wake(work, None)
    return work if is_new else None


def _wake(work: Work, at: datetime | None, *, priority: int = 0) -> None:
    """Put a job for it into the queue, in the same transaction."""
    lane = QUICK_QUEUE if work.kind in _QUICK else QUEUE
    work.job_id = queue.configure_task(TASK, queue=lane, schedule_at=at, priority=priority).defer(work=work.pk)
    work.not_before = at
    Work.objects.filter(pk=work.pk).update(job_id=work.job_id, not_before=at, seen_at=Now())


def take_up(identity: int, job_id: int, now: datetime) -> Work | None:
    """Take the work up with a token of one's own; None where it is not waiting, or waits for another job."""
    token = secrets.token_hex(16)
    taken = Work.objects.filter(pk=identity, job_id=job_id, state=WorkState.WAITING).update(
        state=WorkState.RUNNING,
        token=token,
        attempts=F("attempts") + 1,
        started_at=now,
        seen_at=Now(),
        progress="",
    )
    return Work.objects.select_related("platform").get(pk=identity) if taken else None


def show_progress(held: tuple[int, str], text: str) -> None:
    """Say how far it is; raises WorkTakenOver where another has it now."""
    identity, token = held
    if not _mine(identity, token).update(progress=text[:300], seen_at=Now()):
        raise WorkTakenOver(f"work {identity} went to another worker")


def note_progress(token: str, text: str) -> None:
    """Say how far the work held with that token is; nothing where nobody holds it any more."""
    Work.objects.filter(token=token, state=WorkState.RUNNING).update(progress=text[:300], seen_at=Now())


def keep_seen(tokens: Iterable[str]) -> None:
    """Say that the work held with these tokens is still being done."""
    Work.objects.filter(token__in=list(tokens), state=WorkState.RUNNING).update(seen_at=Now())


def end_work(held: tuple[int, str], now: datetime, result: Mapping[str, Any] | None = None) -> bool:
    """The work is done, and what came of it; False where another has it now."""
    identity, token = held
    told = {"state": WorkState.DONE, "ended_at": now, "error": "", "token": "", "result": dict(result or {})}
    return bool(_mine(identity, token).update(**told))


def put_back(
    held: tuple[int, str], error: str, now: datetime, *, is_busy: bool = False, is_final: bool = False
) -> Work | None:
    """It went wrong: try again later, or after the last try let it have failed; None where another has it now.

    With `is_busy` it only came too early: for an hour that is no try, and it comes again soon. With `is_final` it
    would go wrong again.
    """
    identity, token = held
    with transaction.atomic():
        work: Work | None = _mine(identity, token).select_for_update().first()
        if work is None:
            return None
        work.error, work.token = error.replace("\0", "")[:4000], ""
        if is_busy and now - work.created_at < _PATIENCE:
            work.state, work.attempts = WorkState.WAITING, max(work.attempts - 1, 0)
            work.save(update_fields=["error", "token", "state", "attempts"])
            _wake(work, now + _BUSY_WAIT)
            return work
        has_failed = is_final or work.attempts > len(_RETRY_MINUTES)
        work.state = WorkState.FAILED if has_failed else WorkState.WAITING
        work.ended_at = now if has_failed else None
        work.save(update_fields=["error", "token", "state", "ended_at"])
        if not has_failed:
            _wake(work, now + timedelta(minutes=_RETRY_MINUTES[work.attempts - 1]))
    return work


def drop_work(held: tuple[int, str], why: str, now: datetime) -> Work | None:
    """Whoever asked for it may not any more, so it is not begun; an event says why. None where another has it now."""
    with transaction.atomic():
        work = put_back(held, why, now, is_final=True)
        if work is not None:
            event = Event("work", str(work.pk), work.platform.slug if work.platform else "", why=why)
            event.before, event.after = {"state": WorkState.WAITING, "title": work.title}, {"state": work.state}
            write_event(keeper(now), "drop_work", event)
    return work


def _mine(identity: int, token: str) -> Any:
    return Work.objects.filter(pk=identity, token=token, state=WorkState.RUNNING)


def take_over_lost(now: datetime, *, lost_after: timedelta = LOST_AFTER) -> list[Work]:
    """Ask again for work whose worker was not seen for that long, or whose job got lost; returns it.

    What a worker is writing this moment is left to it: its transaction holds the row. Work that lost its worker time
    and again may well be why: it has failed.
    """
    unseen, gone = _seconds(lost_after), _seconds(max(lost_after, timedelta(seconds=30)))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LOST, {"after": unseen, "now": now, "longest": _seconds(_LONGEST_WAIT)})
            lost = [row[0] for row in cursor.fetchall()]
        found = list(Work.objects.filter(pk__in=lost).select_related("platform"))
        for work in found:
            _ask_again(work, now)
    with connection.cursor() as cursor:
        cursor.execute(_ABANDONED, {"after": gone})
    return found


def _ask_again(work: Work, now: datetime) -> None:
    work.token, work.state = "", WorkState.WAITING
    if work.attempts >= _MOST_LOST:
        work.state, work.ended_at = WorkState.FAILED, now
        work.error = f"its worker was lost {work.attempts} times"
    work.save(update_fields=["token", "state", "ended_at", "error"])
    if work.state == WorkState.WAITING:
        # It had its turn before what came later.
        _wake(work, None, priority=1)


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds()} seconds"


def try_again(actor: Actor, identity: int) -> Work:
    """Have failed work tried again; raises NotAllowed, UsageError where it has not failed, or is in somebody's name."""
    found = Work.objects.select_related("platform").filter(pk=identity).first()
    if found is None:
        raise UsageError(f"there is no work {identity}")
    if is_for_somebody(found):
        raise UsageError("this was done in the name of whoever asked; ask for it again where it was asked for")
    action = Action.COLLECT if found.platform else Action.MANAGE_PROGRAMME
    with acting(actor, action, found, platform=found.platform, verb="try_work_again") as event:
        work = Work.objects.select_for_update().get(pk=identity)
        if work.state != WorkState.FAILED:
            raise UsageError("only work that has failed can be tried again")
        event.before, event.after = {"state": work.state, "error": work.error}, {"state": WorkState.WAITING}
        work.arguments = asked_anew(actor, work.arguments)
        return set_going(work)


def join_work(actor: Actor, work: Work) -> Work:
    """The actor asks for work that is under way too; work in somebody's name stays as they asked for it."""
    if not is_for_somebody(work):
        told = asked_too(actor, work.arguments)
        if told != work.arguments:
            work.arguments = told
            Work.objects.filter(pk=work.pk, state=WorkState.WAITING).update(arguments=told)
    return work


def set_going(work: Work) -> Work:
    """Let work that went wrong wait for a worker again with all its tries; inside the caller's transaction."""
    work.state, work.attempts, work.ended_at, work.error = WorkState.WAITING, 0, None, ""
    work.save(update_fields=["state", "attempts", "ended_at", "error", "arguments"])
    _wake(work, None)
    return work
