"""Windows that passed with nothing deployed, and the proposal that gives such a change another."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from passmuster.application.changes.change_facts import BEFORE
from passmuster.application.changes.change_moments import window_is_over
from passmuster.application.changes.planning import stale_after
from passmuster.records.models import Change, Plan

_MOST_PROPOSALS = 5


def missed(now: datetime) -> Q:
    """Changes of our own whose window is over though nothing was deployed."""
    return Q(status__in=BEFORE, by_vendor=False, window_end_at__lte=now)


def has_missed_window(change: Change, now: datetime) -> bool:
    """The same of one."""
    return change.status in BEFORE and window_is_over(change, now)


def proposal_for(change: Change, now: datetime) -> Plan | None:
    """The newest plan made since the window passed that gives the change another and can be adopted still."""
    if not has_missed_window(change, now):
        return None
    made = Plan.objects.filter(platforms__contains=[change.platform_id], made_at__gte=change.window_end_at)
    for plan in made.order_by("-made_at", "-pk")[:_MOST_PROPOSALS]:
        if plan.adopted_at is not None or now > stale_after(plan):
            # Once one was adopted, those before it can be no more.
            return None
        if any(each["job"] == change.job for each in plan.plan.get("placements", ())):
            return plan
    return None
