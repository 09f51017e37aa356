"""Plans by a rule: one job after another into its cheapest window."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from passmuster.plan.state import Rows, State
from passmuster.plan.views import View


def place_in_order(view: View, rows: Rows, keys: Sequence[float]) -> State:
    """Every job into its best window, those with the smallest key first as soon as their predecessors are in."""
    state = State(rows)
    waiting = [len(links) for links in rows.before]
    ready = [(keys[job], job) for job, count in enumerate(waiting) if not count]
    heapq.heapify(ready)
    while ready:
        _, job = heapq.heappop(ready)
        state.insert(job, view.options[job], view.out[job])
        for follower in rows.after[job]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, (keys[follower], follower))
    return state


def best_by_rules(view: View, rows: Rows) -> State:
    """The cheapest plan of three rules: urgency, urgency without regard to minutes, due date."""
    due = [float(moment) for moment in rows.instance.due.tolist()]
    rules = (
        [-urgency for urgency in view.urgency],
        [-urgency * max(minutes, 1) for urgency, minutes in zip(view.urgency, rows.minutes, strict=True)],
        due,
    )
    return min((place_in_order(view, rows, keys) for keys in rules), key=State.cost)
