"""Vulnerabilities: what the newest triage of each platform found, the nearest deadline first."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.application.changes.feeds_fetched import feeds_fetched
from passmuster.application.changes.triaged import SEVERITIES, TriagedPlatform, newest_triages
from passmuster.model.keeping import ChangeStatus
from passmuster.records.models import Change, Platform, TriagedAdvisory
from passmuster.web.change_values import state_of
from passmuster.web.lists import page_of
from passmuster.web.needs import needs

_LONGEST = 200


@needs(Action.VIEW)
def vulnerabilities_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the newest triage of each platform found, the nearest deadline first."""
    seen = visible_triaged(actor)
    chosen = {name: request.GET.get(name, "") for name in ("platform", "severity", "find", "exploited")}
    fitting, order = narrowed(seen, chosen)
    page = page_of(fitting, order, request.GET, beside=("platform",))
    triages = triages_seen_by(actor)
    context = {
        "page": page,
        "is_triaged": any(each.triaged_at for each in triages),
        "oldest": min((each.triaged_at for each in triages if each.triaged_at), default=None),
        "not_triaged": [each.name for each in triages if each.triaged_at is None],
        "lines": _lines(page.rows, actor.now),
        "total": fitting.count(),
        "has_any": seen.exists(),
        "platforms": _platforms(actor),
        "severities": SEVERITIES,
        "chosen": chosen,
        "feeds": feeds_fetched(os.environ, actor.now),
    }
    return render(request, "patches/vulnerabilities.html", context)


def visible_triaged(actor: Actor) -> QuerySet[TriagedAdvisory]:
    """The rows of the platforms the actor sees."""
    where = platforms_for(actor, Action.VIEW)
    return TriagedAdvisory.objects.all() if where is None else TriagedAdvisory.objects.filter(platform_id__in=where)


def triages_seen_by(actor: Actor) -> tuple[TriagedPlatform, ...]:
    """When each active platform the actor sees was triaged last."""
    where = platforms_for(actor, Action.VIEW)
    active = Platform.objects.filter(is_active=True)
    return newest_triages(active if where is None else active.filter(pk__in=where))


def narrowed(
    rows: QuerySet[TriagedAdvisory], chosen: Mapping[str, str]
) -> tuple[QuerySet[TriagedAdvisory], tuple[str, ...]]:
    """The rows that fit, and their order: by platform's slug, severity, whether exploited, words to find."""
    if chosen.get("platform"):
        rows = rows.filter(platform__in=Platform.objects.filter(slug=chosen["platform"][:_LONGEST].replace("\0", "")))
    if chosen.get("exploited"):
        rows = rows.filter(is_exploited=True)
    if find := chosen.get("find", "").replace("\0", "")[:_LONGEST].strip().lower():
        rows = rows.filter(sought__contains=find)
    if chosen.get("severity"):
        # One severity has one rank.
        return rows.filter(severity=chosen["severity"][:_LONGEST].replace("\0", "")), ("due_order", "id")
    return rows, ("due_order", "severity_rank", "id")


def _platforms(actor: Actor) -> list[tuple[str, str]]:
    where = platforms_for(actor, Action.VIEW)
    named = Platform.objects.filter(Exists(TriagedAdvisory.objects.filter(platform=OuterRef("pk"))))
    named = named if where is None else named.filter(pk__in=where)
    return list(named.order_by("name").values_list("slug", "name"))


def _lines(rows: Sequence[TriagedAdvisory], now: datetime) -> list[dict[str, Any]]:
    changes = _changes(rows)
    lines = []
    for row in rows:
        change = changes.get((row.platform_id, row.component, row.advisory))
        status, tone = state_of(change, now) if change else ("", "")
        lines.append(
            {
                "row": row,
                "environments": [name for name in row.environments if name],
                "change": change,
                "change_status": status,
                "change_tone": tone,
            }
        )
    return lines


def _changes(rows: Iterable[TriagedAdvisory]) -> dict[tuple[int, str, str], Change]:
    """The change of each advisory of one page."""
    wanted = {(row.platform_id, row.component) for row in rows}
    found: dict[tuple[int, str, str], Change] = {}
    held = Change.objects.filter(
        platform_id__in={platform for platform, _ in wanted}, component__in={component for _, component in wanted}
    ).exclude(status=ChangeStatus.CANCELLED)
    # The change in the environment nearest to people is the one to look at: its jobs were made last.
    for change in held.select_related("environment").order_by("pk"):
        for advisory in change.advisories:
            key = (change.platform_id, change.component, advisory)
            if key not in found or (change.environment and change.environment.stage == "production"):
                found[key] = change
    return found
