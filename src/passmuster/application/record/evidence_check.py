"""Holding every piece of evidence and every sealed review against the record and against their bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from passmuster.application.acting import plain
from passmuster.application.evidence.evidence import ADDED, FROM_VENDOR, SUPERSEDED, belongings, evidence_as_recorded
from passmuster.application.record.evidence_links import Links, recorded_links
from passmuster.application.reviews.sealing import verify_seal
from passmuster.application.storage.file_stores import file_store
from passmuster.model.keeping import ReviewStatus
from passmuster.records.models import AuditEvent, Evidence, Review

_BATCH = 1_000
_HANDED_IN = (ADDED, FROM_VENDOR, SUPERSEDED)


def evidence_problems() -> Iterator[str]:
    """What does not hold, in the order of the record: altered, missing, exchanged or never handed in."""
    links, successors = recorded_links(), _successors()
    told = AuditEvent.objects.filter(subject_kind="evidence", action__in=_HANDED_IN).order_by("number")
    known: set[str] = set()
    for events in _batches(told.iterator(chunk_size=_BATCH)):
        rows = _rows_of(events)
        for event in events:
            number = event.subject_id
            known.add(number)
            yield from _problems_of(event, rows.get(number), links.get(number, Links()), successors.get(number))
    for key in Evidence.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=_BATCH):
        if str(key) not in known:
            yield f"evidence {key} was never handed in: no event tells of it"


def _batches(events: Iterator[AuditEvent]) -> Iterator[list[AuditEvent]]:
    while batch := list(islice(events, _BATCH)):
        yield batch


def _rows_of(events: Iterable[AuditEvent]) -> dict[str, Evidence]:
    """The pieces these events tell of that are there, by number, with what belongs to them."""
    numbers = [int(event.subject_id) for event in events if event.subject_id.isdigit()]
    found = Evidence.objects.filter(pk__in=numbers).select_related("platform").prefetch_related("reviews")
    return {str(each.pk): each for each in found}


def _successors() -> Mapping[str, str]:
    """What came after a piece, by its number."""
    told = AuditEvent.objects.filter(subject_kind="evidence", action=SUPERSEDED).order_by("number")
    pairs = told.values_list("before__superseded", "subject_id")
    return {str(before): number for before, number in pairs.iterator(chunk_size=_BATCH)}


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


def _problems_of(event: AuditEvent, row: Evidence | None, links: Links, successor: str | None) -> Iterator[str]:
    what = f"evidence {event.subject_id} (event {event.number})"
    if row is None:
        yield f"{what} is gone from the database"
        return
    if names := differing(event, row, links, successor):
        yield f"{what} is not what was handed in: its {', '.join(names)} {'differs' if len(names) == 1 else 'differ'}"
    elif problem := file_store().problem(row.sha256):
        yield f"the file of {what} {problem}"


def differing(event: AuditEvent, row: Evidence, links: Links, successor: str | None) -> list[str]:
    """What of a piece of evidence is otherwise than the record has it, by name; an older event is held to what it says.

    `links` are those that all events together leave, `successor` the number of what superseded it.
    """
    stands = plain({**evidence_as_recorded(row, sorted(each.pk for each in row.reviews.all())), **belongings(row)})
    said = {"controls": links.controls, "reviews": None if links.reviews is None else sorted(links.reviews)}
    told = {**(event.after or {}), **{name: value for name, value in said.items() if value is not None}}
    # Said only of what a vendor handed in, so that its absence tells as much.
    stands.setdefault("vendor_request", None)
    told.setdefault("vendor_request", None)
    names = [name for name in stands if name in told and stands[name] != told[name]]
    held = {
        "superseded_by": (str(row.superseded_by_id or ""), successor or ""),
        # Of these the events of every age tell.
        "platform": (row.platform.slug if row.platform else "", event.platform),
        "uploaded_at": (row.uploaded_at.replace(microsecond=0), event.at),
    }
    return list(dict.fromkeys([*names, *(name for name, (is_now, was) in held.items() if is_now != was)]))
