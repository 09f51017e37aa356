"""How many findings there are: by control, by due day, and as the list of findings counts its filters."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Query
from pydantic import Field

from passmuster.application.access import Action
from passmuster.application.findings.finding_work import MOST_AT_ONCE
from passmuster.model.keeping import FindingStatus
from passmuster.model.words import Severity
from passmuster.records.models import FindingCount, FindingDueCount, Platform
from passmuster.web.api.auth import ApiRequest
from passmuster.web.api.paging import Filters, Listed, listed, refuse_unknown
from passmuster.web.api.programme import visible_platforms
from passmuster.web.api.topic import Topic
from passmuster.web.api.values import Day, Id, Slug, Told, Word
from passmuster.web.counting import counts_seen_by, due_counts_seen_by
from passmuster.web.finding_filters import ANY_STATUS, Narrowed, fields_of, how_many

counts = Topic("findings")
TOPICS = (counts,)
_COUNTED = ("platform", "severity", "status", "control")


class CountTold(Told):
    """How many findings there are of one platform, owner, control, severity and status."""

    platform: str
    owner: int | None
    control: str
    severity: Severity
    status: FindingStatus
    n: int


class DueCountTold(Told):
    """How many findings of one platform, owner, severity and status are due on one day."""

    platform: str
    owner: int | None
    due_on: Day
    severity: Severity
    status: FindingStatus
    n: int


class ChoiceTold(Told):
    """One value of a filter, and how many findings it leaves beside all else that is chosen; null: not counted."""

    value: str
    n: int | None


class SummaryTold(Told):
    """How many findings fit, and by each value of each filter; `total` null: more than are counted."""

    total: int | None
    platform: list[ChoiceTold]
    severity: list[ChoiceTold]
    status: list[ChoiceTold]
    control: list[ChoiceTold]


class CountFilters(Filters):
    """Which counts; `is_owned` false: of findings that are nobody's."""

    platform: Slug | None = None
    status: FindingStatus | None = None
    severity: Severity | None = None
    control: Word | None = None
    owner: Id | None = None
    is_owned: bool | None = None


class DueCountFilters(Filters):
    """Which counts; `late_on` leaves days before that one, `due_from` and `due_by` also that day."""

    platform: Slug | None = None
    status: FindingStatus | None = None
    severity: Severity | None = None
    owner: Id | None = None
    is_owned: bool | None = None
    late_on: Day | None = None
    due_from: Day | None = None
    due_by: Day | None = None


class SummaryFilters(Told):
    """What is chosen on the list of findings; without a status those that are open or in progress count."""

    platform: Slug | None = None
    severity: Severity | None = None
    status: FindingStatus | Literal["any"] | None = None
    control: Word | None = None
    owner: Literal["me", "none"] | None = None
    is_late: bool = False
    is_due_soon: Annotated[bool, Field(description="Due today or within two weeks.")] = False


@counts.reads("/finding-counts", Action.VIEW, Listed[CountTold])
def list_counts(request: ApiRequest, filters: Query[CountFilters]) -> Any:
    """How many findings there are, by platform, owner, control, severity and status; what is none is left out."""
    rows = counts_seen_by(request.auth).select_related("platform")
    rows = rows.filter(**_given({**_columns(filters), "control": filters.control}))
    page = listed(request, rows, ("id",), filters)
    return {**page, "items": [{**_told(each), "control": each.control} for each in page["items"]]}


@counts.reads("/finding-due-counts", Action.VIEW, Listed[DueCountTold])
def list_due_counts(request: ApiRequest, filters: Query[DueCountFilters]) -> Any:
    """How many findings that have a date there are, by day in place of control; what is none is left out."""
    days = {"due_on__lt": filters.late_on, "due_on__gte": filters.due_from, "due_on__lte": filters.due_by}
    rows = due_counts_seen_by(request.auth).select_related("platform").filter(**_given({**_columns(filters), **days}))
    page = listed(request, rows, ("id",), filters)
    return {**page, "items": [{**_told(each), "due_on": each.due_on} for each in page["items"]]}


@counts.reads("/finding-summary", Action.VIEW, SummaryTold)
def show_summary(request: ApiRequest, filters: Query[SummaryFilters]) -> Any:
    """How many findings fit what is chosen, and how many each other choice would leave."""
    refuse_unknown(request, SummaryFilters.model_fields)
    narrowed = _narrowed(request, filters)
    fields = {field.name: field.choices for field in fields_of(narrowed)}
    slugs = {str(key): slug for key, slug in Platform.objects.values_list("pk", "slug")}
    by_value = {
        name: [
            ChoiceTold(value=slugs[each.value] if name == "platform" else each.value, n=each.n)
            for each in fields[name]
            if each.value != ANY_STATUS and (name != "platform" or each.value in slugs)
        ]
        for name in _COUNTED
    }
    return {"total": how_many(narrowed, most=MOST_AT_ONCE), **by_value}


def _narrowed(request: ApiRequest, filters: SummaryFilters) -> Narrowed:
    platform = ""
    if filters.platform:
        # As in lists: one that is not there, or not for these eyes, leaves nothing.
        found = visible_platforms(request.auth).filter(slug=filters.platform).first()
        platform = str(found.pk) if found else "0"
    given = {
        "platform": platform,
        "severity": filters.severity,
        "status": filters.status,
        "control": filters.control,
        "owner": filters.owner,
        "late": "1" if filters.is_late else "",
        "due": "soon" if filters.is_due_soon else "",
    }
    return Narrowed(request.auth, {name: str(value) for name, value in given.items() if value})


def _columns(filters: CountFilters | DueCountFilters) -> dict[str, Any]:
    return {
        "platform__slug": filters.platform,
        "status": filters.status,
        "severity_rank": None if filters.severity is None else filters.severity.rank,
        "owner_id": filters.owner,
        "owner_id__isnull": None if filters.is_owned is None else not filters.is_owned,
    }


def _given(chosen: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in chosen.items() if value is not None}


def _told(count: FindingCount | FindingDueCount) -> dict[str, Any]:
    severity = next(word for word in Severity if word.rank == count.severity_rank)
    told = {"platform": count.platform.slug, "owner": count.owner_id, "severity": severity}
    return {**told, "status": count.status, "n": count.n}
