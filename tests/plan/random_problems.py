"""Random problems of every shape the contract allows, small enough to try everything."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.plan.checker import Doc

FIRST = datetime(2026, 12, 28, tzinfo=UTC)
"""A Monday; the horizon crosses the turn of an ISO year with 53 weeks."""
ENVIRONMENTS = ("a", "b", "c")


def spell(hours: float) -> str:
    return (FIRST + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def random_problem(seed: int, *, jobs: int | None = None, days: int = 21) -> Doc:
    """A problem with everything optional present by chance."""
    chance = random.Random(seed)
    count = jobs or chance.randint(1, 6)
    last = days * 24
    problem: Doc = {
        "schema": "passmuster/plan-problem@1",
        "horizon": {"start": spell(0), "end": spell(last)},
        "windows": [_window(chance, number, last) for number in range(chance.randint(0, max(7, count)))],
        "jobs": [_job(chance, number, last) for number in range(count)],
    }
    chance.shuffle(problem["jobs"])
    if chance.random() < 0.7:
        problem["late_factor"] = chance.choice([0, 1, 5, 0.25])
    if chance.random() < 0.7:
        limits = [chance.choice([0, 30, 60, 90, 120]) for _ in "xy"]
        problem["owners"] = [{"id": name, "minutes_per_week": limit} for name, limit in zip("xy", limits, strict=True)]
    if chance.random() < 0.6:
        problem["freezes"] = [_freeze(chance, last) for _ in range(chance.randint(1, 2))]
    if chance.random() < 0.3:
        problem["window_cost"] = chance.choice([0.5, 3, 20])
    if chance.random() < 0.4:
        problem["move_cost"] = chance.choice([0.1, 2, 30])
    return problem


def random_kept(problem: Doc, seed: int) -> Doc:
    """A plan before: jobs anywhere, even in windows that are gone."""
    chance = random.Random(seed)
    names = [*(window["id"] for window in problem["windows"]), "gone"]
    placed = [{"job": job["id"], "window": chance.choice(names)} for job in problem["jobs"] if chance.random() < 0.6]
    return {"schema": "passmuster/plan@1", "placements": placed}


def _window(chance: random.Random, number: int, last: int) -> Doc:
    start = chance.uniform(-12, last)
    start = float(round(start)) if chance.random() < 0.7 else round(start, 3)
    length = chance.choice([60, 120, 240, 2880])
    return {
        "id": f"w{number}",
        "environment": chance.choice(ENVIRONMENTS),
        "start": spell(start),
        "end": spell(start + length / 60),
        "minutes": chance.choice([20, 30, 60]),
    }


def _freeze(chance: random.Random, last: int) -> Doc:
    start = chance.uniform(0, last)
    freeze: Doc = {"start": spell(start), "end": spell(start + chance.choice([6, 48, 120]))}
    if chance.random() < 0.7:
        freeze["environments"] = chance.sample(ENVIRONMENTS, chance.randint(0, 2))
    if chance.random() < 0.6:
        freeze["binds"] = chance.choice(["ours", "vendor", "both"])
    if chance.random() < 0.5:
        freeze["name"] = f"freeze {start:.0f}"
    return freeze


def _job(chance: random.Random, number: int, last: int) -> Doc:
    available = chance.uniform(-48, last * 0.8)
    job: dict[str, Any] = {
        "id": f"j{number}",
        "environment": chance.choice(ENVIRONMENTS),
        "minutes": chance.choice([0, 10, 20, 30, 30]),
        "available_at": spell(available),
        "weight": chance.choice([0, 0.5, 1, 3, 7.25]),
    }
    if chance.random() < 0.6:
        job["owner"] = chance.choice("xyz")
    if chance.random() < 0.6:
        job["due_at"] = spell(available + chance.uniform(-24, 200)) if chance.random() < 0.9 else None
    if chance.random() < 0.15:
        job["must_end_by"] = spell(available + chance.uniform(24, 300))
    if number and chance.random() < 0.5:
        before = chance.sample(range(number), min(number, chance.choice([1, 1, 2])))
        job["after"] = [_after(chance, each) for each in before]
    if chance.random() < 0.15:
        start = chance.uniform(0, last)
        length = 0 if chance.random() < 0.3 else chance.uniform(1, 72)
        job["mode"] = chance.choice(["vendor_fixed", "vendor_range"])
        job["vendor"] = {"earliest": spell(start), "latest": spell(start + length)}
    return job


def _after(chance: random.Random, number: int) -> Doc:
    link: Doc = {"job": f"j{number}"}
    if chance.random() < 0.9:
        link["hours"] = chance.choice([0, 24, 48, 7.5])
    if chance.random() < 0.3:
        link["within_hours"] = link.get("hours", 0) + chance.choice([24, 100, 200])
    return link
