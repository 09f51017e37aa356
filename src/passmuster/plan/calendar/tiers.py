"""The terms of a tier of environments: what a patch takes, soaks, weighs, and how long before it is announced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from passmuster.plan.calendar.values import Terms, Tier

_MINUTES = {"patch": 60, "configure": 30, "migrate": 240, "test_before": 60}
_LEAST_DAYS = 1.0
_WEIGHT_OF_60_DAYS = 60.0
_WEIGHT_WITHOUT_DEADLINE = 0.5
_FALLBACK = Terms(minutes=_MINUTES, soak_hours=48.0, notice_days=0.0)


def read_tier(item: Mapping[str, Any]) -> Tier:
    """A tier of a calendar file; what it leaves out is the default's, and what its outcomes leave out is its own."""
    terms = _terms(item, _FALLBACK)
    return Tier(
        # The tier's own weight is a factor on every weight; only an outcome's stands alone.
        terms=Terms(terms.minutes, terms.soak_hours, terms.notice_days),
        outcomes={
            name: _terms(given, Terms(terms.minutes, terms.soak_hours, terms.notice_days))
            for name, given in item.get("outcomes", {}).items()
        },
        weight=float(item.get("weight", 1)),
        epss_factor=float(item.get("epss_factor", 1)),
        rehearsal_factor=float(item.get("rehearsal_factor", 0.1)),
        soak_within_hours=item.get("soak_within_hours"),
    )


def _terms(item: Mapping[str, Any], base: Terms) -> Terms:
    minutes = item.get("minutes", {})
    if isinstance(minutes, int):
        minutes = dict.fromkeys(_MINUTES, minutes)
    return Terms(
        minutes={**base.minutes, **minutes},
        soak_hours=float(item.get("soak_hours", base.soak_hours)),
        notice_days=float(item.get("notice_days", base.notice_days)),
        weight=item.get("weight", base.weight),
    )


def weight_of(
    tier: Tier, outcome: str, *, started_at: datetime | None, due_at: datetime | None, epss: float | None
) -> float:
    """What a day of waiting costs: the outcome's weight, or 60 over the days it allows; more where exploits are likely.

    A decision without a deadline weighs half as much as one of sixty days.
    """
    base = tier.terms_for(outcome).weight
    if base is None:
        base = _by_deadline(started_at, due_at)
    return round(tier.weight * base * (1 + tier.epss_factor * (epss or 0.0)), 4)


def _by_deadline(started_at: datetime | None, due_at: datetime | None) -> float:
    if due_at is None:
        return _WEIGHT_WITHOUT_DEADLINE
    if started_at is None:
        return 1.0
    return _WEIGHT_OF_60_DAYS / max(_LEAST_DAYS, (due_at - started_at).total_seconds() / 86_400)


DEFAULT_TIER = read_tier({})
