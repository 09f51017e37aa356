"""Evidence and the lines of open reviews it answers: settled where that is plain, else shown to whoever decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from passmuster.application.access import Actor
from passmuster.application.evidence.fitting import Fit, Holds, Piece, Wanted, fit_of, fits_of
from passmuster.model.keeping import BY_CADENCE, AskedStatus, ItemKind, ItemStatus, ReviewStatus
from passmuster.model.words import Outcome
from passmuster.pipeline.cadence import today_in
from passmuster.records.models import Evidence, Review, ReviewItem

_TYPE = "type:"
# What could not be looked at, or waits for a decision, is looked at by hand; evidence shows how.
_BY_HAND = (Outcome.UNKNOWN, Outcome.MANUAL)


@dataclass(frozen=True)
class Settled:
    """Which lines were settled (the kind of evidence by the line's key), and which piece came to which reviews."""

    lines: dict[str, str] = field(default_factory=dict)
    links: dict[str, list[int]] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, Any]:
        """As the record tells it; nothing where nothing was settled."""
        return {"settles": self.lines, "links": self.links} if self.lines else {}


def settle_lines(actor: Actor, pieces: Iterable[Evidence], *, reviews: Collection[int] | None = None) -> Settled:
    """Settle the open lines that these pieces answer without anybody's judgement, and link them to those reviews.

    Inside the caller's transaction, whose event must tell what is returned; of these `reviews` alone where they are
    named.
    """
    settled = Settled()
    given = list(pieces)
    # Pieces before reviews, as whoever links a piece locks them.
    list(Evidence.objects.select_for_update().filter(pk__in=[each.pk for each in given]).order_by("pk"))
    for evidence in given:
        piece = piece_of(evidence)
        for number in _concerned(evidence, reviews) if piece.is_looked_at else ():
            # Nobody signs it meanwhile.
            review = Review.objects.select_for_update(of=("self",)).select_related("platform").get(pk=number)
            if review.status != ReviewStatus.OPEN:
                continue
            for item in _open_lines(review).filter(key=f"{_TYPE}{evidence.kind}").select_for_update():
                wanted = wanted_by(item, review, today=actor.now.date(), since=since_of(review))
                fit = fit_of(wanted, piece) if wanted else None
                if fit is not None and fit.holds is Holds.SETTLES:
                    _settle(actor, item, piece)
                    _link(evidence, review, settled)
                    settled.lines[str(item.pk)] = item.key
    return settled


def _link(evidence: Evidence, review: Review, settled: Settled) -> None:
    evidence.reviews.add(review)
    linked = settled.links.setdefault(str(evidence.pk), [])
    if review.pk not in linked:
        linked.append(review.pk)


def _settle(actor: Actor, item: ReviewItem, piece: Piece) -> None:
    item.status, item.seen = ItemStatus.DONE, piece.told
    item.done_by_id, item.done_at = actor.person_id, actor.now
    item.save(update_fields=["status", "seen", "done_by", "done_at"])


def _open_lines(review: Review) -> QuerySet[ReviewItem]:
    return review.items.filter(kind=ItemKind.EVIDENCE, status=ItemStatus.OPEN).order_by("pk")


def _concerned(evidence: Evidence, reviews: Collection[int] | None) -> list[int]:
    """The open reviews it may be about, in the order in which they are locked."""
    of = Q(evidence=evidence)
    if evidence.platform_id is not None:
        of |= Q(platform_id=evidence.platform_id)
    elif evidence.vendor_id is not None:
        of |= Q(platform__vendor_id=evidence.vendor_id)
    found = Review.objects.filter(of, status=ReviewStatus.OPEN)
    found = found if reviews is None else found.filter(pk__in=reviews)
    return sorted(set(found.values_list("pk", flat=True)))


def fits_by_line(
    review: Review, items: Iterable[ReviewItem], kept: QuerySet[Evidence], *, today: date
) -> Mapping[int, tuple[Fit, ...]]:
    """What the evidence in `kept` does for those lines of an open review that wait, by the key of each line."""
    waiting = [item for item in items if item.status == ItemStatus.OPEN and _takes_evidence(item)]
    if not waiting or review.status != ReviewStatus.OPEN:
        return {}
    pieces, since = pieces_about(review, kept), since_of(review)
    wanted = {item.pk: wanted_by(item, review, today=today, since=since) for item in waiting}
    return {key: fits for key, each in wanted.items() if each is not None and (fits := fits_of(each, pieces))}


def _takes_evidence(item: ReviewItem) -> bool:
    if item.kind == ItemKind.CONTROL:
        return item.outcome in _BY_HAND
    return item.kind == ItemKind.EVIDENCE or bool(item.control)


def wanted_by(item: ReviewItem, review: Review, *, today: date, since: date | None) -> Wanted | None:
    """What the line asks for; None where no evidence can answer it."""
    if not _takes_evidence(item):
        return None
    kind = item.key.removeprefix(_TYPE) if item.kind == ItemKind.EVIDENCE and item.key.startswith(_TYPE) else ""
    return Wanted(
        platform=review.platform_id,
        vendor=review.platform.vendor_id,
        until=max(review.due_on, today),
        since=since,
        kind=kind,
        control="" if kind else item.control,
        review=review.pk,
        line=item.pk,
    )


def since_of(review: Review) -> date | None:
    """The day from which a review asks how things were: when the one before by the calendar opened, else the first.

    A review that an event opened days ago does not make last quarter's evidence old.
    """
    earlier = Review.objects.filter(platform=review.platform_id, opened_at__lt=review.opened_at)
    earlier = earlier.exclude(status=ReviewStatus.CANCELLED)
    planned = earlier.filter(occurrence__startswith=BY_CADENCE).order_by("-opened_at").first()
    before = planned or earlier.order_by("opened_at").first()
    return today_in(review.platform.time_zone, before.opened_at) if before else None


def pieces_about(review: Review, kept: QuerySet[Evidence]) -> tuple[Piece, ...]:
    """The pieces of `kept` that belong to the review, its platform or its vendor, and were not superseded."""
    of = Q(platform=review.platform_id) | Q(reviews=review) | Q(request__item__review=review)
    if review.platform.vendor_id:
        of |= Q(vendor_id=review.platform.vendor_id, platform=None)
    found = kept.filter(of, superseded_by=None).select_related("uploaded_by", "request").prefetch_related("reviews")
    return tuple(piece_of(each) for each in found.order_by("pk").distinct())


def piece_of(evidence: Evidence) -> Piece:
    """The record as a value."""
    request = evidence.request
    return Piece(
        number=evidence.pk,
        title=evidence.title,
        kind=evidence.kind,
        by=evidence.uploaded_by.name,
        handed_in_on=evidence.uploaded_at.date(),
        platform=evidence.platform_id,
        vendor=evidence.vendor_id,
        controls=frozenset(evidence.controls),
        reviews=frozenset(each.pk for each in evidence.reviews.all()),
        period_from=evidence.period_from,
        period_to=evidence.period_to,
        expires_on=evidence.expires_on,
        line=request.item_id if request else None,
        is_looked_at=request is None or request.status == AskedStatus.ACCEPTED,
        is_sent_back=request is not None and request.status == AskedStatus.OPEN and bool(request.decision),
    )
