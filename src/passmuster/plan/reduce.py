"""Making the instance smaller without losing a better plan, and taking it apart into pieces that share no limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from passmuster.plan.instance import NONE, Instance, Ints


def restrict(instance: Instance, keep: npt.NDArray[np.bool_]) -> tuple[Instance, Ints]:
    """The instance with these options only, and the old number of each."""
    old = np.flatnonzero(keep)
    counts = np.bincount(instance.option_job[old], minlength=instance.size)
    smaller = replace(
        instance,
        first_option=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        option_job=instance.option_job[old],
        window=instance.window[old],
        start=instance.start[old],
        end=instance.end[old],
        cost=instance.cost[old],
        window_limit=instance.window_limit[old],
        owner_limit=instance.owner_limit[old],
    )
    return smaller, old


def binding_limits(instance: Instance) -> npt.NDArray[np.bool_]:
    """By limit: whether all who might draw on it together could exceed it (a window that costs counts as such)."""
    binds = np.zeros(len(instance.capacity), dtype=np.bool_)
    for limits in (instance.window_limit, instance.owner_limit):
        # A job draws once on an owner's week however many of its windows lie there.
        pairs = np.unique(np.stack((limits, instance.option_job)), axis=1)
        drawn = np.bincount(pairs[0], weights=instance.minutes[pairs[1]].astype(float), minlength=len(binds))
        binds |= drawn > instance.capacity
    if instance.window_cost:
        binds[np.unique(instance.window_limit)] = True
    binds[0] = False
    return binds


def pieces(instance: Instance) -> tuple[Ints, Ints]:
    """The number of the piece by job and by limit (NONE where the limit cannot bind)."""
    binds = binding_limits(instance)
    jobs, size = instance.size, instance.size + len(binds)
    rows, columns = [], []
    for limits in (instance.window_limit, instance.owner_limit):
        chosen = binds[limits]
        rows.append(instance.option_job[chosen])
        columns.append(limits[chosen] + jobs)
    links = [(job, link.before) for job, found in enumerate(instance.before) for link in found]
    rows.append(np.array([job for job, _ in links], dtype=np.int64))
    columns.append(np.array([before for _, before in links], dtype=np.int64))
    row, column = np.concatenate(rows), np.concatenate(columns)
    graph = coo_matrix((np.ones(len(row), dtype=np.int8), (row, column)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    of_job = label[:jobs].astype(np.int64)
    return of_job, np.where(binds, label[jobs:], NONE).astype(np.int64)
