"""The record: who did what to what, and whether it holds."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from passmuster.application.access import Action, Actor, may
from passmuster.application.asking import VERIFY, ask_for_verification
from passmuster.application.record.auditing import events_for
from passmuster.records.models import AuditEvent, AuditHead, Checkpoint
from passmuster.web.filters import chosen, search, values_of
from passmuster.web.lists import page_of
from passmuster.web.needs import needs
from passmuster.web.places import page_of_record
from passmuster.web.seeing_work import followed

_EXACT = {"kind": "subject_kind", "id": "subject_id", "action": "action", "platform": "platform"}


@require_GET
@needs(Action.READ_RECORD)
def record(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everything that was done, newest first, and the signatures under it."""
    fields = chosen(
        (
            search("who", "Who"),
            search("action", "Action"),
            search("kind", "Kind of thing"),
            search("id", "Its number"),
            search("platform", "Platform"),
            search("since", "Since (2026-01-31)"),
            search("until", "Until (2026-12-31)"),
        ),
        request.GET,
    )
    values = values_of(fields)
    last = Checkpoint.objects.order_by("-number").first()
    head = AuditHead.objects.filter(pk=1).first()
    count = head.number if head else 0
    context = {
        "page": page_of(_narrowed(request, events_for(actor), values), ["-pk"], request.GET),
        "fields": fields,
        "is_filtered": bool(values),
        "last": last,
        "count": count,
        "unsigned": count - (last.number if last else 0),
        "may_verify": may(actor, Action.READ_RECORD),
        **(followed(actor, (VERIFY,)) if may(actor, Action.READ_RECORD) else {}),
    }
    return render(request, "record/list.html", context)


def _narrowed(request: HttpRequest, found: QuerySet[AuditEvent], values: dict[str, str]) -> QuerySet[AuditEvent]:
    for name, column in _EXACT.items():
        if name in values:
            found = found.filter(**{column: values[name].replace(" ", "_") if name == "action" else values[name]})
    if "who" in values:
        found = found.filter(actor__icontains=values["who"])
    for name, lookup in (("since", "at__date__gte"), ("until", "at__date__lte")):
        if name in values:
            try:
                found = found.filter(**{lookup: date.fromisoformat(values[name])})
            except ValueError:
                messages.error(request, f"{values[name]} is no date; write it as 2026-01-31")
    return found


@require_GET
@needs(Action.READ_RECORD)
def record_event(request: HttpRequest, actor: Actor, number: int) -> HttpResponse:
    """One event: before and after, and its place in the chain."""
    event = events_for(actor).filter(number=number).first() if number < 2**63 else None
    if event is None:
        raise Http404("no such event")
    before, after = event.before or {}, event.after or {}
    lines = [(name, _shown(before, name), _shown(after, name)) for name in sorted({*before, *after})]
    is_known = (
        event.subject_kind in ("review", "finding", "ticket", "deviation", "change", "evidence") and event.subject_id
    )
    context = {
        "event": event,
        "lines": lines,
        "link": page_of_record(event.subject_kind, event.subject_id) if is_known else "",
        "signed": Checkpoint.objects.filter(number__gte=number).order_by("number").first(),
    }
    return render(request, "record/event.html", context)


def _shown(values: dict[str, Any], name: str) -> str:
    if name not in values:
        return ""
    value = values[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@require_POST
@needs(Action.READ_RECORD)
def record_verify(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Have everything recomputed now, and follow it on the page of the record."""
    ask_for_verification(actor)
    messages.success(request, "Asked for; follow it here.")
    return redirect("record")
