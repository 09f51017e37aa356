"""A worker that does what is due in a story."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import datetime

from passmuster.worker.beating import Beat
from passmuster.worker.performing import Means
from passmuster.worker.running import drain
from passmuster.worker.tasks import tasks, tell_failure


def work(now: Callable[[], datetime]) -> None:
    """A worker lays out what is due by that clock, does it and whatever else waits, and ends."""
    drain(Means(tasks(), now, Beat(), tell_failure))
    # The worker's threads have ended; their connections, which a process that ends would take along, go with this.
    gc.collect()
