"""The works, by name; planning is measured apart, since its entrants give different answers."""

from __future__ import annotations

from benchmarks import closure, drift, evaluate, matching, triaging
from benchmarks.entrant import Work

_ALL = (*evaluate.WORKS, closure.WORK, drift.WORK, *matching.WORKS, triaging.WORK)
WORKS: dict[str, Work] = {work.name: work for work in _ALL}
KINDS: tuple[str, ...] = tuple(dict.fromkeys(name.partition("-")[0] for name in WORKS))
"""What `--only` may name: the part of a work's name before its first dash."""
