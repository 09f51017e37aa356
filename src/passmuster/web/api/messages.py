"""One's own messages, and work in the background."""

from __future__ import annotations

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, BeforeValidator, Field

from passmuster.application.access import Action
from passmuster.application.messages.message_choices import HowOften, Way
from passmuster.application.messages.telling import choices_of
from passmuster.application.working.workers_seen import workers_seen
from passmuster.model.keeping import WorkState
from passmuster.records.models import Message, Person
from passmuster.web.api.auth import ApiRequest, own_key
from passmuster.web.api.paging import Filters, Listed, listed
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Id, Instant, Told
from passmuster.web.seeing_work import visible_work

messages, work = Topic("messages"), Topic("work")
TOPICS = (messages, work)


def _address(key: Any) -> str:
    return f"/api/v1/work/{key}"


class MessageTold(Told):
    """What somebody is asked to do, and the page where."""

    id: Id
    kind: str
    text: str
    link: str
    due_at: Instant | None
    created_at: Instant
    sent_at: Instant | None
    read_at: Instant | None
    channel: str


class WorkTold(Told):
    """One piece of work in the background, how far it is, and once it is done what came of it.

    `address` is where to ask again; `result` names the `collection`, `review` or `plan`, or says whether the record
    `holds`.
    """

    id: Id
    kind: str
    title: str
    platform: Annotated[str | None, Field(validation_alias=AliasPath("platform", "slug"))] = None
    state: WorkState
    progress: str
    attempts: int
    error: str
    created_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    result: dict[str, Any]
    address: Annotated[str, Field(validation_alias="pk"), BeforeValidator(_address)]


class WorkersTold(Told):
    """Whether any worker runs, and when one was last seen; without one nothing that was asked for is done."""

    is_running: bool
    last_seen_at: Instant | None


class MessageChoices(Told):
    """By which ways, how often a topic, when digests go out, and the most single messages a day."""

    ways: list[Way]
    topics: dict[str, HowOften]
    digest_hour: int
    digest_weekday: int
    most_a_day: int
    chat: str
    webhook: str


class MessageFilters(Filters):
    """Which messages."""

    is_read: bool | None = None


class WorkFilters(Filters):
    """Which work."""

    state: WorkState | None = None


@messages.reads("/messages", Action.MANAGE_OWN_ACCOUNT, Listed[MessageTold])
def list_messages(request: ApiRequest, filters: Query[MessageFilters]) -> Any:
    """One's own messages, newest first."""
    rows = Message.objects.filter(person_id=own_key(request.auth))
    if filters.is_read is not None:
        rows = rows.filter(read_at__isnull=not filters.is_read)
    return listed(request, rows, ("-created_at", "-id"), filters)


@messages.reads("/messages/{pk}", Action.MANAGE_OWN_ACCOUNT, MessageTold)
def show_message(request: ApiRequest, pk: Id) -> Any:
    """One message of one's own."""
    return get_object_or_404(Message, pk=pk, person_id=own_key(request.auth))


@messages.reads("/me/message-choices", Action.MANAGE_OWN_ACCOUNT, MessageChoices)
def show_choices(request: ApiRequest) -> Any:
    """How one wants to be told, as one chose it; the usual ways where one chose nothing."""
    choices = choices_of(get_object_or_404(Person, pk=own_key(request.auth)))
    return {**vars(choices), "ways": sorted(choices.ways), "topics": dict(choices.topics)}


@work.reads("/work", Action.VIEW, Listed[WorkTold])
def list_work(request: ApiRequest, filters: Query[WorkFilters]) -> Any:
    """Work in the background, newest first."""
    rows = visible_work(request.auth)
    if filters.state:
        rows = rows.filter(state=filters.state)
    return listed(request, rows, ("-id",), filters)


@work.reads("/work/{pk}", Action.VIEW, WorkTold)
def show_work(request: ApiRequest, pk: Id) -> Any:
    """One piece of work; ask again until its state is `done` or `failed`."""
    return get_object_or_404(visible_work(request.auth), pk=pk)


@work.reads("/workers", Action.VIEW, WorkersTold)
def show_workers(request: ApiRequest) -> Any:
    """Whether anybody does what is asked for."""
    return workers_seen()
