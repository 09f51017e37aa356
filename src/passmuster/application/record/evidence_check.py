"""Holding every piece of evidence and every sealed review against the record and against their bytes."""

from __future__ import annotations

from collections.abc import Iterator

from passmuster.application.evidence.evidence import ADDED, FROM_VENDOR
from passmuster.application.reviews.sealing import verify_seal
from passmuster.application.storage.file_stores import file_store
from passmuster.model.keeping import ReviewStatus
from passmuster.records.models import AuditEvent, Evidence, Review

_BATCH = 1_000
_VERBS = (ADDED, FROM_VENDOR, "supersede_evidence")


def evidence_problems() -> Iterator[str]:
    """What does not hold, in the order of the record: altered, missing, exchanged or never handed in."""
    told = AuditEvent.objects.filter(subject_kind="evidence", action__in=_VERBS).order_by("number")
    known: set[str] = set()
    for event in told.iterator(chunk_size=_BATCH):
        known.add(event.subject_id)
        yield from _problems_of(event)
    for number in Evidence.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=_BATCH):
        if str(number) not in known:
            yield f"evidence {number} was never handed in: no event tells of it"


def seal_problems() -> Iterator[str]:
    """What of sealed reviews does not hold, in the order of the record."""
    for event in AuditEvent.objects.filter(action="seal_review", subject_kind="review").order_by("number"):
        number = event.subject_id
        review = Review.objects.filter(pk=int(number)).first() if number.isdigit() else None
        if review is None or review.status != ReviewStatus.SEALED:
            yield f"the review {number} was sealed (event {event.number}) and is no longer"
            continue
        for complaint in verify_seal(review):
            yield f"the sealed review {number} (event {event.number}): {complaint}"


def _problems_of(event: AuditEvent) -> Iterator[str]:
    what = f"evidence {event.subject_id} (event {event.number})"
    row = Evidence.objects.filter(pk=int(event.subject_id)).first() if event.subject_id.isdigit() else None
    if row is None:
        yield f"{what} is gone from the database"
        return
    after = event.after or {}
    for name in ("sha256", "size_bytes", "file_name", "media_type"):
        if getattr(row, name) != after.get(name):
            yield f"{what} is not what was handed in: its {name} differs"
            return
    if problem := file_store().problem(row.sha256):
        yield f"the file of {what} {problem}"
