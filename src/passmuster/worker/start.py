"""Starting a worker as the command line does."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from passmuster.model.keeping import WorkState
from passmuster.records import settings
from passmuster.records.database import revive_embedded
from passmuster.records.models import Work
from passmuster.worker.beating import Beat
from passmuster.worker.performing import Means
from passmuster.worker.running import drain, run_worker
from passmuster.worker.tasks import tasks, tell_failure


def start(concurrency: int) -> None:
    """Work until told to stop."""
    run_worker(_means(lambda _work: None), concurrency=concurrency)


def work_once() -> list[str]:
    """Work until nothing waits; returns what went wrong, a line each, though some of it is tried again later."""
    troubles: list[str] = []
    drain(_means(lambda work: troubles.append(_told(work))))
    return troubles


def _means(note_trouble: Callable[[Work], None]) -> Means:
    return Means(
        tasks(),
        timezone.now,
        Beat(),
        tell_failure,
        note_trouble=note_trouble,
        revive=lambda: revive_embedded(settings.HOME / "postgres"),
    )


def _told(work: Work) -> str:
    goes_on = "given up" if work.state == WorkState.FAILED else "is tried again"
    return f"{work.title}: {' '.join(work.error.split())} ({goes_on})"
