"""Another family of problems, built as a user's are: decisions and a calendar, through what `plan-problem` runs.

A backlog that is all known on the first day, many small environments in their own zones and few teams, windows once a
week or twice a month, freezes over the quarter's and the year's end. Nothing was tuned on it.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from passmuster.plan.calendar.decisions import read_decisions
from passmuster.plan.calendar.jobs import jobs_of
from passmuster.plan.calendar.patches import group
from passmuster.plan.calendar.problem_document import problem_document
from passmuster.plan.calendar.read import read_calendar
from passmuster.plan.calendar.values import Calendar

_AS_OF = datetime(2026, 11, 30, tzinfo=UTC)
_WEEKS = 18
_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")
_OUTCOMES = ("3_days_forensics", "3_days", "14_days", "14_days", "14_days", *("60_days",) * 8)
_DAYS = {"3_days_forensics": 3, "3_days": 3, "14_days": 14, "60_days": 60}


def problem(jobs: int, *, load: float, seed: int = 0) -> dict[str, Any]:
    """A plan-problem@1 document of about so many jobs. `load` is the share of the teams' minutes they fill."""
    chance = random.Random(seed)
    platforms = max(3, jobs // 20)
    calendar = read_calendar(_calendar(chance, platforms), "calendar", as_of=_AS_OF, files={})
    decisions, _ = read_decisions(_triage(chance, platforms, jobs // 2), "triage")
    patches, left_out = group(decisions, calendar)
    found = jobs_of(patches, calendar, as_of=_AS_OF)
    document = problem_document(calendar, found, patches, left_out)
    asked: dict[str, int] = defaultdict(int)
    for job in document["jobs"]:
        asked[job["owner"]] += job["minutes"]
    document["owners"] = [
        {"id": owner, "minutes_per_week": max(90, round(minutes / _weeks(calendar) / load))}
        for owner, minutes in sorted(asked.items())
    ]
    return document


def _weeks(calendar: Calendar) -> float:
    return (calendar.horizon.end - calendar.horizon.start) / timedelta(weeks=1)


def _calendar(chance: random.Random, platforms: int) -> dict[str, Any]:
    teams = max(1, platforms // 12)
    environments, windows = [], []
    for number in range(platforms):
        team, zone = f"team-{number % teams}", chance.choice(_ZONES)
        tier = {"tier": "critical"} if number % 3 == 0 else {}
        test, prod = f"p{number}-test", f"p{number}-prod"
        environments += [
            {"id": test, "stage": "test", "owner": team, "timezone": zone},
            {"id": prod, "stage": "prod", "owner": team, "timezone": zone, "after": test, **tier},
        ]
        days = chance.choice(("TU,TH", "MO,WE", "TU"))
        windows += [
            _window(test, f"FREQ=WEEKLY;BYDAY={days}", f"2026-11-30T{chance.choice((8, 13, 18)):02}:00:00", 90),
            _window(
                prod, chance.choice(("FREQ=WEEKLY;BYDAY=SU", "FREQ=MONTHLY;BYDAY=2SA,4SA")), "2026-11-30T02:00:00", 180
            ),
        ]
    return {
        "schema": "passmuster/calendar@1",
        "horizon": {"start": "2026-11-30T00:00:00Z", "weeks": _WEEKS},
        "timezone": "Europe/Berlin",
        "late_factor": 5,
        "owners": [{"id": f"team-{number}", "minutes_per_week": 300} for number in range(teams)],
        "tiers": {
            "default": {"minutes": 45, "soak_hours": 48, "notice_days": 1},
            "critical": {"minutes": 60, "soak_hours": 72, "notice_days": 3, "weight": 2},
        },
        "environments": environments,
        "windows": windows,
        "freezes": [
            {"name": "Year end", "stages": ["prod"], "start": "2026-12-19", "end": "2027-01-03"},
            {"name": "Quarter end", "stages": ["prod"], "start": "2027-03-25", "end": "2027-04-02"},
            {"name": "Month end", "tiers": ["critical"], "month_end": {"last_days": 2, "first_days": 1}},
        ],
    }


def _window(environment: str, rrule: str, starts: str, minutes: int) -> dict[str, Any]:
    return {
        "id": f"w-{environment}",
        "environments": [environment],
        "rrule": rrule,
        "starts": starts,
        "minutes": minutes,
    }


def _triage(chance: random.Random, platforms: int, count: int) -> dict[str, Any]:
    decisions = []
    for number in range(count):
        outcome = chance.choice(_OUTCOMES)
        started = _AS_OF - timedelta(days=chance.uniform(0, 20))
        decisions.append(
            {
                "advisory": f"CVE-2026-{number:05}",
                "component": f"component-{number}",
                "environment": f"p{chance.randrange(platforms)}-prod",
                "outcome": outcome,
                "action": "patch",
                "fixed_versions": ["2.0"],
                "epss": round(chance.random() ** 4, 3),
                "clock_started_at": started.isoformat(),
                "due_at": (started + timedelta(days=_DAYS[outcome])).isoformat(),
            }
        )
    return {"schema": "passmuster/triage@1", "as_of": _AS_OF.isoformat(), "decisions": decisions}
