"""Working a review: answer its lines one by one or many at once, hand them over, sign, and take signatures back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from django.db import transaction
from django.db.models import QuerySet

from passmuster.application.access import TABLE, Action, Actor
from passmuster.application.acting import acting
from passmuster.application.messages.telling import tell
from passmuster.application.programme.review_policy import read_review_policy
from passmuster.application.requests.asking_vendors import ask_about_lines
from passmuster.application.reviews.reviewing import require_open, require_unsigned
from passmuster.application.reviews.whose_answer import require_may_answer
from passmuster.application.storage.storing import home
from passmuster.errors import NotReady, UsageError
from passmuster.model.keeping import DutyRole, ItemKind, ItemStatus, ReviewStatus, Tier
from passmuster.records.models import Person, Review, ReviewItem, SignOff
from passmuster.report.text import counted

# What an answer to a question about a control says of it, and the outcome that stands for it.
SAYS = {"met": "pass", "not_met": "fail", "not_applicable": "not_applicable"}


def answer_items(  # noqa: PLR0913 - what one answer is made of, all by name
    actor: Actor,
    review: Review,
    items: Sequence[int],
    *,
    answer: str,
    seen: str = "",
    says: str = "",
    status: ItemStatus = ItemStatus.DONE,
) -> int:
    """Answer lines with what was decided (`answer`) and what was looked at (`seen`); returns how many.

    A question about a control is answered `met`, `not_met` or `not_applicable` in `says`. Status OPEN takes answers
    back. Raises UsageError, and then none is answered.
    """
    if status != ItemStatus.OPEN and not answer.strip():
        raise UsageError("say what was decided and why; without words the line is not answered")
    with acting(actor, Action.WORK_REVIEW, review, platform=review.platform, why=answer, verb="answer_items") as event:
        Review.objects.select_for_update().get(pk=review.pk)
        require_unsigned(review)
        chosen = list(review.items.select_for_update().filter(pk__in=list(items)).order_by("pk"))
        if len(chosen) != len(set(items)):
            raise UsageError("some of these lines are not of this review; load it again")
        _require_says(chosen, says, status)
        require_may_answer(actor, review, chosen, status)
        if all(_is_answered_so(actor, item, answer=answer, seen=seen, says=says, status=status) for item in chosen):
            # Sent again, as by a program that never heard the answer.
            event.is_silent = True
            return len(chosen)
        event.before = {str(item.pk): item.status for item in chosen}
        for item in chosen:
            _answer(actor, item, answer=answer.strip(), seen=seen.strip(), says=says, status=status)
        ReviewItem.objects.bulk_update(chosen, ["answer", "seen", "outcome", "status", "done_by", "done_at"])
        event.after = {
            "lines": {str(item.pk): item.key for item in chosen},
            "status": status,
            "says": says,
            "seen": seen,
        }
    return len(chosen)


def _require_says(chosen: Sequence[ReviewItem], says: str, status: ItemStatus) -> None:
    if says and says not in SAYS:
        raise UsageError(f"{says} is no answer; say one of {', '.join(SAYS)}")
    about_controls = [item for item in chosen if item.kind == ItemKind.QUESTION and item.key.startswith("control:")]
    if about_controls and status == ItemStatus.DONE and not says:
        raise UsageError(f"{about_controls[0].title}: say whether it is met, not met or not applicable")


def _is_answered_so(actor: Actor, item: ReviewItem, *, answer: str, seen: str, says: str, status: ItemStatus) -> bool:
    told = (item.status, item.answer, item.done_by_id, item.outcome)
    wanted = (status, answer.strip(), actor.person_id, _outcome_of(item, says, status))
    return status != ItemStatus.OPEN and told == wanted and seen.strip() in ("", item.seen)


def _answer(actor: Actor, item: ReviewItem, *, answer: str, seen: str, says: str, status: ItemStatus) -> None:
    is_open = status == ItemStatus.OPEN
    item.outcome = _outcome_of(item, says, status)
    item.answer, item.status = ("" if is_open else answer), status
    item.seen = seen or item.seen
    item.done_by_id, item.done_at = (None, None) if is_open else (actor.person_id, actor.now)


def _outcome_of(item: ReviewItem, says: str, status: ItemStatus) -> str:
    """What an answer makes of a question; other lines keep what was found."""
    if item.kind != ItemKind.QUESTION:
        return item.outcome
    if status == ItemStatus.NOT_APPLICABLE and not says:
        return "not_applicable"
    return "" if status == ItemStatus.OPEN else SAYS.get(says, "")


def assign_items(actor: Actor, review: Review, items: Sequence[int], person: Person, *, why: str = "") -> int:
    """Hand lines to somebody, who is told; a vendor's contact is asked about them. Returns how many."""
    if not person.is_active:
        raise UsageError(f"{person} is no longer active; choose somebody else")
    if person.vendor_id is not None:
        return ask_about_lines(actor, review, items, person, why=why)
    with acting(actor, Action.WORK_REVIEW, review, platform=review.platform, why=why, verb="assign_items") as event:
        require_unsigned(review)
        count = review.items.filter(pk__in=list(items)).update(assignee=person)
        event.after = {"lines": sorted(items), "to": person.email}
        tell(
            person,
            key=f"review:{review.pk}:handed:{actor.now.isoformat()}",
            kind="review_handed",
            text=f"{actor.name} handed you {counted(count, 'line')} of the review of {review.platform}, due "
            f"{review.due_on}. Answer them. It is open because: {review.because}",
            link=f"/reviews/{review.pk}/?who=me&status=open#checklist",
            now=actor.now,
        )
    return count


def lines_with_guests(review: Review) -> QuerySet[ReviewItem]:
    """Lines that wait for a vendor's contact, who sees none; older versions let them be handed to one."""
    return review.items.filter(status=ItemStatus.OPEN).exclude(assignee=None).exclude(assignee__vendor=None)


def ask_instead_of_guests(actor: Actor, review: Review) -> int:
    """Ask vendors about the lines that their contacts were given and cannot see; returns how many lines.

    The lines are then owed by the actor, who reads the answers. Raises UsageError where a vendor has nobody to ask.
    """
    with transaction.atomic():
        lines = list(lines_with_guests(review).select_related("assignee__vendor").order_by("assignee", "pk"))
        for contact, given in groupby(lines, key=lambda line: line.assignee):
            if contact is not None:
                ask_about_lines(actor, review, [line.pk for line in given], contact, why="")
        with acting(actor, Action.WORK_REVIEW, review, platform=review.platform, verb="assign_items") as event:
            require_unsigned(review)
            event.is_silent = not lines
            event.before = {"from": sorted({str(line.assignee) for line in lines})}
            event.after = {"lines": [line.pk for line in lines], "to": actor.name}
            review.items.filter(pk__in=[line.pk for line in lines]).update(assignee=actor.person_id)
    return len(lines)


def sign_review(actor: Actor, review: Review, *, statement: str) -> Review:
    """Sign by the right one has; with the last signature that the tier asks for the review is signed.

    Raises UsageError where lines are open, or where one has signed already; each signature is another person's.
    """
    with acting(
        actor, Action.SIGN_REVIEW, review, platform=review.platform, why=statement, verb="sign_review"
    ) as event:
        review = Review.objects.select_for_update(of=("self",)).select_related("platform").get(pk=review.pk)
        require_open(review)
        if (person := actor.person_id) is None:
            raise UsageError("only a person can sign")
        waiting = review.items.filter(status=ItemStatus.OPEN).count()
        if waiting:
            raise UsageError(
                f"{counted(waiting, 'line')} not answered yet; a signature stands under the whole checklist"
            )
        if review.sign_offs.filter(person_id=person).exists():
            raise NotReady("you have signed already; another person must")
        missing = missing_signatures(review)
        role = _role_of(actor, review, missing)
        SignOff.objects.create(review=review, person_id=person, role=role, statement=statement.strip(), at=actor.now)
        still = [each for each in missing if each != role]
        if not still:
            review.status, review.signed_at = ReviewStatus.SIGNED, actor.now
            review.save(update_fields=["status", "signed_at"])
        event.after = {"role": role, "status": review.status, "still_missing": still}
    return review


def missing_signatures(review: Review) -> list[DutyRole]:
    """Whose signatures the tier asks for that are not there yet."""
    asked = read_review_policy(home()).tiers[Tier(review.platform.tier)].signatures
    there = set(review.sign_offs.values_list("role", flat=True))
    return [role for role in asked if role not in there]


def _role_of(actor: Actor, review: Review, missing: Sequence[DutyRole]) -> DutyRole:
    """The role to sign by: a missing one that the person has, else any by which they may sign."""
    held = {role for role, where in actor.duties if where in (None, review.platform_id)}
    may_sign = sorted(held & TABLE[Action.SIGN_REVIEW])
    return next((role for role in missing if role in held), may_sign[0])


def reopen_review(actor: Actor, review: Review, *, why: str) -> Review:
    """Take a review that is signed, by some or all, back to work; its signatures fall, and who signed is told.

    Raises UsageError without a reason, or where nobody has signed, or when sealed.
    """
    if not why.strip():
        raise UsageError("say why the signatures are taken back")
    with acting(actor, Action.SIGN_REVIEW, review, platform=review.platform, why=why, verb="reopen_review") as event:
        review = Review.objects.select_for_update(of=("self",)).select_related("platform").get(pk=review.pk)
        signed = list(review.sign_offs.select_related("person").order_by("at"))
        is_signed_by_some = review.status == ReviewStatus.OPEN and bool(signed)
        if review.status != ReviewStatus.SIGNED and not is_signed_by_some:
            told = "open and nobody has signed it" if review.status == ReviewStatus.OPEN else review.status
            raise UsageError(f"this review is {told}; only a signed one can be taken back")
        event.before = {"signatures": [[each.person.email, each.role] for each in signed]}
        for each in signed:
            _tell_fallen(actor, review, each, why)
        review.sign_offs.all().delete()
        review.status, review.signed_at = ReviewStatus.OPEN, None
        review.save(update_fields=["status", "signed_at"])
        event.after = {"status": review.status}
    return review


def _tell_fallen(actor: Actor, review: Review, signature: SignOff, why: str) -> None:
    if signature.person_id == actor.person_id:
        return
    tell(
        signature.person,
        key=f"review:{review.pk}:signature:{signature.pk}:fell",
        kind="review_reopened",
        text=f"{actor.name} took your signature under the review of {review.platform} back: {why.strip()}. "
        "Sign again once it is done.",
        link=f"/reviews/{review.pk}/",
        now=actor.now,
    )


def remind_reviewers(actor: Actor) -> int:
    """Remind everybody who owes lines of a review that is late, once a week each; returns how many owe some.

    What is due soon is told by `escalating.remind`, as everything that has a deadline.
    """
    week = f"{actor.now:%G-W%V}"
    owed = (
        ReviewItem.objects.filter(
            status=ItemStatus.OPEN,
            review__status=ReviewStatus.OPEN,
            review__due_on__lt=actor.now.date(),
            review__platform__is_active=True,
        )
        .exclude(assignee=None)
        .values_list("review", "assignee")
        .distinct()
    )
    reviews = Review.objects.select_related("platform").in_bulk([review for review, _ in owed])
    people = Person.objects.in_bulk([person for _, person in owed])
    for review_id, person_id in owed:
        review = reviews[review_id]
        tell(
            people[person_id],
            key=f"review:{review.pk}:remind:{week}",
            kind="review_late",
            text=f"The review of {review.platform} was due on {review.due_on} and still waits for lines of yours. "
            f"Answer them. It is open because: {review.because}",
            link=f"/reviews/{review.pk}/?who=me&status=open#checklist",
            now=actor.now,
        )
    return len(owed)
