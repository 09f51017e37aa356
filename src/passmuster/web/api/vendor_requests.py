"""Requests to vendors, for those who ask: what was asked, what came, whether it will do."""

from __future__ import annotations

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field

from passmuster.application.access import Action
from passmuster.application.requests import asking_vendors as use
from passmuster.model.keeping import AskedStatus
from passmuster.records.models import Vendor, VendorRequest
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.paging import Filters, Listed, listed
from passmuster.web.api.programme import platform_shown, visible_vendors
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Day, Id, Instant, Reason, Slug, Text, Told, Why, Word

requests = Topic("requests to vendors")
TOPICS = (requests,)


class VendorRequestTold(Told):
    """A request to a vendor, its answer, and what was decided; its files are evidence of that `vendor_request`."""

    id: Id
    vendor: Annotated[str, Field(validation_alias=AliasPath("vendor", "name"))]
    platform: Annotated[str | None, Field(validation_alias=AliasPath("platform", "slug"))] = None
    item: Annotated[int | None, Field(validation_alias="item_id")] = None
    control: str
    advisory: str
    title: str
    detail: str
    due_on: Day | None
    status: AskedStatus
    asked_by: Annotated[str, Field(validation_alias=AliasPath("asked_by", "email"))]
    asked_at: Instant
    answer: str
    answered_by: Annotated[str | None, Field(validation_alias=AliasPath("answered_by", "email"))] = None
    answered_at: Instant | None
    decision: str
    decided_by: Annotated[str | None, Field(validation_alias=AliasPath("decided_by", "email"))] = None
    decided_at: Instant | None


class QuestionAsked(Asked):
    """What is asked of a vendor; it reads the title, the detail, the platform's name and the day."""

    vendor: Id
    title: Annotated[Word, Field(max_length=300)]
    detail: Text = ""
    due_on: Day | None = None
    platform: Slug | None = None
    control: Annotated[Word, Field(max_length=100)] = ""
    advisory: Annotated[Word, Field(max_length=100)] = ""
    why: Text = ""


class VendorRequestFilters(Filters):
    """Which requests."""

    platform: Slug | None = None
    vendor: Id | None = None
    status: AskedStatus | None = None


@requests.reads("/vendor-requests", Action.VIEW, Listed[VendorRequestTold])
def list_vendor_requests(request: ApiRequest, filters: Query[VendorRequestFilters]) -> Any:
    """Requests to vendors, newest first."""
    chosen = {"platform__slug": filters.platform, "vendor": filters.vendor, "status": filters.status}
    rows = use.requests_for(request.auth).filter(**{name: value for name, value in chosen.items() if value})
    return listed(request, rows, ("-id",), filters)


@requests.reads("/vendor-requests/{pk}", Action.VIEW, VendorRequestTold)
def show_vendor_request(request: ApiRequest, pk: Id) -> Any:
    """One request."""
    return get_object_or_404(use.requests_for(request.auth), pk=pk)


@requests.does("/vendor-requests", Action.ASK_VENDOR, VendorRequestTold, status=201)
def make_vendor_request(request: ApiRequest, asked: QuestionAsked) -> Any:
    """Ask a vendor; its contacts are told."""
    platform = platform_shown(sight(request), asked.platform) if asked.platform else None
    vendor: Vendor = get_object_or_404(visible_vendors(sight(request)), pk=asked.vendor)
    told = asked.model_dump(exclude={"vendor", "platform", "why"})
    return use.ask_vendor(request.auth, use.Question(**told, vendor=vendor, platform=platform), why=asked.why)


@requests.does("/vendor-requests/{pk}/accept", Action.ASK_VENDOR, VendorRequestTold)
def accept(request: ApiRequest, pk: Id, asked: Why) -> Any:
    """The answer will do."""
    use.accept_answer(request.auth, _request(request, pk), note=asked.why)
    return _request(request, pk)


@requests.does("/vendor-requests/{pk}/send-back", Action.ASK_VENDOR, VendorRequestTold)
def send_answer_back(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """The answer will not do; the vendor reads why."""
    use.send_back(request.auth, _request(request, pk), why=asked.why)
    return _request(request, pk)


@requests.does("/vendor-requests/{pk}/withdraw", Action.ASK_VENDOR, VendorRequestTold)
def withdraw_vendor_request(request: ApiRequest, pk: Id, asked: Reason) -> Any:
    """Take the request back."""
    use.withdraw_request(request.auth, _request(request, pk), why=asked.why)
    return _request(request, pk)


def _request(request: ApiRequest, pk: int) -> VendorRequest:
    return get_object_or_404(use.requests_for(sight(request)), pk=pk)
