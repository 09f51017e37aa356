"""Platforms: the list, and one platform's posture, inventory, data flows, access and looks."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.asking import ask_for_look
from passmuster.application.looking.kept_notices import notices_of
from passmuster.application.looking.looking import approve_baseline
from passmuster.application.programme.looks import every, hours_told, rarely_looked_at
from passmuster.application.storage.newest import last_look
from passmuster.application.storage.storing import results_folder, snapshot_folder
from passmuster.errors import PassmusterError
from passmuster.model.keeping import CollectionState
from passmuster.pipeline.following import Verdict, kept_verdicts_of
from passmuster.pipeline.picturing import Picture, picture_snapshot
from passmuster.records.models import Collection, Evaluation, Evidence, Platform
from passmuster.records.models.findings import SEVERITY_RANKS
from passmuster.web.change_values import FINISHED, visible_changes
from passmuster.web.counting import open_by_platform
from passmuster.web.form_fields import word
from passmuster.web.lists import page_of
from passmuster.web.needs import needs
from passmuster.web.seeing_work import followed
from passmuster.web.submitting import submit_and_return
from passmuster.web.trends import share_passing

_MOST_EDGES = 200
_MOST_LINES = 8
_ORDER = ("fail", "error", "unknown", "manual", "pass", "not_applicable")


def _seen_by(actor: Actor) -> QuerySet[Platform]:
    rows = Platform.objects.select_related("vendor", "baseline_collection")
    where = platforms_for(actor, Action.VIEW)
    return rows if where is None else rows.filter(pk__in=where)


@needs(Action.VIEW)
def platforms_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The platforms one may see, with their open findings and newest look."""
    counts = open_by_platform(actor)
    page = page_of(_seen_by(actor), ("name", "id"), request.GET)
    looks = Collection.objects.filter(platform__in=[p.pk for p in page.rows])
    newest = {look.platform_id: look for look in looks.order_by("platform", "-started_at").distinct("platform")}
    judged = Evaluation.objects.filter(collection__platform__in=[p.pk for p in page.rows])
    judged = judged.order_by("collection__platform", "-as_of", "-id").distinct("collection__platform")
    passing = {key: share_passing(told) for key, told in judged.values_list("collection__platform_id", "summary")}
    lines = [
        (p, counts.get(p.pk, {}), sum(counts.get(p.pk, {}).values()), newest.get(p.pk), passing.get(p.pk))
        for p in page.rows
    ]
    return render(request, "platforms/list.html", {"page": page, "lines": lines, "today": actor.now.date()})


@needs(Action.VIEW)
def platform_page(request: HttpRequest, actor: Actor, slug: str) -> HttpResponse:
    """One platform as its newest look shows it."""
    platform = get_object_or_404(_seen_by(actor), slug=slug)
    look = last_look(platform)
    evaluation = Evaluation.objects.filter(collection=look).order_by("-pk").first() if look else None
    picture, trouble = _picture(look)
    unfinished = visible_changes(actor).filter(platform=platform).exclude(status__in=FINISHED)
    told: dict[str, Any] = {
        "platform": platform,
        "look": look,
        "failed": _failed_since(platform, look),
        "how_often": every(platform.collect_every_hours) if platform.collect_every_hours else "",
        "rarely": rarely_looked_at(platform, hours_told()),
        "evaluation": evaluation,
        "verdicts": _verdicts(evaluation),
        "outcomes": [(word, n) for word in _ORDER[:-1] if (n := evaluation.summary.get(word))] if evaluation else [],
        "picture": picture,
        "trouble": trouble,
        "most_edges": _MOST_EDGES,
        "counts": open_by_platform(actor).get(platform.pk, {}),
        "changes": unfinished.select_related("environment").order_by(F("due_at").asc(nulls_last=True), "pk")[
            :_MOST_LINES
        ],
        "evidence": Evidence.objects.filter(platform=platform, superseded_by=None).order_by(
            F("expires_on").asc(nulls_last=True), "pk"
        )[:_MOST_LINES]
        if may(actor, Action.READ_EVIDENCE, platform.pk)
        else (),
        "reviews": platform.reviews.order_by("-pk")[:5],
        "looks": platform.collections.order_by("-started_at", "-pk")[:8],
        "environments": platform.environments.order_by("name"),
        "may_collect": may(actor, Action.COLLECT, platform.pk),
        "today": actor.now.date(),
        **followed(actor, ("collect", "review"), platform),
    }
    return render(request, "platforms/page.html", told)


def _failed_since(platform: Platform, look: Collection | None) -> Collection | None:
    failed = platform.collections.filter(state=CollectionState.FAILED).order_by("-pk").first()
    return failed if failed and (look is None or failed.pk > look.pk) else None


def _picture(look: Collection | None) -> tuple[Picture | None, str]:
    if look is None:
        return None, ""
    try:
        return picture_snapshot(snapshot_folder(look), as_of=look.started_at), ""
    except PassmusterError as error:
        return None, str(error)


def _verdicts(evaluation: Evaluation | None) -> list[dict[str, Any]]:
    """Verdicts by outcome, the worst of each first; nothing where nobody judged or the file is damaged."""
    if evaluation is None:
        return []
    try:
        verdicts = kept_verdicts_of(results_folder(evaluation))
    except PassmusterError:
        return []
    by_outcome = Counter(verdict.outcome for verdict in verdicts)
    return [
        {
            "outcome": outcome,
            "count": by_outcome[outcome],
            "verdicts": sorted((v for v in verdicts if v.outcome == outcome), key=_worst_first),
        }
        for outcome in _ORDER
        if by_outcome[outcome]
    ]


def _worst_first(verdict: Verdict) -> tuple[int, str, str]:
    return SEVERITY_RANKS.get(verdict.severity, len(SEVERITY_RANKS)), verdict.pack, verdict.control


@needs(Action.COLLECT)
@require_POST
def collect(request: HttpRequest, actor: Actor, slug: str) -> HttpResponse:
    """Have a platform looked at now, and follow it on its page."""
    platform = get_object_or_404(_seen_by(actor), slug=slug)
    ask_for_look(actor, platform)
    messages.success(request, "Asked for; follow it here.")
    return redirect("platform", slug=slug)


@needs(Action.VIEW)
def collections_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All looks, the newest first."""
    page = page_of(looks_seen_by(actor), ("-id",), request.GET)
    return render(request, "platforms/collections.html", {"page": page})


def looks_seen_by(actor: Actor) -> QuerySet[Collection]:
    """The looks at platforms that the actor may view."""
    rows = Collection.objects.select_related("platform")
    where = platforms_for(actor, Action.VIEW)
    return rows if where is None else rows.filter(platform_id__in=where)


@needs(Action.VIEW)
def collection_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One look: what was read, what could not be, what changed."""
    look = get_object_or_404(looks_seen_by(actor), pk=pk)
    drifts = [
        (title, against, {table: n for table, n in drift.items() if table != "baseline"})
        for title, against, drift in (
            ("the look before", "last", look.drift),
            ("the approved baseline", "baseline", look.drift_from_baseline),
        )
        if drift
    ]
    told = {
        "look": look,
        "drifts": drifts,
        "notices": notices_of(look),
        "evaluations": look.evaluations.order_by("-pk"),
        "is_baseline": look.platform.baseline_collection_id == look.pk,
        "may_approve": bool(look.store_key) and may(actor, Action.APPROVE_BASELINE, look.platform_id),
    }
    return render(request, "platforms/collection.html", told)


@needs(Action.APPROVE_BASELINE)
@require_POST
def approve(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Make this look the approved baseline."""
    look = get_object_or_404(looks_seen_by(actor), pk=pk)
    return submit_and_return(
        request,
        lambda: approve_baseline(actor, look, word(request, "reason")),
        "Approved: from now on what differs from it is told.",
        "collection",
        pk,
    )
