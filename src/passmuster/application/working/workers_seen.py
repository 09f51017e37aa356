"""Whether a worker runs: by the sign of life that each gives the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

# They give one every ten seconds; a machine that is busy may be late. One that ended well takes its sign away with it;
# what was done last tells then.
_SEEN = """
SELECT coalesce(max(last_heartbeat), (SELECT max(ended_at) FROM records_work WHERE state = 'done')),
       coalesce(max(last_heartbeat) > clock_timestamp() - interval '60 seconds', false)
FROM procrastinate_workers
"""


@dataclass(frozen=True)
class WorkersSeen:
    """Whether any worker was seen within the last minute, and when the last one was; None: nobody knows of one."""

    is_running: bool
    last_seen_at: datetime | None


def workers_seen() -> WorkersSeen:
    """What the queue knows of workers, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN)
        last_seen_at, is_running = cursor.fetchone()
    return WorkersSeen(bool(is_running), last_seen_at)
