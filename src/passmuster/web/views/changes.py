"""Changes: the list, and one with its gates and the steps that are open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from passmuster.application.access import Action, Actor, may
from passmuster.application.changes import approving, changes
from passmuster.application.changes.affected_apps import known_apps, tell_owners
from passmuster.application.changes.change_facts import BEFORE, LookedAt, look_at_gates
from passmuster.application.changes.change_moments import moment_of
from passmuster.application.changes.gate_statements import RESULTS, TIMES, WORDS
from passmuster.application.changes.missed_windows import has_missed_window, missed, proposal_for
from passmuster.application.changes.not_done import is_not_done, not_done
from passmuster.errors import UsageError
from passmuster.model.keeping import ChangeStatus, GateKind
from passmuster.records.models import Change, Evidence, Person
from passmuster.web.change_dates import Kept, due_in, is_month, kept
from passmuster.web.change_history import history_of
from passmuster.web.change_values import (
    FINISHED,
    UNFINISHED,
    allowed,
    gates_shown,
    is_late,
    late_ones,
    may_see_plan,
    state_of,
    verified_words,
    visible_changes,
    why_not_approve,
    words,
)
from passmuster.web.form_fields import moment_in, word
from passmuster.web.needs import needs
from passmuster.web.submitting import submit_and_return
from passmuster.web.trends import last_months
from passmuster.web.whose import is_key, key_of, whose

_A_PAGE = 50
# Beside the states that are kept: which it is depends on the time.
_MISSED = "missed"
_MOST_PEOPLE = _MOST_APPS = 500
Step = Callable[[Actor, Change, HttpRequest], Any]


@needs(Action.VIEW)
def changes_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All changes one may see, the nearest deadline first; unless asked otherwise those unfinished or not done."""
    chosen = _chosen(request)
    found = _narrowed(actor, chosen)
    ordered = found.order_by(F("due_at").asc(nulls_last=True), F("window_start_at").asc(nulls_last=True), "pk")
    page = Paginator(ordered, _A_PAGE).get_page(request.GET.get("page"))
    shown = [
        {
            "change": each,
            "status": status,
            "tone": tone,
            "is_late": is_late(each, actor.now),
            "has_missed_window": has_missed_window(each, actor.now),
        }
        for each in page
        for status, tone in (state_of(each, actor.now),)
    ]
    platforms = visible_changes(actor).order_by("platform__name").values_list("platform__slug", "platform__name")
    context = {
        "page": page,
        "shown": shown,
        "statuses": [
            (UNFINISHED, UNFINISHED),
            *((each.value, words(each)) for each in ChangeStatus),
            (_MISSED, "window missed"),
        ],
        "platforms": list(platforms.distinct()),
        "kept": [(each.value, each.label) for each in Kept],
        "months": sorted({*last_months(actor.now.date()), *filter(is_month, [chosen["due_month"]])}, reverse=True),
        "chosen": chosen,
    }
    return render(request, "changes/list.html", context)


def _chosen(request: HttpRequest) -> dict[str, Any]:
    """What the address narrows the list to, by the names of the filter's fields."""
    chosen: dict[str, Any] = {
        name: request.GET.get(name, "") for name in ("status", "platform", "verified", "due_month")
    }
    if chosen["verified"] not in set(Kept):
        chosen["verified"] = ""
    # Those that were verified are finished.
    chosen["status"] = chosen["status"] or ("all" if chosen["verified"] else "")
    whose_it_is = whose("owner", "Whose", request.GET)
    return chosen | {"late": bool(request.GET.get("late")), "whose": whose_it_is, "owner": whose_it_is.value}


def _narrowed(actor: Actor, chosen: Mapping[str, Any]) -> QuerySet[Change]:
    found = visible_changes(actor)
    if chosen["status"] in set(ChangeStatus):
        found = found.filter(status=chosen["status"])
    elif chosen["status"] == UNFINISHED:
        found = found.exclude(status__in=FINISHED)
    elif chosen["status"] == _MISSED:
        found = found.filter(missed(actor.now))
    elif chosen["status"] != "all":
        found = found.filter(~Q(status__in=FINISHED) | not_done())
    if chosen["platform"]:
        found = found.filter(platform__slug=chosen["platform"])
    if chosen["owner"]:
        found = found.filter(owner=key_of(chosen["owner"], actor))
    if chosen["late"]:
        found = late_ones(found, actor.now)
    if chosen["verified"]:
        found = kept(found, Kept(chosen["verified"]), actor.now)
    return due_in(found, chosen["due_month"])


@needs(Action.VIEW)
def change_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One change: its six times, its gates (now, or as they stood), what may be done, what was done."""
    change = get_object_or_404(visible_changes(actor), pk=pk)
    looked = look_at_gates(change, now=actor.now)
    is_before = change.status in BEFORE
    when = moment_of(change, actor.now) if is_before else None
    about = Q(platform=change.platform) | Q(platform=None)
    status, tone = state_of(change, actor.now)
    answer = proposal_for(change, actor.now)
    context = {
        "change": change,
        "status": status,
        "tone": tone,
        "verified": verified_words(change),
        "gates": gates_shown(looked),
        "open_gates": gates_shown(each for each in looked if not each.is_met),
        "open_count": sum(not each.is_met for each in looked),
        "is_before": is_before,
        "is_not_done": is_not_done(change),
        "when": when,
        "allowed": allowed(actor, change, looked, when),
        "why_not_approve": why_not_approve(actor, change, looked),
        "history": history_of(change),
        "evidence": Evidence.objects.filter(about, superseded_by=None).order_by("-uploaded_at")[:_A_PAGE],
        "consultations": change.consultations.select_related("given_by").order_by("pk"),
        "may_advise": may(actor, Action.GIVE_OPINION, change.platform_id),
        "is_unjustified": change.is_emergency and change.justified_at is None,
        "is_late": is_late(change, actor.now),
        "has_missed_window": has_missed_window(change, actor.now),
        "answer": answer if answer is not None and may_see_plan(actor, answer) else None,
        "people": Person.objects.filter(is_active=True, vendor=None).order_by("name", "pk")[:_MOST_PEOPLE],
        "apps": known_apps(change.platform)[:_MOST_APPS] if _asks_apps(looked) else (),
        "is_finished": change.status in FINISHED,
    }
    return render(request, "changes/change.html", context)


def _asks_apps(looked: Iterable[LookedAt]) -> bool:
    return any(each.gate.kind == GateKind.APPS_NAMED for each in looked)


@require_POST
@needs(Action.WORK_CHANGE)
def state_gate(request: HttpRequest, actor: Actor, pk: int, kind: str) -> HttpResponse:
    """What was seen for one gate."""
    change = get_object_or_404(visible_changes(actor), pk=pk)
    if kind not in set(GateKind):
        raise Http404
    return submit_and_return(
        request, lambda: _state(request, actor, change, GateKind(kind)), "It is written down.", "change", pk
    )


def _state(request: HttpRequest, actor: Actor, change: Change, kind: GateKind) -> None:
    facts: dict[str, Any] = {name: moment_in(request, name) for name in TIMES.get(kind, ())}
    facts |= {name: word(request, name) for name in WORDS.get(kind, ())}
    if kind in RESULTS:
        facts["result"] = word(request, "result")
    if kind is GateKind.APPS_NAMED:
        facts["apps"] = [*request.POST.getlist("listed"), *word(request, "apps").replace(",", "\n").splitlines()]
    evidence = _evidence(request, change)
    changes.record_gate(actor, change, kind, note=word(request, "note"), facts=facts, evidence=evidence)


def _evidence(request: HttpRequest, change: Change) -> Evidence | None:
    """The piece that was chosen; raises UsageError where it is none of the list."""
    number = word(request, "evidence")
    about = Q(platform=change.platform_id) | Q(platform=None)
    evidence = Evidence.objects.filter(about, pk=int(number)).first() if is_key(number) else None
    if number and evidence is None:
        raise UsageError("evidence: choose a piece of the list")
    return evidence


@require_POST
@needs(Action.WORK_CHANGE)
def work_change(request: HttpRequest, actor: Actor, pk: int, step: str) -> HttpResponse:
    """A step of those who carry the change out."""
    return _take(request, actor, pk, _WORK.get(step))


@require_POST
@needs(Action.APPROVE_CHANGE)
def decide_change(request: HttpRequest, actor: Actor, pk: int, step: str) -> HttpResponse:
    """A step of those who approve."""
    return _take(request, actor, pk, _DECIDE.get(step))


@require_POST
@needs(Action.USE_EMERGENCY_PATH)
def emergency(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Pass over the open gates, with a reason."""
    return _take(
        request,
        actor,
        pk,
        (_emergency, "The open gates are passed over. Have it justified by an approver in time."),
    )


def _take(request: HttpRequest, actor: Actor, pk: int, step: tuple[Step, str] | None) -> HttpResponse:
    change = get_object_or_404(visible_changes(actor), pk=pk)
    if step is None:
        raise Http404
    do, done = step
    return submit_and_return(request, lambda: do(actor, change, request), done, "change", pk)


def _emergency(actor: Actor, change: Change, request: HttpRequest) -> None:
    approving.use_emergency_path(actor, change, why=word(request, "note"))


def _external(actor: Actor, change: Change, request: HttpRequest) -> None:
    approving.record_external_approval(actor, change, word(request, "number"), note=word(request, "note"))


def _name_owner(actor: Actor, change: Change, request: HttpRequest) -> None:
    owner = word(request, "owner")
    if owner and not is_key(owner):
        raise UsageError("owner: choose somebody of the list")
    changes.name_owner(actor, change, int(owner) if owner else None, why=word(request, "note"))


def _deploy(actor: Actor, change: Change, request: HttpRequest) -> None:
    at = moment_in(request, "at")
    moment = datetime.fromisoformat(at) if at else None
    changes.record_deployment(actor, change, note=word(request, "note"), at=moment)


def _verify(actor: Actor, change: Change, request: HttpRequest) -> None:
    proof = _evidence(request, change) or word(request, "case")
    changes.verify_change(actor, change, by=word(request, "by"), note=word(request, "note"), proof=proof)


_EXTERNAL: tuple[Step, str] = (_external, "The approval from elsewhere is written down.")
_WORK: Mapping[str, tuple[Step, str]] = {
    "request-approval": (
        lambda actor, change, request: approving.request_approval(actor, change, note=word(request, "note")),
        "Approval is asked for; somebody else gives it.",
    ),
    "approved-elsewhere": _EXTERNAL,
    "name-owner": (_name_owner, "Who carries it out is written down."),
    "tell-owners": (
        lambda actor, change, _request: tell_owners(actor, change),
        "The owners of the named apps are told.",
    ),
    "deploy": (_deploy, "Deployed. It is done once it is verified."),
    "verify": (_verify, "Verified."),
    "fail": (
        lambda actor, change, request: changes.record_failure(actor, change, why=word(request, "note")),
        "Written down as failed. Plan it again, or take it back.",
    ),
    "roll-back": (
        lambda actor, change, request: changes.record_rollback(actor, change, why=word(request, "note")),
        "Written down as rolled back. Plan it again, or cancel it.",
    ),
    "replan": (
        lambda actor, change, request: changes.replan_change(actor, change, why=word(request, "note")),
        "Planned again; its gates are open.",
    ),
    "cancel": (
        lambda actor, change, request: changes.cancel_change(actor, change, why=word(request, "note")),
        "Cancelled.",
    ),
}
_DECIDE: Mapping[str, tuple[Step, str]] = {
    "approve": (
        lambda actor, change, request: approving.approve_change(actor, change, note=word(request, "note")),
        "Approved.",
    ),
    "refuse": (
        lambda actor, change, request: approving.refuse_change(actor, change, why=word(request, "note")),
        "Refused.",
    ),
    "approved-elsewhere": _EXTERNAL,
    "justify": (
        lambda actor, change, request: approving.justify_emergency(actor, change, why=word(request, "note")),
        "The emergency is justified.",
    ),
}
