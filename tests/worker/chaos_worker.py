"""A worker for the chaos test: the real work, and work that is steps, each an event that must stand there once."""

from __future__ import annotations

import random
import time
from datetime import timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402 - after the set-up

from passmuster.application.access import Action  # noqa: E402
from passmuster.application.acting import acting  # noqa: E402
from passmuster.records.models import AuditEvent  # noqa: E402
from passmuster.worker.beating import Beat  # noqa: E402
from passmuster.worker.performing import Doing, Means  # noqa: E402
from passmuster.worker.running import Pace, run_worker  # noqa: E402
from passmuster.worker.tasks import tasks  # noqa: E402

LOST_AFTER = timedelta(seconds=4)
_CHANCE = random.Random()
# What the clock alone asks for is left out, so that all work is known that must be there afterwards.
_KINDS = ("collect", "review", "verify", "seal", "propose")


def steps(doing: Doing) -> None:
    """Each step once: it looks whether it was done, waits, and writes; only the fence keeps two from both writing."""
    for number in range(int(doing.work.arguments["steps"])):
        subject = f"{doing.work.key}/{number}"
        if AuditEvent.objects.filter(subject_kind="step", subject_id=subject).exists():
            continue
        time.sleep(_CHANCE.uniform(0.1, 0.6))
        with acting(doing.actor, Action.COLLECT, "step", verb="step") as event:
            event.subject_id = subject
            time.sleep(_CHANCE.uniform(0.0, 0.03))
        doing.progress(f"step {number + 1}")


if __name__ == "__main__":
    known = tasks()
    run_worker(
        Means({"steps": steps, **{kind: known[kind] for kind in _KINDS}}, timezone.now, Beat(1.0)),
        concurrency=2,
        pace=Pace(tick="* * * * * */2", lost_after=LOST_AFTER),
    )
