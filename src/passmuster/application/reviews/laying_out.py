"""Laying out a review's checklist: every line with who owes it, and one message to each of them.

A review that an event opened lays out what the event touches; its scope names what is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from django.db.models import Q

from passmuster.application.access import Actor
from passmuster.application.evidence.answering_lines import pieces_about, since_of
from passmuster.application.evidence.fitting import Wanted
from passmuster.application.messages.telling import tell
from passmuster.application.programme.owners import first_of, owners_of
from passmuster.application.programme.review_policy import ReviewPolicy
from passmuster.application.reviews.checklist import (
    Key,
    LastTime,
    Line,
    asked_lines,
    control_lines,
    evidence_lines,
)
from passmuster.application.reviews.legal_matters import reasons_for_legal
from passmuster.application.reviews.patch_lines import patch_lines
from passmuster.application.reviews.touched import divide, event_lines, events_of, narrowed
from passmuster.application.storage.storing import results_folder
from passmuster.model.keeping import (
    DeviationStatus,
    DutyRole,
    ItemKind,
    ItemStatus,
    ReviewStatus,
    Tier,
)
from passmuster.pipeline.following import kept_verdicts_of
from passmuster.records.models import Deviation, Evidence, Person, Platform, Review, ReviewItem
from passmuster.report.text import counted

_FALL_BACK = (DutyRole.PLATFORM_OWNER, DutyRole.REVIEWER)


def lay_out(actor: Actor, review: Review, policy: ReviewPolicy) -> dict[str, Any]:
    """Write the checklist, inside the caller's transaction, and tell everybody what they owe; returns counts.

    What is left out goes into the review's scope, which the caller saves.
    """
    lines, left = divide(lines_of(actor, review, policy), policy, events_of(review.scope))
    review.scope = narrowed(review.scope, policy, left)
    told = write_lines(actor, review, lines, f"review:{review.pk}:owed")
    return {"status": "open", **told, **({"left_out": left} if left else {})}


def write_lines(actor: Actor, review: Review, lines: Sequence[Line], key: str) -> dict[str, Any]:
    """Write these lines, inside the caller's transaction, and tell whoever owes some by a message of that key."""
    people = _assignees(review.platform, lines)
    ReviewItem.objects.bulk_create(
        [_item(actor, review, line, person) for line, person in zip(lines, people, strict=True)], ignore_conflicts=True
    )
    # What settles a line belongs to the review, and goes with it where its evidence is handed on.
    settling = sorted({line.evidence for line in lines if line.evidence is not None})
    for piece in Evidence.objects.filter(pk__in=settling):
        piece.reviews.add(review)
    owed = Counter(p for line, p in zip(lines, people, strict=True) if p is not None and line.status == ItemStatus.OPEN)
    for person, count in owed.items():
        tell(
            person,
            key=key,
            kind="review_opened",
            text=f"The review of {review.platform} is open until {review.due_on}: "
            f"{counted(count, 'line waits', 'lines wait')} for you. Answer them. It is open because: {review.because}",
            link=f"/reviews/{review.pk}/?who=me&status=open#checklist",
            now=actor.now,
            due_at=datetime.combine(review.due_on, time(23, 59), UTC),
        )
    told = Counter(f"{line.kind}_{line.status}" for line in lines)
    by = {"evidence": settling} if settling else {}
    return {"lines": dict(sorted(told.items())), **by}


def lines_of(actor: Actor, review: Review, policy: ReviewPolicy) -> list[Line]:
    """All lines of a review's checklist, in the order they are worked."""
    platform = review.platform
    last = _last_time(review)
    tier = policy.tiers[Tier(platform.tier)]
    verdicts = kept_verdicts_of(results_folder(review.evaluation)) if review.evaluation else ()
    return [
        *control_lines(verdicts, last),
        *event_lines(policy, events_of(review.scope), review.because, last),
        *asked_lines(policy.questions, last, for_legal=reasons_for_legal(actor, review, policy)),
        *evidence_lines(tier.evidence, _wanted(review), pieces_about(review, Evidence.objects.all()), last),
        *_deviation_lines(review, last),
        *patch_lines(review, last),
    ]


def _last_time(review: Review) -> dict[Key, LastTime]:
    """How each line ended in the review before; and its newest answer, in whichever review somebody gave one."""
    earlier = ReviewItem.objects.filter(review__platform=review.platform, review__lt=review.pk)
    earlier = earlier.exclude(review__status=ReviewStatus.CANCELLED)
    answered = earlier.exclude(answer="").order_by("kind", "key", "-review").distinct("kind", "key")
    answers = {(kind, key): answer for kind, key, answer in answered.values_list("kind", "key", "answer")}
    ended = earlier.filter(review=review.previous).values_list("kind", "key", "outcome")
    outcomes = {(kind, key): outcome for kind, key, outcome in ended}
    return {
        (ItemKind(kind), key): LastTime(answers.get((kind, key), ""), outcomes.get((kind, key), ""))
        for kind, key in answers.keys() | outcomes.keys()
    }


def _wanted(review: Review) -> Wanted:
    platform = review.platform
    return Wanted(platform.pk, platform.vendor_id, review.due_on, since_of(review), review=review.pk)


def _deviation_lines(review: Review, last: dict[Key, LastTime]) -> list[Line]:
    held = Deviation.objects.filter(
        Q(platform=review.platform) | Q(platform=None),
        status__in=[DeviationStatus.REQUESTED, DeviationStatus.APPROVED],
    ).order_by("ends_on", "pk")
    lines = []
    for each in held:
        is_asked = each.status == DeviationStatus.REQUESTED
        ends_soon = each.ends_on <= review.due_on
        detail = (
            "Decide on the request."
            if is_asked
            else "It ends before this review is due: mend what it covers, or renew it."
            if ends_soon
            else "Is it still needed? Say so, or withdraw it."
        )
        former = last.get((ItemKind.DEVIATION, str(each.pk)))
        lines.append(
            Line(
                kind=ItemKind.DEVIATION,
                key=str(each.pk),
                title=f"Exception from {each.control} until {each.ends_on}",
                detail=f"{detail} {each.reason}"[:2000],
                outcome=each.status,
                last_answer=former.answer if former else "",
                role=DutyRole.APPROVER if is_asked else DutyRole.PLATFORM_OWNER,
                person=None if is_asked else each.owner_id,
                thing=("control", each.control),
            )
        )
    return lines


def _assignees(platform: Platform, lines: Sequence[Line]) -> list[Person | None]:
    by_role = {role: first_of(platform, role, *_FALL_BACK) for role in {line.role for line in lines}}
    named = Person.objects.in_bulk([line.person for line in lines if line.person is not None])
    by_thing = owners_of(platform, {line.thing for line in lines if line.thing[0] and line.thing[1]})
    return [_assignee(line, by_role, by_thing, named) for line in lines]


def _assignee(line: Line, by_role: Any, by_thing: Any, named: Any) -> Person | None:
    if line.person in named:
        found: Person | None = named[line.person]
        return found
    if line.kind is ItemKind.CONTROL and line.role is DutyRole.REMEDIATION_OWNER:
        return by_thing.get(line.thing) or by_role[line.role]  # type: ignore[no-any-return]
    return by_role[line.role]  # type: ignore[no-any-return]


def _item(actor: Actor, review: Review, line: Line, person: Person | None) -> ReviewItem:
    is_done = line.status != ItemStatus.OPEN
    return ReviewItem(
        review=review,
        kind=line.kind,
        key=line.key[:300],
        title=line.title,
        detail=line.detail,
        severity=line.severity,
        outcome=line.outcome,
        status=line.status,
        assignee=person,
        due_on=review.due_on,
        seen=line.seen,
        last_answer=line.last_answer,
        done_at=actor.now if is_done else None,
    )
