"""What the newest triage of each platform says, as rows, so that no page reads a plan's documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from passmuster.application.changes.plan_inputs import is_exploited
from passmuster.records.models import Plan, Platform, TriagedAdvisory

NO_DATE = datetime(9999, 1, 1, tzinfo=UTC)
SEVERITIES = ("critical", "high", "medium", "low", "none")
_MOST_NAMED = 3
_COLUMNS = tuple(
    "platform_id plan_id advisory title component version fixed severity severity_rank is_exploited exposure "
    "is_exposure_assumed outcome due_at due_order who_patches reason environments sought".split()
)


def keep_triaged(plan: Plan, platforms: Sequence[Platform], decisions: Iterable[Mapping[str, Any]]) -> int:
    """Replace what was kept of these platforms by the plan's decisions; returns how many rows there are.

    Inside the caller's transaction.
    """
    by_slug = {platform.slug: platform for platform in platforms}
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for each in decisions:
        if each["platform"] in by_slug:
            _take(rows, each)
    TriagedAdvisory.objects.filter(platform__in=platforms).delete()
    copy_in = f"COPY {TriagedAdvisory._meta.db_table} ({', '.join(_COLUMNS)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copy_in) as copy:
        # In the list's own order, so that rows of one page lie together.
        for key in sorted(rows, key=lambda key: (rows[key]["due_at"] or NO_DATE, rows[key]["severity_rank"], key)):
            row = rows[key]
            told = {**row, "platform_id": by_slug[key[0]].pk, "plan_id": plan.pk, "due_order": row["due_at"] or NO_DATE}
            copy.write_row([told[name] for name in _COLUMNS])
    return len(rows)


@dataclass(frozen=True)
class TriagedPlatform:
    """A platform with when it was triaged last and by which plan; both None where it never was."""

    platform: str
    name: str
    triaged_at: datetime | None
    plan: int | None


def newest_triages(platforms: QuerySet[Platform]) -> tuple[TriagedPlatform, ...]:
    """When each of these platforms was triaged last, by name."""
    newest = _newest_plans()
    rows = platforms.order_by("name", "pk").values_list("pk", "slug", "name")
    return tuple(_told(slug, name, newest.get(key)) for key, slug, name in rows)


def _told(slug: str, name: str, newest: tuple[int, datetime] | None) -> TriagedPlatform:
    plan, triaged_at = newest or (None, None)
    return TriagedPlatform(slug, name, triaged_at, plan)


def keep_triaged_of_plans() -> int:
    """Lay out what the newest plans decided for platforms of which nothing is kept; returns how many rows there are.

    After an upgrade or a restored backup no page waits for the next plan. Repeating it changes nothing.
    """
    kept = set(TriagedAdvisory.objects.values_list("platform_id", flat=True).distinct())
    missing: dict[int, list[int]] = {}
    for key, (of_plan, _) in _newest_plans().items():
        if key not in kept:
            missing.setdefault(of_plan, []).append(key)
    n = 0
    for plan in Plan.objects.filter(pk__in=missing).defer("problem", "plan").order_by("pk").iterator(chunk_size=1):
        platforms = list(Platform.objects.filter(pk__in=missing[plan.pk]))
        # A plan of an older release may tell less of its decisions; the next one tells it.
        with suppress(KeyError, TypeError, ValueError), transaction.atomic():
            n += keep_triaged(plan, platforms, plan.triage.get("decisions", ()))
    return n


def _newest_plans() -> dict[int, tuple[int, datetime]]:
    """The newest plan of each platform: its key, and when it was made."""
    heads = Plan.objects.order_by("made_at", "pk").values_list("pk", "platforms", "made_at")
    return {platform: (key, made_at) for key, platforms, made_at in heads.iterator() for platform in platforms}


def _take(rows: dict[tuple[str, str, str], dict[str, Any]], each: Mapping[str, Any]) -> None:
    """One row an advisory and component, however many environments it concerns: the nearest date counts."""
    key = (each["platform"], _text(each["advisory"], 200), _text(each["component"], 300))
    row = rows.setdefault(key, _row(each))
    slug = each["platform"]
    row["environments"].append(_text(each["environment"], 200).removeprefix(f"{slug}/"))
    due_at = datetime.fromisoformat(each["due_at"]) if each["due_at"] else None
    if due_at is not None and (row["due_at"] is None or due_at < row["due_at"]):
        row["due_at"] = due_at


def _row(each: Mapping[str, Any]) -> dict[str, Any]:
    severity = _text(each["severity"], 16).lower()
    told = {name: _text(each[name], most) for name, most in (("advisory", 200), ("title", 500), ("component", 300))}
    return {
        **told,
        "version": _text(each["version"], 200),
        "fixed": _text(", ".join(each["fixed_versions"][:_MOST_NAMED]), 300),
        "severity": severity,
        "severity_rank": SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES),
        "is_exploited": is_exploited(each),
        "exposure": _text(each["points"].get("publicly_exposed") or each["points"].get("exposure"), 64),
        "is_exposure_assumed": "publicly_exposed" in each["assumed"] or "exposure" in each["assumed"],
        "outcome": _text(each["outcome"], 64),
        "due_at": None,
        "who_patches": _text(each["who_patches"], 32),
        "reason": _text(each["reason"], None),
        "environments": [],
        "sought": "\n".join(told.values()).lower(),
    }


def _text(value: object, most: int | None) -> str:
    """A value as a column of that length holds it; PostgreSQL's text knows no NUL."""
    return str(value or "").replace("\0", "")[:most]
