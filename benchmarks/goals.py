"""What to reach: against a peer at least so many times as fast, at most so many times as long as a limit."""

from __future__ import annotations

GOALS: dict[tuple[str, str], float] = {
    ("evaluate-memory", "Python loops"): 60,
    ("evaluate-memory", "Cloud Custodian's filters"): 100,
    ("evaluate-memory", "column scan"): 4,
    ("evaluate-files", "decoding the used columns"): 1.5,
    ("closure", "recursive query in DuckDB"): 80,
    ("drift", "decoding and hashing both"): 1.5,
    ("matching", "packaging, row by row"): 500,
    ("triage", "each row decided anew"): 10,
}


def verdict(work: str, entrant: str, kind: str, ratio: float) -> str:
    """The goal and whether it was met, as words; empty where there is none."""
    goal = GOALS.get((work, entrant))
    if goal is None:
        return ""
    is_met = ratio <= goal if kind == "limit" else ratio >= goal
    return f"{'at most' if kind == 'limit' else 'at least'} {goal:g}: {'met' if is_met else 'missed'}"
