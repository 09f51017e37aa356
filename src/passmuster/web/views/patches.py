"""Patches: the plan that holds and those proposed, and the vulnerabilities they were made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.adopting import adopt_plan
from passmuster.application.patch_measures import patch_measures
from passmuster.application.plan_inputs import is_exploited
from passmuster.application.planning import propose_plan, stale_after
from passmuster.errors import PassmusterError
from passmuster.model.keeping import ChangeStatus
from passmuster.pipeline.measuring import PatchFigures
from passmuster.pipeline.plan_picture import plan_picture
from passmuster.records.models import Change, Plan, Platform
from passmuster.web.carrying_out import carry_out
from passmuster.web.change_values import late_ones, tone, visible_changes, words
from passmuster.web.needs import needs

_A_PAGE = 50
_MOST_PLANS = 200
_MOST_PROPOSALS = 5
_SEVERITIES = ("critical", "high", "medium", "low", "none")
_UNDER_WAY = (ChangeStatus.PLANNED, ChangeStatus.APPROVED, ChangeStatus.DEPLOYED)


@needs(Action.VIEW)
def patches_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The plan adopted last, with its picture, what is open of it, and proposals since."""
    heads = _plan_heads(actor)
    adopted = next((Plan.objects.get(pk=head.key) for head in heads if head.adopted_at), None)
    since = adopted.adopted_at if adopted else None
    fresh = [head.key for head in heads if not head.adopted_at and (since is None or head.made_at > since)]
    newest = Plan.objects.filter(pk__in=fresh[:_MOST_PROPOSALS]).order_by("-made_at", "-pk")
    proposals = [plan for plan in newest if actor.now <= stale_after(plan)]
    counts = {status: visible_changes(actor).filter(status=status).count() for status in _UNDER_WAY}
    overdue = late_ones(visible_changes(actor), actor.now).count()
    context = {
        "adopted": adopted,
        "view": _picture(request, adopted),
        "proposals": proposals,
        "counts": [(status.value, words(status), n) for status, n in counts.items()],
        "overdue": overdue,
        "may_propose": bool(_plannable(actor)),
        "measures": [_measure(each) for each in patch_measures(actor)],
    }
    return render(request, "patches/patches.html", context)


@needs(Action.VIEW)
def plan_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One plan, proposed or adopted."""
    plan = get_object_or_404(Plan, pk=pk)
    if not _is_visible(actor, plan):
        raise Http404
    is_open = plan.adopted_at is None and actor.now <= stale_after(plan)
    context = {
        "plan": plan,
        "view": _picture(request, plan),
        "platforms": Platform.objects.filter(pk__in=plan.platforms).order_by("name"),
        "left_out": plan.problem.get("left_out", ()),
        "may_adopt": is_open and all(may(actor, Action.ADOPT_PLAN, key) for key in plan.platforms),
        "is_stale": plan.adopted_at is None and not is_open,
    }
    return render(request, "patches/plan.html", context)


@require_POST
@needs(Action.WORK_CHANGE)
def propose(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Make a plan of what the newest looks show; takes some seconds."""
    try:
        plan = propose_plan(actor, _plannable(actor))
    except PassmusterError as error:
        for line in str(error).splitlines()[:20]:
            messages.error(request, line)
        return redirect("patches")
    return redirect("plan", plan.pk)


@require_POST
@needs(Action.ADOPT_PLAN)
def adopt(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Make the plan the one that holds."""
    plan = get_object_or_404(Plan, pk=pk)
    if not _is_visible(actor, plan):
        raise Http404
    return carry_out(request, lambda: adopt_plan(actor, plan), "The plan is adopted; its changes are made.", "patches")


@needs(Action.VIEW)
def vulnerabilities_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the newest triage of each platform found, the nearest deadline first."""
    rows = list(_rows(actor))
    chosen = {name: request.GET.get(name, "") for name in ("platform", "severity", "find", "exploited")}
    kept = [row for row in rows if _fits(row, chosen)]
    kept.sort(key=lambda row: (row["due_at"] or "9", _rank(row), row["advisory"], row["component"], row["slug"]))
    context = {
        "page": Paginator(kept, _A_PAGE).get_page(request.GET.get("page")),
        "total": len(rows),
        "platforms": sorted({(row["slug"], row["platform"]) for row in rows}),
        "severities": _SEVERITIES,
        "chosen": chosen,
    }
    return render(request, "patches/vulnerabilities.html", context)


def _measure(figures: PatchFigures) -> dict[str, Any]:
    shares = {name: getattr(figures, name) for name in ("efficacy", "in_time")}
    return {"of": figures, **{name: None if share is None else round(share * 100) for name, share in shares.items()}}


def _plannable(actor: Actor) -> list[Platform]:
    where = platforms_for(actor, Action.WORK_CHANGE)
    found = Platform.objects.filter(is_active=True).order_by("pk")
    return list(found if where is None else found.filter(pk__in=where))


@dataclass(frozen=True)
class _Head:
    """A plan without its documents, which are large."""

    key: int
    platforms: frozenset[int]
    made_at: datetime
    adopted_at: datetime | None


def _plan_heads(actor: Actor) -> list[_Head]:
    """Plans of platforms one may see, the newest first."""
    where = platforms_for(actor, Action.VIEW)
    found = Plan.objects.order_by("-made_at", "-pk").values_list("pk", "platforms", "made_at", "adopted_at")
    heads = [_Head(key, frozenset(keys), made, adopted) for key, keys, made, adopted in found[:_MOST_PLANS]]
    return [head for head in heads if where is None or (head.platforms and head.platforms <= where)]


def _is_visible(actor: Actor, plan: Plan) -> bool:
    where = platforms_for(actor, Action.VIEW)
    return where is None or (bool(plan.platforms) and set(plan.platforms) <= where)


def _picture(request: HttpRequest, plan: Plan | None) -> Mapping[str, Any] | None:
    if plan is None:
        return None
    try:
        return plan_picture(plan.problem, plan.plan)
    except PassmusterError as error:
        messages.error(request, f"the plan cannot be shown: {str(error).splitlines()[0]}")
        return None


def _rows(actor: Actor) -> Iterable[dict[str, Any]]:
    where = platforms_for(actor, Action.VIEW)
    visible = Platform.objects.all() if where is None else Platform.objects.filter(pk__in=where)
    names = {platform.pk: platform for platform in visible}
    changes = _changes_by_advisory(names)
    told: set[int] = set()
    plans = Plan.objects.order_by("-made_at", "-pk")
    for key, keys in plans.values_list("pk", "platforms")[:_MOST_PLANS]:
        new = [names[each] for each in keys if each in names and each not in told]
        told |= {platform.pk for platform in new}
        decisions = plans.values_list("triage", flat=True).get(pk=key).get("decisions", ()) if new else ()
        for platform in new:
            yield from _of_platform(platform, decisions, changes)


def _changes_by_advisory(platforms: Iterable[int]) -> dict[tuple[int, str, str], Change]:
    found: dict[tuple[int, str, str], Change] = {}
    wanted = Change.objects.filter(platform__in=list(platforms)).exclude(status=ChangeStatus.CANCELLED)
    # The change in the environment nearest to people is the one to look at: its jobs were made last.
    for change in wanted.select_related("environment").order_by("pk"):
        for advisory in change.advisories:
            key = (change.platform_id, change.component, advisory)
            if key not in found or (change.environment and change.environment.stage == "production"):
                found[key] = change
    return found


def _of_platform(
    platform: Platform, decisions: Iterable[Mapping[str, Any]], changes: Mapping[tuple[int, str, str], Change]
) -> Iterable[dict[str, Any]]:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for each in decisions:
        if each["platform"] != platform.slug:
            continue
        key = (each["advisory"] or "", each["component"] or "")
        row = rows.setdefault(key, _row(platform, each))
        row["environments"].append((each["environment"] or "").removeprefix(f"{platform.slug}/"))
        if each["due_at"] and (not row["due_at"] or each["due_at"] < row["due_at"]):
            row["due_at"] = each["due_at"]
    for (advisory, component), row in rows.items():
        change = changes.get((platform.pk, component[:300], advisory))
        yield {
            **row,
            "change": change,
            "change_status": words(change.status) if change else "",
            "change_tone": tone(change.status) if change else "",
        }


def _row(platform: Platform, each: Mapping[str, Any]) -> dict[str, Any]:
    exposed = each["points"].get("publicly_exposed") or each["points"].get("exposure") or ""
    is_assumed = "publicly_exposed" in each["assumed"] or "exposure" in each["assumed"]
    return {
        "platform": platform.name,
        "slug": platform.slug,
        "advisory": each["advisory"] or "",
        "title": each["title"],
        "component": each["component"] or "",
        "version": each["version"] or "",
        "fixed": ", ".join(each["fixed_versions"][:3]),
        "severity": (each["severity"] or "").lower(),
        "is_exploited": is_exploited(each),
        "exposure": f"{exposed} (assumed)" if exposed and is_assumed else exposed,
        "outcome": words(each["outcome"]),
        "due_at": each["due_at"] or "",
        "who": each["who_patches"] or "",
        "reason": each["reason"],
        "environments": [],
    }


def _fits(row: Mapping[str, Any], chosen: Mapping[str, str]) -> bool:
    if chosen["platform"] and row["slug"] != chosen["platform"]:
        return False
    if chosen["severity"] and row["severity"] != chosen["severity"]:
        return False
    if chosen["exploited"] and not row["is_exploited"]:
        return False
    text = f"{row['advisory']} {row['title']} {row['component']}".lower()
    return chosen["find"].lower() in text


def _rank(row: Mapping[str, Any]) -> int:
    severity = row["severity"]
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)
