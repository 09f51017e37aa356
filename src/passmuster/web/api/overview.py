"""What the first page tells: what needs one, what is late and comes next, how it went; and the figures of patching."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from passmuster.application.access import Action
from passmuster.application.changes.patch_measures import patch_measures
from passmuster.application.programme.looks import hours_told, rarely_looked_at
from passmuster.records.models import Platform
from passmuster.web import owing, trends
from passmuster.web.agenda import dates, waiting
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.programme import visible_platforms
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Told
from passmuster.web.counting import open_by_platform, open_by_severity
from passmuster.web.views.overview import open_work

overview = Topic("overview")
TOPICS = (overview,)


class LineTold(Told):
    """One thing to do or to know, and the page where; `why` tells a review from another of the same platform."""

    text: str
    link: str
    about: str
    on: date | None
    why: str


class LinesTold(Told):
    """The most pressing lines, how many there are, and how many things they stand for."""

    shown: list[LineTold]
    n: int
    things: int


class OpenTold(Told):
    """Open findings of a platform, by severity; `passing` is the share of its controls that pass, in percent.

    `rarely` says that it is looked at more rarely than its tier asks for, or never by itself; else it is empty.
    """

    platform: str
    name: str
    counts: dict[str, int]
    total: int
    passing: int | None
    rarely: str


class OwedTold(Told):
    """What one person owes: open findings past their date, waiting lines of reviews, patches that are not done.

    `person` is null for what nobody answers for.
    """

    person: int | None
    name: str
    late: int
    lines: int
    patches: int


class OverviewTold(Told):
    """What needs the one who asks, what is late, what comes within two weeks, and how much is open.

    `owed` tells by person who answers for what is open. `passing` is the mean of the platforms' shares of controls that
    pass, in percent; null where none could be answered.
    """

    needs: LinesTold
    overdue: LinesTold
    coming: LinesTold
    owed: list[OwedTold]
    open_findings: int
    open_reviews: int
    open_changes: int
    late_changes: int
    missed_windows: int
    passing: int | None
    severities: dict[str, int]
    platforms: list[OpenTold]


class SeriesTold(Told):
    """A line of a picture; null where nothing is known of a month.

    `link` is the page with what it counts, `links` those of each month; empty where a month has no list of its own.
    """

    name: str
    values: list[int | None]
    link: str
    links: list[str]


class TrendTold(Told):
    """A picture as its table: months and series."""

    title: str
    unit: str
    months: list[str]
    series: list[SeriesTold]


class TrendsTold(Told):
    """How posture and patching went, month by month."""

    posture: TrendTold
    patching: TrendTold


Share = Annotated[float, Field(ge=0, le=1)]


class PatchFiguresTold(Told):
    """How patching of a platform's production went; null where nothing was verified, tried or had a date."""

    platform: str
    verified: int
    unfinished: int
    median_days: float | None
    p90_days: float | None
    efficacy: Share | None
    in_time: Share | None


@overview.reads("/overview", Action.VIEW, OverviewTold)
def show_overview(request: ApiRequest) -> Any:
    """What needs one, what is late, what comes next, and the open findings of active platforms."""
    actor, counts, severities = request.auth, open_by_platform(request.auth), dict(open_by_severity(request.auth))
    shares = trends.shares_passing(actor)
    passing, asked = {each.slug: each.newest for each in shares}, hours_told()
    seen = visible_platforms(actor).filter(is_active=True).order_by("name", "id")
    return {
        "needs": waiting.needs(actor),
        "overdue": dates.overdue(actor),
        "coming": dates.coming(actor),
        "owed": owing.owed(actor),
        **open_work(actor),
        "open_findings": sum(severities.values()),
        "passing": trends.mean_passing(shares),
        "severities": severities,
        "platforms": [
            _told(each, counts.get(each.pk, {}), passing.get(each.slug), rarely_looked_at(each, asked)) for each in seen
        ],
    }


def _told(platform: Platform, counts: Mapping[str, int], passing: int | None, rarely: str) -> dict[str, Any]:
    about = {"platform": platform.slug, "name": platform.name, "rarely": rarely}
    return {**about, "counts": dict(counts), "total": sum(counts.values()), "passing": passing}


@overview.reads("/trends", Action.VIEW, TrendsTold)
def show_trends(request: ApiRequest) -> Any:
    """Controls that pass, and patches in time, over the last twelve months."""
    actor = request.auth
    return {"posture": trends.posture(actor, trends.shares_passing(actor)), "patching": trends.patching(actor)}


@overview.reads("/measures/patches", Action.VIEW, list[PatchFiguresTold])
def show_patch_measures(request: ApiRequest) -> Any:
    """How long patches took and how often they held, by platform."""
    return list(patch_measures(request.auth))
