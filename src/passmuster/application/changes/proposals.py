"""Which proposed plans there is something to adopt of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from passmuster.application.changes.change_facts import BEFORE
from passmuster.application.changes.planning import stale_after
from passmuster.records.models import Change, Plan


def platforms_with_open_changes() -> frozenset[int]:
    """The keys of platforms with changes before their window: a plan without jobs would cancel these."""
    return frozenset(Change.objects.filter(status__in=BEFORE).values_list("platform_id", flat=True).distinct())


def is_open(plan: Plan, jobs: int, with_changes: Collection[int], now: datetime) -> bool:
    """Whether a plan of so many jobs can be adopted: it was not, is fresh, and adopting it would change something."""
    is_fresh = plan.adopted_at is None and now <= stale_after(plan)
    return is_fresh and (jobs > 0 or bool(set(plan.platforms) & set(with_changes)))


def nothing_to_adopt(plan: Plan, with_changes: Collection[int]) -> str:
    """Why adopting the plan would change nothing, with what was looked at; empty where it would."""
    if plan.problem.get("jobs") or set(plan.platforms) & set(with_changes):
        return ""
    return nothing_to_plan(plan.triage.get("decisions", ()), plan.problem.get("left_out", ()))


def nothing_to_plan(decisions: Sequence[Mapping[str, Any]], left_out: Sequence[Any]) -> str:
    """Why these decisions make no work, in words."""
    known = {(each["platform"], each["advisory"]) for each in decisions}
    if not known:
        return "Nothing to plan: no advisory is known to concern what the newest looks show."
    many = "one advisory concerns" if len(known) == 1 else f"{len(known)} advisories concern"
    why = "; why not stands below" if left_out else "; what they ask for is deployed"
    return f"Nothing to plan: {many} these platforms, and none asks for more work in a window{why}."
