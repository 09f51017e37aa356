"""The worker's process: takes jobs until it is told to stop, and comes back when the database does."""

from __future__ import annotations

import asyncio
import logging
import signal
from dataclasses import dataclass
from datetime import timedelta

from django.db import connections
from procrastinate.contrib.django import DjangoApp
from procrastinate.contrib.django.utils import connector_params
from procrastinate.job_context import JobContext
from procrastinate.psycopg_connector import PsycopgConnector

from passmuster.application.working.scheduling import lay_out_due
from passmuster.application.working.working import LOST_AFTER, QUEUE, QUICK_QUEUE, TASK, take_over_lost
from passmuster.errors import PassmusterError
from passmuster.model.keeping import WorkState
from passmuster.worker.performing import Means, perform

_LOG = logging.getLogger(__name__)
_LONGEST_WAIT_SECONDS = 10.0
_LONG_ENOUGH_SECONDS = 5.0


@dataclass(frozen=True)
class Pace:
    """How often what is due is laid out (cron), and after how long an unseen worker is taken for lost."""

    tick: str = "* * * * *"
    lost_after: timedelta = LOST_AFTER
    # Jobs under way are given that long when the worker is told to stop.
    grace_seconds: float = 60.0


def tick(means: Means, pace: Pace) -> None:
    """Lay out what is due, and take over what was lost."""
    now = means.clock()
    for work in take_over_lost(now, lost_after=pace.lost_after):
        if work.state == WorkState.FAILED:
            means.tell_failure(work, now)
    lay_out_due(now, set(means.tasks))


def make_app(means: Means, pace: Pace) -> DjangoApp:
    """The queue's application with its two tasks: doing a piece of work, and laying out what is due."""
    app = DjangoApp(
        # A database that is away is told soon, so that it can be brought back.
        connector=PsycopgConnector(kwargs=connector_params(), timeout=5.0),
        # A worker that starts lays out what is due at once, however long none ran.
        periodic_defaults={"max_delay": 86_400},
    )

    @app.task(name=TASK, queue=QUEUE, pass_context=True)
    def do_work(context: JobContext, *, work: int) -> None:
        perform(work, context.job.id or 0, means)

    # Before all else: behind a long queue nothing lost would be taken over.
    @app.periodic(cron=pace.tick)
    @app.task(name="passmuster.tick", queue=QUICK_QUEUE, queueing_lock="tick", priority=10)
    def lay_out(timestamp: int) -> None:
        tick(means, pace)

    return app


def run_worker(means: Means, *, concurrency: int = 2, pace: Pace | None = None) -> None:
    """Work until SIGTERM or SIGINT; jobs under way are finished first. Survives restarts of the database."""
    with means.beat.running():
        asyncio.run(_supervise(means, concurrency, pace or Pace()))


async def _supervise(means: Means, concurrency: int, pace: Pace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    wait = 1.0
    while not stop.is_set():
        began = loop.time()
        await _run_until(stop, make_app(means, pace), concurrency, pace)
        # One that ran for a while met a fault that passes; one that ends at once should not hammer the database.
        wait = 1.0 if loop.time() - began > _LONG_ENOUGH_SECONDS else min(wait * 2, _LONGEST_WAIT_SECONDS)
        if not stop.is_set():
            _LOG.warning("the worker lost the database; it comes back in %.0f s", wait)
            await asyncio.gather(asyncio.wait_for(stop.wait(), wait), return_exceptions=True)
            await asyncio.to_thread(_revive, means)


def _revive(means: Means) -> None:
    try:
        means.revive()
    except PassmusterError as error:
        _LOG.warning("%s", error)


async def _run_until(stop: asyncio.Event, app: DjangoApp, concurrency: int, pace: Pace) -> None:
    """Run the two lanes until one ends by itself or `stop` is set; faults are logged."""
    try:
        async with app.open_async():
            lanes = [_lane(app, QUICK_QUEUE, 1, pace), _lane(app, QUEUE, concurrency, pace)]
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({*lanes, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for each in (*lanes, stopping):
                each.cancel()
            for ended in await asyncio.gather(*lanes, return_exceptions=True):
                _log_fault(ended)
    except Exception as error:
        _log_fault(error)


def _lane(app: DjangoApp, queue: str, concurrency: int, pace: Pace) -> asyncio.Task[None]:
    """A worker of one queue; long work in one does not hold up the other."""
    return asyncio.create_task(
        app.run_worker_async(
            queues=[queue],
            concurrency=concurrency,
            install_signal_handlers=False,
            delete_jobs="successful",
            shutdown_graceful_timeout=pace.grace_seconds,
        )
    )


def _log_fault(ended: object) -> None:
    if isinstance(ended, Exception):
        _LOG.warning("the worker's queue failed: %s", type(ended).__name__)


def drain(means: Means, pace: Pace | None = None) -> None:
    """Lay out what is due and work until nothing waits; for a single run."""
    chosen = pace or Pace()
    tick(means, chosen)
    app = make_app(means, chosen)
    with means.beat.running():

        async def run() -> None:
            async with app.open_async():
                await app.run_worker_async(queues=[QUEUE, QUICK_QUEUE], wait=False, delete_jobs="successful")

        asyncio.run(run())
    connections.close_all()
