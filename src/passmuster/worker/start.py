"""Starting a worker as the command line does."""

from __future__ import annotations

from django.utils import timezone

from passmuster.records import settings
from passmuster.records.database import revive_embedded
from passmuster.worker.beating import Beat
from passmuster.worker.performing import Means
from passmuster.worker.running import drain, run_worker
from passmuster.worker.tasks import tasks, tell_failure


def start(concurrency: int, *, is_once: bool = False) -> None:
    """Work until told to stop, or only until nothing waits."""
    means = Means(
        tasks(), timezone.now, Beat(), tell_failure, revive=lambda: revive_embedded(settings.HOME / "postgres")
    )
    if is_once:
        drain(means)
    else:
        run_worker(means, concurrency=concurrency)
