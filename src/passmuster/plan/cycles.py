"""Jobs that wait for themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def find_cycles(before: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Each cycle once, as the names on it, without recursion; names that are no keys are ignored."""
    waiting = {name: sum(other in before for other in set(others)) for name, others in before.items()}
    followers: dict[str, list[str]] = {name: [] for name in before}
    for name, others in before.items():
        for other in set(others):
            if other in before:
                followers[other].append(name)
    free = [name for name, count in waiting.items() if not count]
    while free:
        for follower in followers[free.pop()]:
            waiting[follower] -= 1
            if not waiting[follower]:
                free.append(follower)
    # Whoever still waits lies on a cycle or behind one; walking backwards ends on a cycle.
    stuck = {name for name, count in waiting.items() if count}
    seen: set[str] = set()
    for name in before:
        walk: list[str] = []
        at = name
        while at in stuck and at not in seen:
            seen.add(at)
            walk.append(at)
            at = next(other for other in before[at] if other in stuck)
        if at in walk:
            yield walk[walk.index(at) :]
