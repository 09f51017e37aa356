"""The works, by name."""

from __future__ import annotations

from benchmarks import closure, drift, evaluate, triaging
from benchmarks.entrant import Work

WORKS: dict[str, Work] = {work.name: work for work in (*evaluate.WORKS, closure.WORK, drift.WORK, triaging.WORK)}
