"""A synthetic problem: platforms with a test and a production environment, weekly windows, owners, chains with soak."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

_FIRST = datetime(2026, 12, 7, tzinfo=UTC)
_DAYS = 84
_STAGES = ("dev", "test", "prod")


def problem(jobs: int, *, load: float, seed: int = 0) -> dict[str, Any]:
    """A plan-problem@1 document. `load` is the share of the owners' minutes that the jobs would fill."""
    chance = random.Random(seed)
    platforms = max(2, jobs // 60)
    environments = {(platform, stage): _windows(chance, stage) for platform in range(platforms) for stage in _STAGES}
    found: list[dict[str, Any]] = []
    owners = max(2, platforms // 2)
    number = 0
    while len(found) < jobs:
        found += _chain(chance, number, chance.randrange(platforms), jobs - len(found))
        number += 1
    for job in found:
        platform = int(job["environment"].split("-")[0][1:])
        job["owner"] = f"o{(platform // 2 + (chance.random() < 0.2)) % owners}"
    asked = [0] * owners
    for job in found:
        asked[int(job["owner"][1:])] += job["minutes"]
    weeks = _DAYS // 7
    return {
        "schema": "passmuster/plan-problem@1",
        "late_factor": 5,
        "horizon": {"start": _spell(_FIRST), "end": _spell(_FIRST + timedelta(days=_DAYS))},
        "owners": [
            {"id": f"o{index}", "minutes_per_week": max(60, round(minutes / weeks / load))}
            for index, minutes in enumerate(asked)
        ],
        "windows": [
            {
                "id": f"p{platform}-{stage}-{day}",
                "environment": f"p{platform}-{stage}",
                "start": _spell(_FIRST + timedelta(days=day, hours=hour)),
                "end": _spell(_FIRST + timedelta(days=day, hours=hour, minutes=minutes)),
                "minutes": minutes,
            }
            for (platform, stage), (days, hour, minutes) in environments.items()
            for day in days
        ],
        "freezes": [
            {
                "environments": [f"p{platform}-prod" for platform in range(0, platforms, 3)],
                "start": _spell(_FIRST + timedelta(days=14)),
                "end": _spell(_FIRST + timedelta(days=28)),
            }
        ],
        "jobs": found,
    }


def _windows(chance: random.Random, stage: str) -> tuple[list[int], int, int]:
    """The days, the hour and the minutes of an environment's windows: production once a week, others twice."""
    first = chance.randrange(7)
    every = (first,) if stage == "prod" else (first, (first + 3) % 7)
    days = [day for day in range(_DAYS) if day % 7 in every]
    return days, chance.choice((1, 4, 20)), 120 if stage == "dev" else 240


def _chain(chance: random.Random, number: int, platform: int, room: int) -> list[dict[str, Any]]:
    """One patch through its stages; urgent ones are few and heavy."""
    available = _FIRST + timedelta(days=chance.uniform(-10, _DAYS - 14))
    weight = chance.choice((0.5, 1.0, 1.0, 2.0, 4.0, 9.0))
    allowed = {9.0: 3, 4.0: 14}.get(weight, 45)
    stages = chance.choice((_STAGES, _STAGES[1:], _STAGES[2:]))[:room]
    jobs: list[dict[str, Any]] = []
    for stage in stages:
        job: dict[str, Any] = {
            "id": f"c{number}/{stage}",
            "patch": f"c{number}",
            "environment": f"p{platform}-{stage}",
            "minutes": chance.choice((15, 20, 30, 45, 60, 90)),
            "available_at": _spell(available),
            "weight": weight if stage == "prod" else weight / 4,
        }
        if stage == "prod":
            job["due_at"] = _spell(available + timedelta(days=allowed))
        if jobs:
            job["after"] = [{"job": jobs[-1]["id"], "hours": chance.choice((24, 48, 96))}]
        jobs.append(job)
    return jobs


def _spell(moment: datetime) -> str:
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
