"""What the record tells of the links of evidence: to controls, and to reviews, by whatever event made them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from passmuster.application.evidence.evidence import ADDED, FROM_VENDOR, LINKED, SUPERSEDED
from passmuster.application.reviews.accepting import ACCEPTED
from passmuster.records.models import AuditEvent, Evidence, ReviewItem

_BATCH = 1_000
_OF_EVIDENCE = Q(subject_kind="evidence", action__in=(ADDED, FROM_VENDOR, SUPERSEDED, LINKED, ACCEPTED))
_OF_REVIEWS = Q(subject_kind="review", action="lay_out_review", after__has_key="evidence")
_OF_VENDORS = Q(subject_kind="vendor_request", action="accept_vendor_answer", after__has_key="settles")
# Accepting a piece at a line had no event of its own at first; what was seen at the line names the piece.
_OF_LINES = Q(subject_kind="review", action="answer_items", after__seen__icontains="(evidence ")
_PIECE = re.compile(r"\(evidence (\d+)\), handed in by ")


@dataclass
class Links:
    """The links of one piece as recorded; None where its events, which are from before, tell nothing of them."""

    controls: list[str] | None = None
    reviews: set[int] | None = None


def recorded_links() -> dict[str, Links]:
    """The links of every piece by its number, as all events together leave them."""
    found: dict[str, Links] = {}
    told = AuditEvent.objects.filter(_OF_EVIDENCE | _OF_REVIEWS | _OF_VENDORS | _OF_LINES).order_by("number")
    for event in told.iterator(chunk_size=_BATCH):
        after = event.after or {}
        if event.subject_kind == "evidence":
            _say(found.setdefault(event.subject_id, Links()), after)
        for number, reviews in _joined(event, after):
            links = found.setdefault(number, Links())
            if links.reviews is not None:
                links.reviews |= reviews
    return found


def _say(links: Links, after: Mapping[str, Any]) -> None:
    """What an event says in place of all that was said before."""
    if "controls" in after:
        links.controls = list(after["controls"])
    if "reviews" in after:
        links.reviews = set(after["reviews"])


def _joined(event: AuditEvent, after: Mapping[str, Any]) -> Iterator[tuple[str, set[int]]]:
    """Pieces and the reviews they were linked to beside those they had."""
    if "links" in after:
        yield from ((number, set(reviews)) for number, reviews in after["links"].items())
    elif event.subject_kind == "review":
        seen = _PIECE.findall(after["seen"]) if event.action == "answer_items" else after["evidence"]
        yield from ((str(number), {int(event.subject_id)}) for number in seen)
    elif "settles" in after:
        yield from _settled_before(event, after["settles"])


def _settled_before(event: AuditEvent, settles: Mapping[str, str]) -> Iterator[tuple[str, set[int]]]:
    """The links of an event that tells only which lines were settled, as those of earlier versions."""
    reviews = dict(ReviewItem.objects.filter(pk__in=map(int, settles)).values_list("pk", "review_id"))
    if event.subject_kind == "evidence":
        yield event.subject_id, set(reviews.values())
        return
    files = Evidence.objects.filter(request_id=int(event.subject_id)).values_list("pk", "kind")
    for number, kind in files:
        yield str(number), {reviews[int(key)] for key, line in settles.items() if line == f"type:{kind}"}
