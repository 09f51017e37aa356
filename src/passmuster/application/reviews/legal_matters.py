"""Why legal and privacy are asked at a review: data, regulations, the contract's papers, services that end."""

from __future__ import annotations

from datetime import timedelta

from passmuster.application.access import Actor
from passmuster.application.evidence.answering_lines import since_of
from passmuster.application.programme.review_policy import ReviewPolicy
from passmuster.application.requests.consulting import legal_reasons
from passmuster.application.requests.contracts import RECENTLY
from passmuster.application.storage.storing import advisory_store, snapshot_folder
from passmuster.errors import PassmusterError
from passmuster.pipeline.happening import endings_since
from passmuster.records.models import Review

# Contracts are given notice of months before they end.
_AHEAD = timedelta(days=90)


def reasons_for_legal(actor: Actor, review: Review, policy: ReviewPolicy) -> tuple[str, ...]:
    """What of the platform legal and privacy answer for, in words; empty where there is nothing."""
    today = actor.now.date()
    reasons = legal_reasons(
        policy,
        review.platform,
        today=today,
        ends_by=review.due_on + _AHEAD,
        changed_since=since_of(review) or today - RECENTLY,
    )
    return (*reasons, *_endings(actor, review))


def _endings(actor: Actor, review: Review) -> tuple[str, ...]:
    if review.collection is None or not advisory_store().is_dir():
        return ()
    before = review.previous.opened_at if review.previous else review.platform.created_at
    try:
        return endings_since(snapshot_folder(review.collection), advisory_store(), since=before, as_of=actor.now)
    except PassmusterError:
        # A store that cannot be read is told every hour, where events are looked for; the review opens without it.
        return ()
