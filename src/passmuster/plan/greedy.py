"""Plans by a rule: one job after another into its cheapest window."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from passmuster.plan.state import Rows, State


def chain_weights(rows: Rows, weights: Sequence[float]) -> list[float]:
    """Each job's weight with those of all that wait for it."""
    summed = list(weights)
    for job in range(len(summed) - 1, -1, -1):
        for before, _, _ in rows.before[job]:
            summed[before] += summed[job]
    return summed


def place_in_order(rows: Rows, keys: Sequence[float]) -> State:
    """Every job into its cheapest window, those with the smallest key first as soon as their predecessors are in."""
    state = State(rows)
    waiting = [len(links) for links in rows.before]
    ready = [(keys[job], job) for job, count in enumerate(waiting) if not count]
    heapq.heapify(ready)
    while ready:
        _, job = heapq.heappop(ready)
        state.insert(job)
        for follower in rows.after[job]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, (keys[follower], follower))
    return state


def best_by_rules(rows: Rows, weights: Sequence[float]) -> State:
    """The cheapest plan of three rules: weight by duration, weight, due date."""
    summed = chain_weights(rows, weights)
    due = [float(moment) for moment in rows.instance.due.tolist()]
    rules = (
        [-weight / max(minutes, 1) for weight, minutes in zip(summed, rows.minutes, strict=True)],
        [-weight for weight in summed],
        due,
    )
    return min((place_in_order(rows, keys) for keys in rules), key=State.cost)
