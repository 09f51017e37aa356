"""What is asked of a vendor, and the answers of its contacts: all that a guest sees."""

from __future__ import annotations

from django.db.models import QuerySet

from passmuster.application.access import Action, Actor, NotAllowed, platforms_for
from passmuster.application.acting import acting
from passmuster.errors import UsageError
from passmuster.model.keeping import ItemStatus, ReviewStatus
from passmuster.records.models import ReviewItem

_LONGEST = 10_000


def asked_of_vendor(actor: Actor) -> QuerySet[ReviewItem]:
    """The open lines of reviews that are assigned to a contact of the actor's vendor; none for anybody else."""
    if actor.vendor_id is None:
        return ReviewItem.objects.none()
    items = ReviewItem.objects.filter(
        assignee__vendor_id=actor.vendor_id, review__status__in=[ReviewStatus.OPENING, ReviewStatus.OPEN]
    )
    allowed = platforms_for(actor, Action.ANSWER_VENDOR_REQUEST)
    if allowed is not None:
        items = items.filter(review__platform_id__in=allowed)
    return items.select_related("review__platform").order_by("due_on", "pk")


def answer_vendor_request(actor: Actor, item: ReviewItem, answer: str) -> None:
    """Answer what is asked; the reviewer still decides whether it will do. Raises UsageError, NotAllowed."""
    text = answer.strip()
    if not text or len(text) > _LONGEST:
        raise UsageError(f"write an answer of at most {_LONGEST} characters")
    if not asked_of_vendor(actor).filter(pk=item.pk).exists():
        raise NotAllowed("this is not asked of you, or not any more")
    platform = item.review.platform
    with acting(actor, Action.ANSWER_VENDOR_REQUEST, item, platform=platform, verb="answer_vendor_request") as event:
        event.subject_kind = "review_item"
        held = ReviewItem.objects.select_for_update().get(pk=item.pk)
        if held.status != ItemStatus.OPEN:
            raise UsageError("this was dealt with already")
        event.before, event.after = {"answer": held.answer}, {"answer": text}
        held.answer = text
        held.seen = f"answered by {actor.name}"
        held.save(update_fields=["answer", "seen"])
