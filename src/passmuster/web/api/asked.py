"""What is asked of a vendor: all that its contacts see."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import File, Form, Query
from ninja.files import UploadedFile
from pydantic import AliasPath, Field

from passmuster.application.access import Action, NotAllowed
from passmuster.application.requests import vendor_requests as use
from passmuster.model.evidence import EvidenceFacts, EvidenceKind
from passmuster.model.keeping import AskedStatus
from passmuster.records.models import VendorRequest
from passmuster.web.api.auth import ApiRequest, sight
from passmuster.web.api.downloads import download
from passmuster.web.api.paging import Filters, Listed, listed
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Asked, Day, Id, Instant, Said, Told, Word

asked_of = Topic("asked of a vendor")
TOPICS = (asked_of,)


class RequestTold(Told):
    """A question to a vendor; `decision` says why an answer was sent back."""

    id: Id
    platform: Annotated[str | None, Field(validation_alias=AliasPath("platform", "name"))] = None
    title: str
    detail: str
    due_on: Day | None
    status: AskedStatus
    answer: str
    decision: str


class HandedInTold(Told):
    """A file the vendor handed in."""

    id: Id
    request: Annotated[int, Field(validation_alias="request_id")]
    title: str
    kind: EvidenceKind
    file_name: str
    media_type: str
    sha256: str
    size_bytes: int
    period_from: Day | None
    period_to: Day | None
    expires_on: Day | None
    uploaded_at: Instant


class AnswerAsked(Asked):
    """The vendor's answer."""

    answer: Said


class HandedInAsked(Asked):
    """What is said about a file."""

    title: Annotated[Word, Field(max_length=300)]
    kind: EvidenceKind
    period_from: Day | None = None
    period_to: Day | None = None
    expires_on: Day | None = None


@asked_of.reads("/asked", Action.ANSWER_VENDOR_REQUEST, Listed[RequestTold])
def list_asked(request: ApiRequest, filters: Query[Filters]) -> Any:
    """What is asked of one's own company."""
    return listed(request, use.asked_of_vendor(request.auth), ("id",), filters)


@asked_of.does("/asked/{pk}/answer", Action.ANSWER_VENDOR_REQUEST, RequestTold)
def answer(request: ApiRequest, pk: Id, given: AnswerAsked) -> Any:
    """Answer; whoever asked still decides whether it will do."""
    use.answer_vendor_request(request.auth, _asked(request, pk), given.answer)
    return _asked(request, pk)


@asked_of.reads("/asked/{pk}/files", Action.ANSWER_VENDOR_REQUEST, Listed[HandedInTold])
def list_handed_in(request: ApiRequest, pk: Id, filters: Query[Filters]) -> Any:
    """The files that were handed in for a request."""
    return listed(request, use.files_of_vendor(request.auth).filter(request=_asked(request, pk)), ("id",), filters)


@asked_of.does("/asked/{pk}/files", Action.ANSWER_VENDOR_REQUEST, HandedInTold, status=201)
def hand_in_for(request: ApiRequest, pk: Id, asked: Form[HandedInAsked], file: File[UploadedFile]) -> Any:
    """Hand a file in for a request (multipart/form-data); it becomes evidence of whoever asked."""
    facts = EvidenceFacts(**asked.model_dump())
    wanted = _asked(request, pk)
    return use.hand_in_for_request(request.auth, wanted, file.chunks(), name=file.name or "file", facts=facts)


@asked_of.sends_file("/asked-files/{pk}", Action.ANSWER_VENDOR_REQUEST)
def read_handed_in(request: ApiRequest, pk: Id) -> Any:
    """The bytes of a file of one's own company, always as a download."""
    try:
        found, path = use.vendor_file(request.auth, pk)
    except NotAllowed:
        raise Http404 from None
    return download(path, found.file_name)


def _asked(request: ApiRequest, pk: int) -> VendorRequest:
    return get_object_or_404(use.asked_of_vendor(sight(request)), pk=pk)
