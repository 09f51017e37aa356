"""Holding every piece of evidence and every sealed review against the record and against their bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from passmuster.application.acting import plain
from passmuster.application.evidence.evidence import ADDED, FROM_VENDOR, belongings, evidence_as_recorded
from passmuster.application.reviews.sealing import verify_seal
from passmuster.application.storage.file_stores import file_store
from passmuster.model.keeping import ReviewStatus
from passmuster.records.models import AuditEvent, Evidence, Review

_BATCH = 1_000
_SUPERSEDED, _LINKED = "supersede_evidence", "link_evidence"
_HANDED_IN = (ADDED, FROM_VENDOR, _SUPERSEDED)
_LINKS = ("controls", "reviews")


@dataclass
class _Since:
    """What happened to evidence after it was handed in, by its number in the record: links, and what came after it."""

    links: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    successors: dict[str, str] = field(default_factory=dict)


def evidence_problems() -> Iterator[str]:
    """What does not hold, in the order of the record: altered, missing, exchanged or never handed in."""
    since = _since()
    told = AuditEvent.objects.filter(subject_kind="evidence", action__in=_HANDED_IN).order_by("number")
    known: set[str] = set()
    for event in told.iterator(chunk_size=_BATCH):
        known.add(event.subject_id)
        yield from _problems_of(event, since)
    for number in Evidence.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=_BATCH):
        if str(number) not in known:
            yield f"evidence {number} was never handed in: no event tells of it"


def _since() -> _Since:
    found = _Since()
    events = AuditEvent.objects.filter(subject_kind="evidence", action__in=(_LINKED, _SUPERSEDED)).order_by("number")
    for event in events.iterator(chunk_size=_BATCH):
        if event.action == _LINKED:
            found.links[event.subject_id] = event.after or {}
        else:
            found.successors[str((event.before or {}).get("superseded"))] = event.subject_id
    return found


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


def _problems_of(event: AuditEvent, since: _Since) -> Iterator[str]:
    number = event.subject_id
    what = f"evidence {number} (event {event.number})"
    row = Evidence.objects.select_related("platform").filter(pk=int(number)).first() if number.isdigit() else None
    if row is None:
        yield f"{what} is gone from the database"
        return
    if names := differing(event, row, since.links.get(number, {}), since.successors.get(number)):
        yield f"{what} is not what was handed in: its {', '.join(names)} {'differs' if len(names) == 1 else 'differ'}"
    elif problem := file_store().problem(row.sha256):
        yield f"the file of {what} {problem}"


def differing(event: AuditEvent, row: Evidence, links: Mapping[str, Any], successor: str | None) -> list[str]:
    """What of a piece of evidence is otherwise than the record has it, by name; an older event is held to what it says.

    `links` is what the last event of linking told, `successor` the number of what superseded it.
    """
    reviews = sorted(row.reviews.values_list("pk", flat=True))
    stands = plain({**evidence_as_recorded(row, reviews), **belongings(row)})
    told = {**(event.after or {}), **{name: links[name] for name in _LINKS if name in links}}
    # Said only of what a vendor handed in, so that its absence tells as much.
    stands.setdefault("vendor_request", None)
    told.setdefault("vendor_request", None)
    names = [name for name in stands if name in told and name != "reviews" and stands[name] != told[name]]
    # Reviews link what settles their lines by events of their own; what was linked is never lost.
    names += ["reviews"] if set(told.get("reviews", ())) - set(reviews) else []
    held = {
        "superseded_by": (str(row.superseded_by_id or ""), successor or ""),
        # Of these the events of every age tell.
        "platform": (row.platform.slug if row.platform else "", event.platform),
        "uploaded_at": (row.uploaded_at.replace(microsecond=0), event.at),
    }
    return list(dict.fromkeys([*names, *(name for name, (is_now, was) in held.items() if is_now != was)]))
