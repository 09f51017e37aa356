"""Lists page by cursor: opaque, by key, at most 200 rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja.errors import ValidationError
from pydantic import BaseModel, ConfigDict, Field

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.web.api.auth import ApiRequest
from passmuster.web.lists import page_of

MOST = 200
T = TypeVar("T")
M = TypeVar("M", bound=Model)


class Filters(BaseModel):
    """What every list takes: how many rows, and the cursor that the page before gave as `next`."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = 50
    cursor: Annotated[str, Field(max_length=1000)] = ""


class Listed(BaseModel, Generic[T]):
    """A page of a list; `next` is the cursor of the page after it, null on the last one."""

    model_config = ConfigDict(from_attributes=True)
    items: list[T]
    next: str | None = None


def listed(
    request: ApiRequest,
    rows: QuerySet[M] | Sequence[QuerySet[M]],
    order: Sequence[str],
    filters: Filters,
    *,
    beside: Sequence[str] = (),
) -> dict[str, Any]:
    """The page asked for; raises ValidationError where the request names a filter this list does not have.

    Several `rows` have nothing in common and are shown as one list; for that and `beside` see `page_of`.
    """
    refuse_unknown(request, type(filters).model_fields)
    given = {"after": filters.cursor} if filters.cursor else {}
    page = page_of(rows, order, given, size=filters.limit, beside=beside)
    return {"items": page.rows, "next": page.after or None}


def refuse_unknown(request: ApiRequest, known: Iterable[str]) -> None:
    """Raise ValidationError for a filter nobody knows: it would be taken for one that was obeyed."""
    if unknown := sorted(set(request.GET) - set(known)):
        told = f"there is no such filter; known are {', '.join(sorted(known))}"
        raise ValidationError([{"loc": ("query", name), "msg": told} for name in unknown])


def on_platforms(rows: QuerySet[M], actor: Actor, action: Action, column: str = "platform_id") -> QuerySet[M]:
    """Those rows of platforms on which the actor may do it."""
    allowed = platforms_for(actor, action)
    return rows if allowed is None else rows.filter(**{f"{column}__in": allowed})
