"""What is asked of a vendor: the answers and files of its contacts; all that a guest sees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.db import transaction
from django.db.models import F, QuerySet

from passmuster.application.access import Action, Actor, NotAllowed, platforms_for
from passmuster.application.acting import Event, acting
from passmuster.application.evidence.evidence import add_evidence, whole_file
from passmuster.application.messages.telling import tell
from passmuster.errors import NotReady, UsageError
from passmuster.model.evidence import EvidenceFacts
from passmuster.model.keeping import AskedStatus, ItemStatus, ReviewStatus
from passmuster.records.models import Evidence, ReviewItem, VendorRequest

_LONGEST = 10_000
MOST_FILES = 20
_WAITING = (AskedStatus.OPEN, AskedStatus.ANSWERED)
_OVER = (ReviewStatus.SEALED, ReviewStatus.CANCELLED)


def asked_of_vendor(actor: Actor) -> QuerySet[VendorRequest]:
    """What is asked of the actor's vendor, what waits first; none for anybody else."""
    if actor.vendor_id is None:
        return VendorRequest.objects.none()
    asked = VendorRequest.objects.filter(vendor_id=actor.vendor_id).exclude(status=AskedStatus.WITHDRAWN)
    allowed = platforms_for(actor, Action.ANSWER_VENDOR_REQUEST)
    if allowed is not None:
        asked = asked.filter(platform_id__in=allowed)
    return asked.select_related("platform").order_by(F("decided_at").asc(nulls_first=True), "due_on", "pk")


def files_of_vendor(actor: Actor) -> QuerySet[Evidence]:
    """What contacts of the actor's vendor handed in for its requests; none for anybody else."""
    own = asked_of_vendor(actor).order_by().values("pk")
    return Evidence.objects.filter(request__in=own).order_by("pk")


def answer_vendor_request(actor: Actor, request: VendorRequest, answer: str) -> None:
    """Answer in writing; whoever asked still decides whether it will do. Raises UsageError, NotAllowed."""
    text = answer.replace("\0", "").strip()
    if not text or len(text) > _LONGEST:
        raise UsageError(f"write an answer of at most {_LONGEST} characters")
    with _of_ones_own(actor, request, "answer_vendor_request") as (event, held):
        event.before, event.after = {"answer": held.answer}, {"answer": text, "files": _digests(held)}
        held.status, held.answer = AskedStatus.ANSWERED, text
        held.answered_by_id, held.answered_at = actor.person_id, actor.now
        held.save(update_fields=["status", "answer", "answered_by", "answered_at"])
        say_on_line(held, text, f"{held.vendor} answered")
        tell(
            held.asked_by,
            key=f"asked:{held.pk}:answered:{actor.now.isoformat()}",
            kind="evidence_answered",
            text=f"{held.vendor} answered: {held.title[:300]}. Accept the answer, or send it back with a reason.",
            link=f"/vendor-requests/{held.pk}/",
            now=actor.now,
        )


def hand_in_for_request(
    actor: Actor, request: VendorRequest, blocks: Iterable[bytes], *, name: str, facts: EvidenceFacts
) -> Evidence:
    """Keep a file of the vendor's as evidence; it is owned by whoever asked and belongs to what it was asked for.

    Of `facts` what it is, the days and the expiry count. Raises UsageError, UnreadableInput, NotAllowed.
    """
    with transaction.atomic():
        # Nobody accepts the answer, and no other file takes the last place, meanwhile.
        VendorRequest.objects.select_for_update().get(pk=request.pk)
        held = _own_waiting(actor, request)
        if held.files.count() >= MOST_FILES:
            raise UsageError(f"there are {MOST_FILES} files already; put more into one ZIP file, or ask whoever asked")
        told = replace(
            facts,
            request=held.pk,
            platform=held.platform_id,
            vendor=held.vendor_id,
            owner=held.asked_by_id,
            controls=(held.control,) if held.control else (),
            reviews=(held.item.review_id,) if held.item and held.item.review.status not in _OVER else (),
        )
        why = f"asked of {held.vendor}: {held.title[:300]}"
        return add_evidence(actor, blocks, name=name, facts=told, why=why)


def vendor_file(actor: Actor, number: int) -> tuple[Evidence, Path]:
    """A file the actor's vendor handed in, and where its bytes are; raises NotAllowed, UsageError, StoreFailed."""
    found = files_of_vendor(actor).filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise NotAllowed("there is no such file, or it is not yours")
    return found, whole_file(found)


def say_on_line(request: VendorRequest, answer: str, seen: str) -> None:
    """Show the vendor's words at the review's line it was asked for; answering the line stays the reviewers'."""
    if request.item_id is not None:
        lines = ReviewItem.objects.filter(pk=request.item_id, status=ItemStatus.OPEN)
        lines.exclude(review__status__in=_OVER).update(answer=answer, seen=seen)


def _own_waiting(actor: Actor, request: VendorRequest) -> VendorRequest:
    held = asked_of_vendor(actor).filter(pk=request.pk).select_related(None).first()
    if held is None:
        raise NotAllowed("this is not asked of you, or not any more")
    if held.status not in _WAITING or (held.item is not None and held.item.review.status in _OVER):
        raise NotReady("this was dealt with already; nothing more is needed from you")
    return held


@contextmanager
def _of_ones_own(actor: Actor, request: VendorRequest, verb: str) -> Iterator[tuple[Event, VendorRequest]]:
    """As `acting`, with the request read anew and locked, where it is still asked of the actor's vendor."""
    _own_waiting(actor, request)
    with acting(actor, Action.ANSWER_VENDOR_REQUEST, request, platform=request.platform, verb=verb) as event:
        event.subject_kind = "vendor_request"
        VendorRequest.objects.select_for_update().get(pk=request.pk)
        yield event, _own_waiting(actor, request)


def _digests(request: VendorRequest) -> list[str]:
    return list(request.files.order_by("pk").values_list("sha256", flat=True))
