"""Why legal and privacy are asked at a review: data, regulations, the contract's papers, services that end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from passmuster.application.access import Actor
from passmuster.application.evidence.answering_lines import since_of
from passmuster.application.programme.review_policy import ReviewPolicy
from passmuster.application.requests.consulting import legal_reasons
from passmuster.application.requests.contracts import RECENTLY
from passmuster.application.storage.storing import advisory_store, snapshot_folder
from passmuster.errors import PassmusterError
from passmuster.model.keeping import DataClass
from passmuster.pipeline.happening import endings_since
from passmuster.records.models import AuditEvent, Review

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
    return (*reasons, *_said_to_be_less(review, policy), *_endings(actor, review))


def _said_to_be_less(review: Review, policy: ReviewPolicy) -> Iterator[str]:
    """What the platform held or fell under since the review before, and is said not to any more."""
    platform = review.platform
    since = review.previous.opened_at if review.previous else platform.created_at
    is_asked_now = policy.asks_legal(DataClass(platform.data_class), is_regulated=False)
    changes = AuditEvent.objects.filter(platform=platform.slug, action="change_platform", at__gte=since)
    for event in changes.order_by("number"):
        before = event.before or {}
        held = before.get("data_class")
        if held and not is_asked_now and policy.asks_legal(DataClass(held), is_regulated=False):
            yield f"{platform} is said to hold no {held} data since {event.at:%Y-%m-%d}"
        if gone := sorted(set(before.get("regulations") or ()) - set(platform.regulations)):
            yield f"{platform} is said not to fall under {', '.join(gone)} since {event.at:%Y-%m-%d}"


def _endings(actor: Actor, review: Review) -> tuple[str, ...]:
    if review.collection is None or not advisory_store().is_dir():
        return ()
    before = review.previous.opened_at if review.previous else review.platform.created_at
    try:
        return endings_since(snapshot_folder(review.collection), advisory_store(), since=before, as_of=actor.now)
    except PassmusterError:
        # A store that cannot be read is told every hour, where events are looked for; the review opens without it.
        return ()
