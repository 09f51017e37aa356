"""One piece of work from taking up to its end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError

from passmuster.application.access import Actor
from passmuster.application.acting import keeper
from passmuster.application.behalf import tokens_of
from passmuster.application.holding import WorkTakenOver
from passmuster.application.looking.looking import AlreadyLooking
from passmuster.application.people.tokens import why_ended
from passmuster.application.working.working import drop_work, end_work, put_back, show_progress, take_up
from passmuster.errors import PassmusterError
from passmuster.model.keeping import WorkState
from passmuster.records.models import Work
from passmuster.worker.beating import Beat

_LOG = logging.getLogger(__name__)
_SHORTEST_SECONDS = 0.5


@dataclass(frozen=True)
class Doing:
    """What a task gets: who acts, the work, and where to say how far it is.

    `progress` raises WorkTakenOver. `aside` is for use inside a long transaction: it is written by another thread.
    """

    actor: Actor
    work: Work
    progress: Callable[[str], None]
    aside: Callable[[str], None] = lambda _text: None


class Refusal(PassmusterError):
    """What was asked for cannot be done, and trying again would not mend it: it has failed, and why is told at once."""


Result = Mapping[str, Any]
# What came of it, where whoever follows the work should hear of it.
Task = Callable[[Doing], Result | None]
Tasks = Mapping[str, Task]


@dataclass(frozen=True)
class Means:
    """What a worker works with; `tell_failure` hears of work that was tried for the last time.

    `note_trouble` hears of every try that went wrong.
    """

    tasks: Tasks
    clock: Callable[[], datetime]
    beat: Beat
    tell_failure: Callable[[Work, datetime], None] = lambda _work, _now: None
    note_trouble: Callable[[Work], None] = lambda _work: None
    # Brings a database of one's own back, where it ended.
    revive: Callable[[], object] = lambda: None


def perform(identity: int, job_id: int, means: Means) -> None:
    """Do the work unless another does it or did; what goes wrong is kept with it and tried again later.

    Raises DatabaseError where the database went away: nothing can be said then, and another takes the work over.
    """
    now = means.clock()
    work = take_up(identity, job_id, now)
    if work is None:
        return
    held = (work.pk, work.token)
    # What came of it already is only to be ended.
    if not work.result and (why := why_ended(tokens_of(work.arguments), now)):
        dropped = drop_work(held, why, now)
        if dropped is not None:
            means.tell_failure(dropped, now)
        return
    with means.beat.holding(work.token):
        done = _try(work, held, means)
    if done.error is None:
        end_work(held, means.clock(), done.result)
    elif done.error:
        failed = put_back(held, done.error, means.clock(), is_busy=done.is_busy, is_final=done.is_final)
        if failed is not None and not done.is_busy:
            means.note_trouble(failed)
        if failed is not None and failed.state == WorkState.FAILED:
            means.tell_failure(failed, means.clock())


def _telling(held: tuple[int, str]) -> Callable[[str], None]:
    """Says how far it is, at most twice a second: some tasks tell of every page they read."""
    last = float("-inf")

    def say(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _SHORTEST_SECONDS:
            show_progress(held, text)
            last = time.monotonic()

    return say


@dataclass(frozen=True)
class _Tried:
    """How a try ended. `error` says in words what went wrong; None: nothing; empty: it is another's by now.

    `is_busy`: nothing is wrong, somebody else only has to end first. `is_final`: trying again would not help.
    """

    error: str | None = None
    result: Result | None = None
    is_busy: bool = False
    is_final: bool = False


def _try(work: Work, held: tuple[int, str], means: Means) -> _Tried:
    doing = Doing(keeper(means.clock(), held), work, _telling(held), lambda text: means.beat.say(held[1], text))
    task = means.tasks.get(work.kind)
    if task is None:
        return _Tried(f"no such work is done here: {work.kind}; this worker's version or settings lack it")
    try:
        return _Tried(result=task(doing))
    except WorkTakenOver:
        return _Tried("")
    except PassmusterError as error:
        told = str(error) or type(error).__name__
        return _Tried(told, is_busy=isinstance(error, AlreadyLooking), is_final=isinstance(error, Refusal))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        _LOG.exception("work %s (%s) failed", work.pk, work.kind)
        return _Tried(f"a fault of Passmuster itself: {type(error).__name__}: {error}")
