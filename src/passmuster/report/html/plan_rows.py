"""The order of a plan's environments: those that soak before others stand above them, chains stay together."""

from __future__ import annotations

from passmuster.model.schedule import Problem


def ordered_environments(problem: Problem) -> list[str]:
    """All environments that have a job, then those that only have windows; chains by their first name."""
    busy = {job.environment for job in problem.jobs}
    idle = {window.environment for window in problem.windows} - busy
    before = _before(problem)
    roots = {name: _root(name, before) for name in busy}
    depth = {name: _depth(name, before) for name in busy}
    return sorted(busy, key=lambda name: (roots[name], depth[name], name)) + sorted(idle)


def _before(problem: Problem) -> dict[str, set[str]]:
    """For each environment those whose jobs come before its own."""
    places = {job.id: job.environment for job in problem.jobs}
    found: dict[str, set[str]] = {}
    for job in problem.jobs:
        for link in job.after:
            place = places.get(link.job)
            if place is not None and place != job.environment:
                found.setdefault(job.environment, set()).add(place)
    return found


def _chain(name: str, before: dict[str, set[str]]) -> list[set[str]]:
    """The environments before it, step by step; a circle ends where it began."""
    seen, steps = {name}, [{name}]
    while True:
        step = {each for one in steps[-1] for each in before.get(one, ())} - seen
        if not step:
            return steps
        seen |= step
        steps.append(step)


def _root(name: str, before: dict[str, set[str]]) -> str:
    return min(_chain(name, before)[-1])


def _depth(name: str, before: dict[str, set[str]]) -> int:
    return len(_chain(name, before))
