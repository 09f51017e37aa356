"""Evidence that waits at a line of a review: what is there, and accepting it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from passmuster.application.access import Action, Actor, NotAllowed, may
from passmuster.application.acting import acting
from passmuster.application.evidence.answering_lines import fits_by_line
from passmuster.application.evidence.evidence import evidence_for
from passmuster.application.evidence.fitting import Fit, Holds
from passmuster.application.requests.asking_vendors import accept_answer
from passmuster.application.reviews.review_work import answer_items
from passmuster.errors import NotReady, UsageError
from passmuster.model.keeping import AskedStatus, ItemStatus
from passmuster.records.models import Evidence, Review, ReviewItem, VendorRequest

ACCEPTED = "accept_evidence"


def handed_in(actor: Actor, review: Review, items: Iterable[ReviewItem]) -> Mapping[int, tuple[Fit, ...]]:
    """What the evidence the actor may read does for those lines of an open review that wait, by the line's key."""
    return fits_by_line(review, items, evidence_for(actor), today=actor.now.date())


def accept_evidence(
    actor: Actor, review: Review, line: int, evidence: int, *, answer: str = "", says: str = ""
) -> ReviewItem:
    """Settle a line by a piece of evidence that waits there; returns the line.

    The piece then belongs to the review; where a vendor handed it in for this line and has answered, that answer is
    accepted too. `says` as in `answer_items`. Raises UsageError where the piece falls short or answers another line,
    NotAllowed.
    """
    with transaction.atomic():
        # The request and the piece before the review, as whoever accepts or links them on their own pages locks them.
        request = VendorRequest.objects.select_for_update(of=("self",)).filter(files=evidence, item=line).first()
        Evidence.objects.select_for_update(of=("self",)).filter(pk=evidence).first()
        Review.objects.select_for_update(of=("self",)).get(pk=review.pk)
        piece, item = _visible(actor, evidence), _line(review, line)
        words = answer.strip() or f"accepted: {piece.title}"
        if item.status != ItemStatus.OPEN and (item.answer, item.done_by_id) != (words, actor.person_id):
            raise NotReady("this line is answered already; open it again first")
        fit = _waiting(actor, review, item, piece.pk) if item.status == ItemStatus.OPEN else None
        answer_items(actor, review, [item.pk], answer=words, seen=fit.piece.told if fit else item.seen, says=says)
        _link(actor, piece, review)
        if request is not None and request.status == AskedStatus.ANSWERED and _may_accept(actor, request):
            accept_answer(actor, request, note=answer)
    return _line(review, line)


def _link(actor: Actor, piece: Evidence, review: Review) -> None:
    """The piece belongs to the review, and an event of its own says so."""
    with acting(actor, Action.WORK_REVIEW, piece, platform=review.platform, verb=ACCEPTED) as event:
        event.is_silent = piece.reviews.filter(pk=review.pk).exists()
        event.after = {"links": {str(piece.pk): [review.pk]}}
        piece.reviews.add(review)


def _visible(actor: Actor, number: int) -> Evidence:
    found = evidence_for(actor).filter(pk=number).first()
    if found is None:
        raise NotAllowed("there is no such evidence, or it is not for you")
    return found


def _line(review: Review, number: int) -> ReviewItem:
    found = review.items.filter(pk=number).first()
    if found is None:
        raise UsageError("this line is not of this review; load it again")
    return found


def _waiting(actor: Actor, review: Review, item: ReviewItem, number: int) -> Fit:
    fits = handed_in(actor, review, [item]).get(item.pk, ())
    fit = next((each for each in fits if each.piece.number == number), None)
    if fit is None:
        raise UsageError("this evidence is about something else, or a newer one took its place")
    if fit.holds is Holds.FALLS_SHORT:
        raise UsageError(f"{fit.piece.title} {fit.why}; where it is enough all the same, answer the line in words")
    return fit


def _may_accept(actor: Actor, request: VendorRequest) -> bool:
    return may(actor, Action.ASK_VENDOR, request.platform_id)
