"""Reviews, their checklists and signatures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field

from passmuster.application.access import Action, Actor
from passmuster.application.evidence.fitting import Fit, Holds
from passmuster.application.reviews.accepting import handed_in
from passmuster.application.reviews.review_work import missing_signatures
from passmuster.model.keeping import DutyRole, ItemKind, ItemStatus, ReviewStatus
from passmuster.records.models import Review, ReviewItem
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.paging import Filters, Listed, listed, on_platforms
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Day, Id, Instant, Slug, Told, Word
from passmuster.web.whose import waits_for

reviews = Topic("reviews")
TOPICS = (reviews,)


class ReviewTold(Told):
    """A review of a platform; `changes` since the one before, `shortfall` of the look it rests on."""

    id: Id
    platform: Annotated[str, Field(validation_alias=AliasPath("platform", "slug"))]
    occurrence: str
    because: str
    status: ReviewStatus
    due_on: Day
    opened_at: Instant
    scope: Any
    collection: Annotated[int | None, Field(validation_alias="collection_id")]
    evaluation: Annotated[int | None, Field(validation_alias="evaluation_id")]
    previous: Annotated[int | None, Field(validation_alias="previous_id")]
    signed_at: Instant | None
    sealed_at: Instant | None
    changes: Any
    shortfall: str


class SignatureTold(Told):
    """A signature, by the right the person had when signing."""

    person: Annotated[str, Field(validation_alias=AliasPath("person", "email"))]
    role: DutyRole
    statement: str
    at: Instant


class ReviewInFull(Told):
    """A review with its signatures and those missing, what its seal covers, and how many lines have which status."""

    review: ReviewTold
    signatures: list[SignatureTold]
    missing: list[DutyRole]
    seal: Any
    lines: dict[str, int]


class HandedIn(Told):
    """Evidence about a line that waits: `waits` to be accepted, or falls short of what is asked, and why."""

    evidence: Annotated[int, Field(validation_alias=AliasPath("piece", "number"))]
    title: Annotated[str, Field(validation_alias=AliasPath("piece", "title"))]
    holds: Holds
    why: str


class ItemTold(Told):
    """A line of a checklist; `last_answer` is of the review before, for reference.

    `is_with_guest`: its assignee is a vendor's contact, who does not see it; ask the vendor instead.
    """

    id: Id
    kind: ItemKind
    key: str
    title: str
    detail: str
    severity: str
    outcome: str
    status: ItemStatus
    assignee: Annotated[str | None, Field(validation_alias=AliasPath("assignee", "email"))] = None
    due_on: Day | None
    answer: str
    seen: str
    last_answer: str
    done_by: Annotated[str | None, Field(validation_alias=AliasPath("done_by", "email"))] = None
    done_at: Instant | None
    is_with_guest: bool
    handed_in: list[HandedIn] = Field(default_factory=list)


class ReviewFilters(Filters):
    """Which reviews; `waits_for` leaves those in which a line waits for that person, `waits_for_nobody` for nobody."""

    platform: Slug | None = None
    status: ReviewStatus | None = None
    waits_for: Id | None = None
    waits_for_nobody: bool | None = None


class ItemFilters(Filters):
    """Which lines."""

    kind: ItemKind | None = None
    status: ItemStatus | None = None
    severity: Word | None = None
    outcome: Word | None = None
    assignee: Id | None = None
    is_assigned: bool | None = None


def visible_reviews(actor: Actor) -> QuerySet[Review]:
    """The reviews of the platforms the actor sees."""
    return on_platforms(Review.objects.select_related("platform"), actor, Action.VIEW)


@reviews.reads("/reviews", Action.VIEW, Listed[ReviewTold])
def list_reviews(request: ApiRequest, filters: Query[ReviewFilters]) -> Any:
    """Reviews, those due last first."""
    rows = visible_reviews(request.auth)
    if filters.platform:
        rows = rows.filter(platform__slug=filters.platform)
    if filters.status:
        rows = rows.filter(status=filters.status)
    if filters.waits_for is not None:
        rows = rows.filter(waits_for(filters.waits_for))
    if filters.waits_for_nobody is not None:
        nobodys = waits_for(None)
        rows = rows.filter(nobodys if filters.waits_for_nobody else ~nobodys)
    return listed(request, rows, ("-due_on", "-id"), filters)


@reviews.reads("/reviews/{pk}", Action.VIEW, ReviewInFull)
def show_review(request: ApiRequest, pk: Id) -> Any:
    """One review."""
    review = get_object_or_404(visible_reviews(request.auth), pk=pk)
    counted = dict.fromkeys(ItemStatus, 0)
    for status in review.items.values_list("status", flat=True):
        counted[ItemStatus(status)] += 1
    signatures = list(review.sign_offs.select_related("person").order_by("at", "pk"))
    missing = missing_signatures(review) if review.status == ReviewStatus.OPEN else []
    return {"review": review, "signatures": signatures, "missing": missing, "seal": review.seal, "lines": counted}


@reviews.reads("/reviews/{pk}/items", Action.VIEW, Listed[ItemTold])
def list_items(request: ApiRequest, pk: Id, filters: Query[ItemFilters]) -> Any:
    """The checklist of a review."""
    review = get_object_or_404(visible_reviews(request.auth), pk=pk)
    chosen = filters.model_dump(exclude={"limit", "cursor", "is_assigned"}, exclude_none=True)
    rows = review.items.select_related("assignee", "done_by").filter(**chosen)
    if filters.is_assigned is not None:
        rows = rows.filter(assignee__isnull=not filters.is_assigned)
    page = listed(request, rows, ("id",), filters)
    found = handed_in(request.auth, review, page["items"])
    told = [_told(item, found.get(item.pk, ())) for item in page["items"]]
    return {"items": told, "next": page["next"]}


def _told(item: ReviewItem, fits: Sequence[Fit]) -> ItemTold:
    return ItemTold.model_validate(item).model_copy(update={"handed_in": [HandedIn.model_validate(x) for x in fits]})
