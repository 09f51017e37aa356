"""The record: who did what to what, and whether it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.asking import VERIFY, ask_for_verification
from passmuster.application.record.auditing import events_for
from passmuster.application.record.checkpoints import places_of
from passmuster.application.record.narrowing import Wanted, narrowed, words_of
from passmuster.records.models import AuditHead, Checkpoint, Platform
from passmuster.web.filters import chosen, one_of, search, values_of
from passmuster.web.lists import page_of
from passmuster.web.needs import needs
from passmuster.web.seeing_work import followed
from passmuster.web.subjects import with_subjects


@require_GET
@needs(Action.READ_RECORD)
def record(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everything that was done, newest first, and the signatures under it."""
    fields = chosen(
        (
            search("who", "Who"),
            one_of("action", "What was done", words_of("action")),
            one_of("kind", "To what", words_of("subject_kind")),
            search("id", "Its number, as in evidence 12"),
            one_of("platform", "Platform", _platforms(actor)),
            search("since", "Since (2026-01-31)"),
            search("until", "Until (2026-12-31)"),
        ),
        request.GET,
    )
    values = values_of(fields)
    last = Checkpoint.objects.order_by("-number").first()
    head = AuditHead.objects.filter(pk=1).first()
    count = head.number if head else 0
    found, order = narrowed(events_for(actor), _wanted(request, values))
    page = page_of(found, order, request.GET)
    context = {
        "page": page,
        "rows": with_subjects(actor, page.rows),
        "fields": fields,
        "is_filtered": bool(values),
        "last": last,
        "places": places_of(last) if last else [],
        "count": count,
        "unsigned": count - (last.number if last else 0),
        "may_verify": may(actor, Action.READ_RECORD),
        "may_export": may(actor, Action.EXPORT_RECORD),
        **(followed(actor, (VERIFY,)) if may(actor, Action.READ_RECORD) else {}),
    }
    return render(request, "record/list.html", context)


def _platforms(actor: Actor) -> list[str]:
    where = platforms_for(actor, Action.READ_RECORD)
    rows = Platform.objects.order_by("slug")
    return list((rows if where is None else rows.filter(pk__in=where)).values_list("slug", flat=True))


def _wanted(request: HttpRequest, values: Mapping[str, str]) -> Wanted:
    days: dict[str, date] = {}
    for name in ("since", "until"):
        try:
            days |= {name: date.fromisoformat(values[name])} if name in values else {}
        except ValueError:
            messages.error(request, f"{values[name]} is no date; write it as 2026-01-31")
    return Wanted(
        kind=values.get("kind", ""),
        number=values.get("id", ""),
        action=values.get("action", ""),
        who=values.get("who", ""),
        platform=values.get("platform", ""),
        since=days.get("since"),
        until=days.get("until"),
    )


@require_GET
@needs(Action.READ_RECORD)
def record_event(request: HttpRequest, actor: Actor, number: int) -> HttpResponse:
    """One event: before and after, and its place in the chain."""
    event = events_for(actor).filter(number=number).first() if number < 2**63 else None
    if event is None:
        raise Http404("no such event")
    before, after = event.before or {}, event.after or {}
    lines = [(name, _shown(before, name), _shown(after, name)) for name in sorted({*before, *after})]
    ((_, subject),) = with_subjects(actor, [event])
    context = {
        "event": event,
        "lines": lines,
        "subject": subject,
        "signed": Checkpoint.objects.filter(number__gte=number).order_by("number").first(),
    }
    return render(request, "record/event.html", context)


def _shown(values: dict[str, Any], name: str) -> list[str]:
    """A value as the chain has it; a list of things has a line each."""
    if name not in values:
        return []
    value = values[name]
    parts = value if isinstance(value, list) and any(isinstance(each, dict) for each in value) else [value]
    return [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in parts]


@require_POST
@needs(Action.READ_RECORD)
def record_verify(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Have everything recomputed now, and follow it on the page of the record."""
    ask_for_verification(actor)
    messages.success(request, "Asked for; follow it here.")
    return redirect("record")
