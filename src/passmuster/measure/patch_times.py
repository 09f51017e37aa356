"""How long patches take and how often they hold. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class PatchRun:
    """One patch in one environment. `known_at` is when it was learned of; `went_wrong` at any of its tries."""

    platform: str
    known_at: datetime | None
    verified_at: datetime | None
    due_at: datetime | None = None
    went_wrong: bool = False


@dataclass(frozen=True)
class PatchFigures:
    """Of one platform. Days are None where nothing was verified; shares where nothing was tried or had a date."""

    platform: str
    verified: int
    unfinished: int
    median_days: float | None
    p90_days: float | None
    efficacy: float | None
    """Of the patches that were tried to an end, the share that held at the first try."""
    in_time: float | None
    """Of the verified ones with a deadline, the share that met it."""


def patch_figures(runs: Iterable[PatchRun]) -> tuple[PatchFigures, ...]:
    """The figures of each platform, by its name."""
    found: dict[str, list[PatchRun]] = {}
    for run in runs:
        found.setdefault(run.platform, []).append(run)
    return tuple(_figures(name, found[name]) for name in sorted(found))


def _figures(platform: str, runs: Sequence[PatchRun]) -> PatchFigures:
    verified = [run for run in runs if run.verified_at]
    days = sorted(
        max(timedelta(0), run.verified_at - run.known_at) / timedelta(days=1)
        for run in verified
        if run.verified_at and run.known_at
    )
    held = sum(not run.went_wrong for run in verified)
    tried = len(verified) + sum(run.went_wrong and not run.verified_at for run in runs)
    dated = [run.verified_at <= run.due_at for run in verified if run.verified_at and run.due_at]
    return PatchFigures(
        platform=platform,
        verified=len(verified),
        unfinished=len(runs) - len(verified),
        median_days=quantile(days, 0.5),
        p90_days=quantile(days, 0.9),
        efficacy=held / tried if tried else None,
        in_time=sum(dated) / len(dated) if dated else None,
    )


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The quantile between ordered values, as spreadsheets' PERCENTILE has it; None of nothing."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
