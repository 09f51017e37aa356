"""Doing the work that waits, here and now, as a worker would: within the test's own transaction."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from passmuster.model.keeping import WorkState
from passmuster.records.models import Work
from passmuster.worker.beating import Beat
from passmuster.worker.performing import Means, perform
from passmuster.worker.tasks import tasks, tell_failure


def work_off(now: datetime | None = None) -> list[Work]:
    """Do every piece of work that waits, and what it asks for, each once; returns it as it ended."""
    means = Means(tasks(), lambda: now or timezone.now(), Beat(), tell_failure)
    done: list[int] = []
    while work := Work.objects.filter(state=WorkState.WAITING).exclude(pk__in=done).order_by("pk").first():
        perform(work.pk, work.job_id or 0, means)
        done.append(work.pk)
    return list(Work.objects.filter(pk__in=done).order_by("pk"))
