"""Starting a worker as the command line does."""

from __future__ import annotations

import os

from django.utils import timezone

from passmuster.application.messages.channels import read_channels
from passmuster.application.working.tidying import read_keeping
from passmuster.records import settings
from passmuster.records.database import revive_embedded
from passmuster.worker.beating import Beat
from passmuster.worker.performing import Means
from passmuster.worker.running import drain, run_worker
from passmuster.worker.tasks import tasks, tell_failure


def start(concurrency: int, *, is_once: bool = False) -> None:
    """Work until told to stop, or only until nothing waits. Raises UsageError where a setting of a worker is wrong."""
    read_channels(os.environ)
    read_keeping(os.environ)
    means = Means(
        tasks(), timezone.now, Beat(), tell_failure, revive=lambda: revive_embedded(settings.HOME / "postgres")
    )
    if is_once:
        drain(means)
    else:
        run_worker(means, concurrency=concurrency)
