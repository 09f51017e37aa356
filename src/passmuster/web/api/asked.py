"""What is asked of a vendor: all that its contacts see."""

from __future__ import annotations

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field

from passmuster.application.access import Action
from passmuster.application.vendor_requests import answer_vendor_request, asked_of_vendor
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.paging import Filters, Listed, listed
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Day, Id, Said, Told

asked_of = Topic("asked of a vendor")
TOPICS = (asked_of,)


class RequestTold(Told):
    """A question to a vendor."""

    id: Id
    platform: Annotated[str, Field(validation_alias=AliasPath("review", "platform", "name"))]
    title: str
    detail: str
    due_on: Day | None
    answer: str


class AnswerAsked(Asked):
    """The vendor's answer."""

    answer: Said


@asked_of.reads("/asked", Action.ANSWER_VENDOR_REQUEST, Listed[RequestTold])
def list_asked(request: ApiRequest, filters: Query[Filters]) -> Any:
    """What is asked of one's own company."""
    return listed(request, asked_of_vendor(request.auth), ("id",), filters)


@asked_of.does("/asked/{pk}/answer", Action.ANSWER_VENDOR_REQUEST, RequestTold)
def answer(request: ApiRequest, pk: Id, given: AnswerAsked) -> Any:
    """Answer; the reviewer still decides whether it will do."""
    item = get_object_or_404(asked_of_vendor(request.auth), pk=pk)
    answer_vendor_request(request.auth, item, given.answer)
    item.answer = given.answer.strip()
    return item
