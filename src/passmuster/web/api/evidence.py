"""Evidence: what a file is, what it covers and for how long."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field

from passmuster.application.access import Action
from passmuster.application.evidence.evidence import evidence_for
from passmuster.application.evidence.same_bytes import same_bytes
from passmuster.records.models import Evidence
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.paging import Filters, Listed, listed
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Day, Id, Instant, Slug, Told, Word
from passmuster.web.views.evidence import narrowed

evidence = Topic("evidence")
TOPICS = (evidence,)


class EvidenceTold(Told):
    """One piece of evidence; superseded by another, never overwritten."""

    id: Id
    title: str
    kind: str
    file_name: str
    media_type: str
    sha256: str
    size_bytes: int
    platform: Annotated[str | None, Field(validation_alias=AliasPath("platform", "slug"))] = None
    vendor: Annotated[str | None, Field(validation_alias=AliasPath("vendor", "name"))] = None
    period_from: Day | None
    period_to: Day | None
    expires_on: Day | None
    owner: Annotated[str | None, Field(validation_alias=AliasPath("owner", "email"))] = None
    controls: list[Any]
    vendor_request: Annotated[int | None, Field(validation_alias="request_id")] = None
    uploaded_by: Annotated[str, Field(validation_alias=AliasPath("uploaded_by", "email"))]
    uploaded_at: Instant
    superseded_by: Annotated[int | None, Field(validation_alias="superseded_by_id")]


class EvidenceInFull(EvidenceTold):
    """A piece of evidence, the reviews it belongs to, and the one in whose place it came.

    `same_bytes` are earlier pieces whose file is the same byte for byte.
    """

    reviews: list[int]
    supersedes: int | None
    same_bytes: list[int]


class EvidenceFilters(Filters):
    """Which evidence; `expires_by` leaves what expires on that day or before, `find` what has it in title or file name.

    `find` also finds what is linked to a control of that name; what is in force is neither expired nor superseded.
    """

    platform: Slug | None = None
    kind: Word | None = None
    review: Id | None = None
    vendor_request: Id | None = None
    expires_by: Day | None = None
    is_superseded: bool | None = None
    find: Word | None = None
    state: Literal["in_force", "expired", "superseded"] | None = None


@evidence.reads("/evidence", Action.READ_EVIDENCE, Listed[EvidenceTold])
def list_evidence(request: ApiRequest, filters: Query[EvidenceFilters]) -> Any:
    """Evidence, newest first."""
    chosen = {
        "platform__slug": filters.platform,
        "kind": filters.kind,
        "reviews": filters.review,
        "request": filters.vendor_request,
        "expires_on__lte": filters.expires_by,
        "superseded_by__isnull": None if filters.is_superseded is None else not filters.is_superseded,
    }
    rows = evidence_for(request.auth).filter(**{name: value for name, value in chosen.items() if value is not None})
    rows = narrowed(rows, {"q": filters.find or "", "state": filters.state or ""}, request.auth)
    return listed(request, rows, ("-id",), filters)


@evidence.reads("/evidence/{pk}", Action.READ_EVIDENCE, EvidenceInFull)
def show_evidence(request: ApiRequest, pk: Id) -> Any:
    """What is known of one piece of evidence."""
    return evidence_in_full(request, get_object_or_404(evidence_for(request.auth), pk=pk))


def evidence_in_full(request: ApiRequest, piece: Evidence) -> EvidenceInFull:
    """All that is known of the piece."""
    told = EvidenceTold.model_validate(piece).model_dump()
    former = Evidence.objects.filter(superseded_by=piece).values_list("pk", flat=True).first()
    reviews = sorted(piece.reviews.values_list("pk", flat=True))
    return EvidenceInFull.model_construct(
        **told, reviews=reviews, supersedes=former, same_bytes=same_bytes(request.auth, piece)
    )
