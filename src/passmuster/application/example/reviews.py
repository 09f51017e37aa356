"""Reviews of the example organisation: opened by the schedule, worked by people, signed and sealed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from passmuster.application.example.organisation import Organisation
from passmuster.application.reviews.review_work import answer_items, missing_signatures, sign_review
from passmuster.application.reviews.sealing import seal_review
from passmuster.model.keeping import ItemKind, ItemStatus
from passmuster.records.models import Review, ReviewItem


def finish_review(made: Organisation, review: Review, now: datetime, step: timedelta = timedelta(days=1)) -> Review:
    """Answer every line, sign and seal, in six steps from `now`."""
    work_lines(made, review, now + step)
    _answer(made, review, "lea", review.items.filter(key="ask:legal"), now + 2 * step, "nothing changed")
    _answer(made, review, "rita", review.items.all(), now + 3 * step, "looked at with the owner; see there")
    signers = {"platform_owner": "olga", "approver": "anna", "sponsor": "dana", "legal": "lea"}
    for role in missing_signatures(review):
        signed = now + 5 * step
        sign_review(made.at(signers[role], signed), review, statement="I have read it and stand for it.")
    return seal_review(made.at("dana" if review.platform.tier != "high" else "anna", now + 6 * step), review)


def work_lines(made: Organisation, review: Review, now: datetime) -> None:
    """The first two days: what could not be looked at, and the questions about controls."""
    unknown = review.items.filter(kind=ItemKind.CONTROL, outcome="unknown")
    _answer(made, review, "rita", unknown, now, "looked at by hand with the administrator: as it should be")
    asked = _waiting(review.items.filter(kind=ItemKind.QUESTION, key__startswith="control:"))
    half = asked[: (len(asked) + 1) // 2]
    if half:
        answer_items(
            made.at("rita", now),
            review,
            [item.pk for item in half],
            answer="agreed with the owner in the review meeting",
            seen="minutes of the meeting",
            says="met",
        )


def _waiting(items: QuerySet[ReviewItem]) -> list[ReviewItem]:
    return list(items.filter(status=ItemStatus.OPEN).order_by("pk"))


def _answer(
    made: Organisation, review: Review, who: str, items: QuerySet[ReviewItem], now: datetime, words: str
) -> None:
    """Answer those of the lines that wait; a question about a control is said to be met."""
    about_controls = Q(kind=ItemKind.QUESTION, key__startswith="control:")
    for chosen, says in ((items.exclude(about_controls), ""), (items.filter(about_controls), "met")):
        waiting = _waiting(chosen)
        if waiting:
            answer_items(made.at(who, now), review, [item.pk for item in waiting], answer=words, says=says)
