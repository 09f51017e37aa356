"""Handing evidence on: a signed bundle of what belongs to a review, or to a platform."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from passmuster.application.access import Action, Actor, require
from passmuster.application.acting import acting, plain
from passmuster.application.evidence.evidence import evidence_as_recorded, whole_file
from passmuster.documents.atomic import new_file
from passmuster.errors import UsageError
from passmuster.records.bundle import Piece, write_bundle
from passmuster.records.models import Evidence, Review
from passmuster.records.signing import Signer


def bundle_review(actor: Actor, number: int, target: Path, signer: Signer) -> int:
    """Write the evidence of a review as one signed file; returns how many pieces. Raises NotAllowed, UsageError."""
    review = Review.objects.select_related("platform").filter(pk=number).first()
    require(actor, Action.READ_EVIDENCE, review.platform_id if review else None)
    if review is None:
        raise UsageError(f"there is no review {number}")
    found = list(Evidence.objects.filter(reviews=review).select_related("uploaded_by", "owner").order_by("pk"))
    if not found:
        raise UsageError(f"no evidence belongs to the review {number}; link some to it first")
    about = {
        "review": number,
        "platform": review.platform.slug,
        "due_on": review.due_on.isoformat(),
        "status": review.status,
        "made_at": actor.now.isoformat().replace("+00:00", "Z"),
        "made_by": actor.name,
    }
    verb = "bundle_evidence"
    with acting(actor, Action.READ_EVIDENCE, review, platform=review.platform, verb=verb) as event:
        event.after = {"evidence": [each.pk for each in found], "public_key": signer.public_key}
        with new_file(target) as scratch:
            write_bundle(scratch, list(_pieces(found)), about, signer)
    return len(found)


def _pieces(found: Iterable[Evidence]) -> Iterable[Piece]:
    for each in found:
        path = whole_file(each)
        told: dict[str, Any] = evidence_as_recorded(each, sorted(each.reviews.values_list("pk", flat=True)))
        people = {"uploaded_by": each.uploaded_by.email, "owner": each.owner.email if each.owner else None}
        told |= {"number": each.pk, "uploaded_at": each.uploaded_at, "superseded_by": each.superseded_by_id, **people}
        yield Piece(path, each.sha256, each.size_bytes, plain(told))
