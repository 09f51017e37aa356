"""The record: who did what to what, and the signed checkpoints over it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.records.models import AuditEvent, Checkpoint, Platform
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.paging import Filters, Listed, listed
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Id, Instant, Slug, Told, Word

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


class EventFilters(Filters):
    """Which events."""

    platform: Slug | None = None
    subject_kind: Word | None = None
    subject_id: Word | None = None
    actor: Word | None = None
    action: Word | None = None


def visible_events(actor: Actor) -> QuerySet[AuditEvent]:
    """The events of platforms whose record the actor reads; those of no platform are for who reads everywhere."""
    allowed = platforms_for(actor, Action.READ_RECORD)
    if allowed is None:
        return AuditEvent.objects.all()
    return AuditEvent.objects.filter(platform__in=Platform.objects.filter(pk__in=allowed).values("slug"))


@record.reads("/record", Action.READ_RECORD, Listed[EventTold])
def list_events(request: ApiRequest, filters: Query[EventFilters]) -> Any:
    """Events, newest first."""
    chosen = filters.model_dump(exclude={"limit", "cursor"}, exclude_none=True)
    return listed(request, visible_events(request.auth).filter(**chosen), ("-number",), filters)


@record.reads("/record/{number}", Action.READ_RECORD, EventTold)
def show_event(request: ApiRequest, number: Id) -> Any:
    """One event."""
    return get_object_or_404(visible_events(request.auth), number=number)


@record.reads("/checkpoints", Action.READ_RECORD, Listed[CheckpointTold])
def list_checkpoints(request: ApiRequest, filters: Query[Filters]) -> Any:
    """Checkpoints, newest first; for those who read the record everywhere."""
    is_everywhere = platforms_for(request.auth, Action.READ_RECORD) is None
    rows = Checkpoint.objects.all() if is_everywhere else Checkpoint.objects.none()
    return listed(request, rows, ("-number",), filters)
