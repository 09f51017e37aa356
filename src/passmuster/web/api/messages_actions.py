"""Reading messages off, and how one wants to be told."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from passmuster.application.access import Action
from passmuster.application.messages.telling import change_choices, mark_read
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.reviews_actions import Count
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Id

messages = Topic("messages")
TOPICS = (messages,)


class ReadAsked(Asked):
    """Messages by id; null: all."""

    messages: Annotated[list[Id], Field(max_length=5_000)] | None = None


class ChoicesAsked(Asked):
    """What is told, how often and by which way; see the guide to messages."""

    choices: dict[str, Any]


@messages.does("/messages/read", Action.MANAGE_OWN_ACCOUNT, Count)
def read(request: ApiRequest, asked: ReadAsked) -> Any:
    """Mark messages of one's own as read."""
    return {"changed": mark_read(request.auth, asked.messages)}


@messages.does("/me/message-choices", Action.MANAGE_OWN_ACCOUNT, ChoicesAsked, method="PUT")
def put_choices(request: ApiRequest, asked: ChoicesAsked) -> Any:
    """Say what one wants to be told, how often and by which way."""
    change_choices(request.auth, asked.choices)
    return asked
