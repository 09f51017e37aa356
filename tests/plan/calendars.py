"""Calendar files and decisions for tests, small and by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from passmuster.plan.calendar.decisions import Decided
from passmuster.plan.calendar.read import read_calendar
from passmuster.plan.calendar.values import Calendar


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOW = at("2026-12-01")


def document(**more: Any) -> dict[str, Any]:
    """A calendar file of two environments in a chain, and what `more` puts in or in place of its keys."""
    return {
        "schema": "passmuster/calendar@1",
        "horizon": {"start": "2026-12-01T00:00:00Z", "weeks": 12},
        "timezone": "Europe/Berlin",
        "owners": [{"id": "team", "minutes_per_week": 300}],
        "tiers": {
            "default": {"minutes": 20, "soak_hours": 24, "notice_days": 2, "epss_factor": 0},
            "critical": {
                "minutes": {"patch": 60, "configure": 15},
                "soak_hours": 72,
                "notice_days": 5,
                "weight": 2,
                "epss_factor": 1,
                "rehearsal_factor": 0.5,
                "outcomes": {"3_days": {"weight": 20, "soak_hours": 12, "notice_days": 0}},
            },
        },
        "environments": [
            {"id": "test", "stage": "test", "owner": "team"},
            {
                "id": "prod",
                "stage": "prod",
                "tier": "critical",
                "owner": "team",
                "after": "test",
                "match": {"components": ["n8n*", "pkg:npm/n8n*"]},
            },
        ],
        **more,
    }


def calendar(files: dict[str, str] | None = None, **more: Any) -> Calendar:
    return read_calendar(document(**more), "calendar.yaml", as_of=NOW, files=files or {})


def decided(advisory: str = "CVE-2026-1", **more: Any) -> Decided:
    """A decision to patch n8n within 14 days, and what `more` says instead."""
    given: dict[str, Any] = {
        "component": "n8n",
        "environment": "",
        "outcome": "14_days",
        "action": "patch",
        "version": "1.120.0",
        "who_patches": "customer",
        "fixed_versions": ("1.123.17",),
        "clock_started_at": NOW,
        "due_at": at("2026-12-15"),
        **more,
    }
    return Decided(advisory=advisory, **given)
