"""The first page: what needs me, what is late, what comes next, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from passmuster.application.access import Action, Actor, may_anywhere, platforms_for
from passmuster.application.changes.missed_windows import missed
from passmuster.application.looking.failing import with_newest_state
from passmuster.application.programme.looks import hours_told, rarely_looked_at
from passmuster.application.requests.vendor_requests import asked_of_vendor
from passmuster.model.keeping import AskedStatus, CollectionState
from passmuster.records.models import Change, Platform, Review
from passmuster.web import owing, trends
from passmuster.web.agenda import dates, waiting
from passmuster.web.agenda.lines import things
from passmuster.web.change_values import FINISHED, late_ones
from passmuster.web.counting import late, open_by_platform, open_by_severity
from passmuster.web.needs import needs
from passmuster.web.places import list_of, page_of_record
from passmuster.web.seeing_work import whether_worked

_MOST_PLATFORMS = 30


@dataclass(frozen=True)
class PlatformLine:
    """A platform with its open findings by severity, and the share of its controls that pass in whole percent.

    `findings` is the list of them, `findings_by_severity` that of each severity. `unseen` tells since when it cannot be
    looked at, so that all this is of then; empty where the newest look worked. `rarely` says that it is looked at more
    rarely than its tier asks for.
    """

    name: str
    link: str
    findings: str
    findings_by_severity: dict[str, str]
    counts: dict[str, int]
    total: int
    passing: int | None
    unseen: str = ""
    rarely: str = ""


@needs(Action.MANAGE_OWN_ACCOUNT)
def overview(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What needs the person who asks; without a duty inside, what is asked of them."""
    if not may_anywhere(actor, Action.VIEW):
        return render(request, "overview_outside.html", {"asked": list_of("vendor_request"), **_asked(actor)})
    shares = trends.shares_passing(actor)
    lines = _platforms(actor, {each.slug: each.newest for each in shares})
    if not lines:
        return render(request, "overview_empty.html", {"add": list_of("new_platform")} | whether_worked())
    severities = open_by_severity(actor)
    overdue, owed = dates.overdue(actor), owing.owed(actor)
    told = {
        "needs": waiting.needs(actor),
        "overdue": overdue,
        "late_note": _late_note(late(actor, actor.now.date()), overdue.things),
        "owed": owed[: owing.MOST],
        "more_owed": max(0, len(owed) - owing.MOST),
        "coming": dates.coming(actor),
        "platforms": lines[:_MOST_PLATFORMS],
        "more_platforms": max(0, len(lines) - _MOST_PLATFORMS),
        "severities": severities,
        "open_findings": sum(severities.values()),
        "passing": trends.mean_passing(shares),
        "pictures": (trends.posture(actor, shares), trends.patching(actor)),
        "today": actor.now.date(),
        "places": {kind: list_of(kind) for kind in ("platform", "review", "finding", "change", "calendar")},
    }
    return render(request, "overview.html", told | open_work(actor) | whether_worked())


def _asked(actor: Actor) -> dict[str, Any]:
    """How many requests wait for a guest's answer, and by when the first is to be answered."""
    if not may_anywhere(actor, Action.ANSWER_VENDOR_REQUEST):
        return {}
    waiting = asked_of_vendor(actor).filter(status=AskedStatus.OPEN)
    return waiting.order_by().aggregate(waiting=Count("pk"), first=Min("due_on"))


def _platforms(actor: Actor, passing: dict[str, int | None]) -> list[PlatformLine]:
    """The platforms the actor sees, those with the worst findings first."""
    seen = Platform.objects.filter(is_active=True)
    allowed = platforms_for(actor, Action.VIEW)
    seen = seen if allowed is None else seen.filter(pk__in=allowed)
    counts = open_by_platform(actor)
    asked = hours_told()
    lines = []
    for platform in with_newest_state(seen):
        key, name, slug = platform.pk, platform.name, platform.slug
        held = dict(counts.get(key, {}))
        lines.append(
            PlatformLine(
                name,
                page_of_record("platform", slug),
                list_of("finding", platform=key),
                {word: list_of("finding", platform=key, severity=word) for word in held},
                held,
                sum(held.values()),
                passing.get(slug),
                _unseen(platform),
                rarely_looked_at(platform, asked),
            )
        )
    worst = ("critical", "high", "medium", "low", "info")
    return sorted(lines, key=lambda line: ([-line.counts.get(word, 0) for word in worst], line.name))


def _late_note(findings: int, all_things: int) -> str:
    """Of what the late things are: "98 findings, 1 other thing"."""
    if not all_things:
        return "everything is in time"
    others = all_things - findings
    return things(findings, "finding") + (f", {things(others, 'other thing')}" if others else "")


def _unseen(platform: Any) -> str:
    if platform.newest_state != CollectionState.FAILED:
        return ""
    last_good = platform.last_good
    return f"could not be looked at since {last_good:%Y-%m-%d}" if last_good else "could not be looked at yet"


def open_work(actor: Actor) -> dict[str, int]:
    """How many reviews and changes are not finished, and how many of these changes are late or missed their window."""
    allowed = platforms_for(actor, Action.VIEW)
    reviews, changes = Review.objects.filter(status__in=("opening", "open", "signed")), Change.objects.all()
    if allowed is not None:
        reviews, changes = reviews.filter(platform_id__in=allowed), changes.filter(platform_id__in=allowed)
    unfinished = changes.exclude(status__in=FINISHED)
    return {
        "open_reviews": reviews.count(),
        "open_changes": unfinished.count(),
        "late_changes": late_ones(changes, actor.now).count(),
        "missed_windows": changes.filter(missed(actor.now)).count(),
    }
