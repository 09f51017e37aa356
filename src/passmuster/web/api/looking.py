"""Looks at platforms, and what was judged of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import AliasPath, Field

from passmuster.application.access import Action
from passmuster.application.looking.kept_notices import notices_of
from passmuster.application.storage.storing import drift_file
from passmuster.model.keeping import CollectionState
from passmuster.records.models import Collection, Evaluation
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.downloads import download
from passmuster.web.api.paging import Filters, Listed, listed, on_platforms
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Id, Instant, Slug, Told

looks = Topic("looks")
TOPICS = (looks,)


class CollectionTold(Told):
    """One look at a platform; `drift` counts by table what differs from the look before, and from the baseline."""

    id: Id
    platform: Annotated[str, Field(validation_alias=AliasPath("platform", "slug"))]
    state: CollectionState
    because: str
    started_at: Instant
    ended_at: Instant | None
    snapshot_id: str
    snapshot_sha256: str
    tables_read: int
    tables_total: int
    error: str
    drift: Any
    drift_from_baseline: Any


class NoticeTold(Told):
    """What somebody should hear of after a look, and who did it by the platform's own log; empty where not told."""

    kind: str
    table: str
    resource: str
    text: str
    by: str
    at: Instant | None
    entry: str
    others: list[str]
    unknown: str


class EvaluationTold(Told):
    """Controls against one look."""

    id: Id
    collection: Annotated[int, Field(validation_alias="collection_id")]
    platform: Annotated[str, Field(validation_alias=AliasPath("collection", "platform", "slug"))]
    as_of: Instant
    packs: list[Any]
    results_sha256: str
    summary: Any
    created_at: Instant


class CollectionFilters(Filters):
    """Which looks."""

    platform: Slug | None = None
    state: CollectionState | None = None


class EvaluationFilters(Filters):
    """Which evaluations."""

    platform: Slug | None = None
    collection: Id | None = None


@looks.reads("/collections", Action.VIEW, Listed[CollectionTold])
def list_collections(request: ApiRequest, filters: Query[CollectionFilters]) -> Any:
    """Looks, newest first."""
    rows = on_platforms(Collection.objects.select_related("platform"), request.auth, Action.VIEW)
    if filters.platform:
        rows = rows.filter(platform__slug=filters.platform)
    if filters.state:
        rows = rows.filter(state=filters.state)
    return listed(request, rows, ("-id",), filters)


class Against(StrEnum):
    """What a look is held against."""

    LAST = "last"
    BASELINE = "baseline"
    REVIEW = "review"


@looks.sends_file("/collections/{pk}/drift/{against}", Action.VIEW)
def download_drift(request: ApiRequest, pk: Id, against: Against) -> Any:
    """Every difference from the look before, the approved baseline or the review before: `passmuster/drift@1`."""
    look = get_object_or_404(on_platforms(Collection.objects.all(), request.auth, Action.VIEW), pk=pk)
    document = drift_file(look, against)
    if not document.is_file():
        raise Http404
    return download(document, f"look-{pk}-against-{against.value}.json")


@looks.reads("/collections/{pk}", Action.VIEW, CollectionTold)
def show_collection(request: ApiRequest, pk: Id) -> Any:
    """One look."""
    rows = on_platforms(Collection.objects.select_related("platform"), request.auth, Action.VIEW)
    return get_object_or_404(rows, pk=pk)


@looks.reads("/collections/{pk}/notices", Action.VIEW, list[NoticeTold])
def list_notices(request: ApiRequest, pk: Id) -> Any:
    """What changed since the look before that somebody should hear of, 500 at most."""
    rows = on_platforms(Collection.objects.select_related("platform"), request.auth, Action.VIEW)
    return list(notices_of(get_object_or_404(rows, pk=pk)))


@looks.reads("/evaluations", Action.VIEW, Listed[EvaluationTold])
def list_evaluations(request: ApiRequest, filters: Query[EvaluationFilters]) -> Any:
    """Evaluations, newest first."""
    rows = Evaluation.objects.select_related("collection__platform")
    rows = on_platforms(rows, request.auth, Action.VIEW, "collection__platform_id")
    if filters.platform:
        rows = rows.filter(collection__platform__slug=filters.platform)
    if filters.collection:
        rows = rows.filter(collection_id=filters.collection)
    return listed(request, rows, ("-id",), filters)


@looks.reads("/evaluations/{pk}", Action.VIEW, EvaluationTold)
def show_evaluation(request: ApiRequest, pk: Id) -> Any:
    """One evaluation."""
    rows = Evaluation.objects.select_related("collection__platform")
    return get_object_or_404(on_platforms(rows, request.auth, Action.VIEW, "collection__platform_id"), pk=pk)
