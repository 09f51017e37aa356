"""Who ever asked for an exception: now, in what it renews, or for the same thing before. None of them decides on it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce

from passmuster.application.access import Actor, NotAllowed, require_another
from passmuster.records.models import Deviation

_NO_PLATFORM = 0


def former_of(deviation: Deviation) -> Iterator[Deviation]:
    """The exceptions it renews, directly or not, newest first."""
    seen: set[int] = set()
    former = deviation.renews
    while former is not None and former.pk not in seen:
        seen.add(former.pk)
        yield former
        former = former.renews


def authors_of(deviation: Deviation) -> frozenset[int]:
    """Keys of all who ever asked for it, whether by a renewal or anew, and whatever became of that."""
    same = Deviation.objects.filter(
        platform=deviation.platform_id,
        control=deviation.control,
        resource_id=deviation.resource_id,
        rule=deviation.rule,
    )
    asked = {*same.values_list("requested_by_id", flat=True), *(each.requested_by_id for each in former_of(deviation))}
    return frozenset(asked | {deviation.requested_by_id})


def is_own(deviation: Deviation, person: int | None) -> bool:
    """Whether this person asked for it, now or before, or answers for it."""
    return person == deviation.owner_id or person in authors_of(deviation)


def require_no_author(actor: Actor, deviation: Deviation) -> None:
    """Raise NotAllowed for whoever asked for it, now or before, or owns it, and where nobody acts."""
    require_another(actor, author_id=deviation.requested_by_id, what="request")
    require_another(actor, author_id=deviation.owner_id, what="exception")
    if is_own(deviation, actor.person_id):
        raise NotAllowed("nobody decides on an exception that they asked for before; ask another approver")


def without_own(found: QuerySet[Deviation], person: int | None) -> QuerySet[Deviation]:
    """Those of the exceptions that this person may decide on, as far as that hangs on who asked and who owns."""
    asked_before = Deviation.objects.annotate(place=Coalesce("platform_id", Value(_NO_PLATFORM))).filter(
        place=Coalesce(OuterRef("platform_id"), Value(_NO_PLATFORM)),
        control=OuterRef("control"),
        resource_id=OuterRef("resource_id"),
        rule=OuterRef("rule"),
        requested_by=person,
    )
    return found.exclude(owner_id=person).exclude(Exists(asked_before))
