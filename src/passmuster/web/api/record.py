"""The record: who did what to what, and the signed checkpoints over it."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query

from passmuster.application.access import Action, platforms_for
from passmuster.application.record.auditing import events_for
from passmuster.application.record.checkpoints import places_of
from passmuster.application.record.narrowing import Wanted, narrowed
from passmuster.records.models import AuditHead, Checkpoint
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.paging import Filters, Listed, listed
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Day, Id, Instant, Slug, Told, Word

record = Topic("record")
TOPICS = (record,)


class EventTold(Told):
    """One event of the chain, in the fields its digest covers."""

    number: Id
    at: Instant
    actor: str
    by: str
    action: str
    subject_kind: str
    subject_id: str
    platform: str
    before: Any
    after: Any
    why: str
    previous_digest: str
    digest: str


class CheckpointTold(Told):
    """A signed statement of how long the chain was and what it ended with."""

    number: Id
    root: str
    head_digest: str
    envelope: Any
    created_at: Instant


class HeadTold(Told):
    """How long the chain is, how much of it the newest checkpoint signs, when, and where the record says that went."""

    events: int
    signed: int
    signed_at: Instant | None
    sent_to: list[str]


class EventFilters(Filters):
    """Which events; `since` and `until` are days, UTC, both counted in; `who` is a part of the actor's name."""

    platform: Slug | None = None
    subject_kind: Word | None = None
    subject_id: Word | None = None
    actor: Word | None = None
    who: Word | None = None
    action: Word | None = None
    since: Day | None = None
    until: Day | None = None


@record.reads("/record", Action.READ_RECORD, Listed[EventTold])
def list_events(request: ApiRequest, filters: Query[EventFilters]) -> Any:
    """Events, newest first."""
    wanted = Wanted(
        kind=filters.subject_kind or "",
        number=filters.subject_id or "",
        action=filters.action or "",
        who=filters.who or "",
        platform=filters.platform or "",
        since=filters.since,
        until=filters.until,
    )
    rows, order = narrowed(events_for(request.auth), wanted)
    rows = rows.filter(actor=filters.actor) if filters.actor else rows
    return listed(request, rows, order, filters)


@record.reads("/record/head", Action.READ_RECORD, HeadTold)
def show_head(request: ApiRequest) -> Any:
    """How long the record is, and how much of it is signed."""
    head = AuditHead.objects.filter(pk=1).first()
    last = Checkpoint.objects.order_by("-number").first()
    return {
        "events": head.number if head else 0,
        "signed": last.number if last else 0,
        "signed_at": last.created_at if last else None,
        "sent_to": places_of(last) if last else [],
    }


@record.reads("/record/{number}", Action.READ_RECORD, EventTold)
def show_event(request: ApiRequest, number: Id) -> Any:
    """One event."""
    return get_object_or_404(events_for(request.auth), number=number)


@record.reads("/checkpoints", Action.READ_RECORD, Listed[CheckpointTold])
def list_checkpoints(request: ApiRequest, filters: Query[Filters]) -> Any:
    """Checkpoints, newest first; for those who read the record everywhere."""
    is_everywhere = platforms_for(request.auth, Action.READ_RECORD) is None
    rows = Checkpoint.objects.all() if is_everywhere else Checkpoint.objects.none()
    return listed(request, rows, ("-number",), filters)
