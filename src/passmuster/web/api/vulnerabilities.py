"""Vulnerabilities: what the newest triage of each platform says of each advisory in each component."""

from __future__ import annotations

import os
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field

from passmuster.application.access import Action
from passmuster.application.changes.feeds_fetched import feeds_fetched
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.paging import Filters, Listed, listed
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Id, Instant, Slug, Told, Word
from passmuster.web.views.vulnerabilities import narrowed, triages_seen_by, visible_triaged

vulnerabilities = Topic("vulnerabilities")
TOPICS = (vulnerabilities,)


class VulnerabilityTold(Told):
    """One advisory in one component of a platform, as triage decided; the id holds until the next triage.

    The change that brings its patch is in /changes, by `platform` and `advisory`.
    """

    id: Id
    platform: Annotated[str, Field(validation_alias=AliasPath("platform", "slug"))]
    plan: Annotated[int, Field(validation_alias="plan_id")]
    advisory: str
    title: str
    component: str
    version: str
    fixed: str
    severity: str
    is_exploited: bool
    exposure: str
    is_exposure_assumed: bool
    outcome: str
    due_at: Instant | None
    who_patches: str
    reason: str
    environments: list[str]


class TriageTold(Told):
    """A platform, when it was triaged last and by which plan; null where it never was."""

    platform: str
    name: str
    triaged_at: Instant | None
    plan: int | None


class FeedsTold(Told):
    """Whether feeds of advisories are fetched, by their names; when all of them were last, and when they are next.

    `last_at` is null where they never were, or not for days; `next_at` where they are being fetched now. `problem` is
    what went wrong since the last time.
    """

    is_set_up: bool
    last_at: Instant | None
    problem: str
    next_at: Instant | None
    feeds: list[str]


class VulnerabilityFilters(Filters):
    """Which vulnerabilities; `find` looks through advisory, title and component."""

    platform: Slug | None = None
    severity: Word | None = None
    is_exploited: bool | None = None
    find: Word | None = None


@vulnerabilities.reads("/vulnerabilities", Action.VIEW, Listed[VulnerabilityTold])
def list_vulnerabilities(request: ApiRequest, filters: Query[VulnerabilityFilters]) -> Any:
    """What the newest triage found, the nearest deadline first."""
    chosen = {name: getattr(filters, name) or "" for name in ("platform", "severity", "find")}
    rows, order = narrowed(visible_triaged(request.auth), chosen)
    if filters.is_exploited is not None:
        rows = rows.filter(is_exploited=filters.is_exploited)
    return listed(request, rows, order, filters, beside=("platform",))


@vulnerabilities.reads("/triages", Action.VIEW, list[TriageTold])
def list_triages(request: ApiRequest) -> Any:
    """When each active platform was triaged last, by name: one that never was may have vulnerabilities nobody knows."""
    return list(triages_seen_by(request.auth))


@vulnerabilities.reads("/feeds", Action.VIEW, FeedsTold)
def show_feeds(request: ApiRequest) -> Any:
    """What the fetching of advisories came to: where it goes wrong, what was published since is not known here."""
    return feeds_fetched(os.environ, request.auth.now)


@vulnerabilities.reads("/vulnerabilities/{pk}", Action.VIEW, VulnerabilityTold)
def show_vulnerability(request: ApiRequest, pk: Id) -> Any:
    """One of them."""
    return get_object_or_404(visible_triaged(request.auth).select_related("platform"), pk=pk)
