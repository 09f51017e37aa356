"""Review cycles: a review opens when it is due or when something happened, once; looks, and lays out the checklist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from passmuster.application.access import Action, Actor, NotAllowed, may, require
from passmuster.application.acting import acting
from passmuster.application.looking.looking import AlreadyLooking, collect_once, compare_for_review
from passmuster.application.programme.often_enough import postpone_nothing, require_often_enough
from passmuster.application.programme.review_policy import ReviewPolicy, TierPolicy, read_review_policy
from passmuster.application.reviews.laying_out import lay_out
from passmuster.application.storage.newest import last_look
from passmuster.application.storage.storing import home
from passmuster.errors import NotReady, UsageError
from passmuster.model.keeping import BY_CADENCE, CollectionState, EventKind, ReviewStatus, Tier
from passmuster.pipeline.cadence import cadence_complaints, next_due_day, today_in
from passmuster.records.models import Evaluation, Platform, Review


@dataclass(frozen=True)
class Occasion:
    """Why a review of a platform is to open; the same occurrence opens one review.

    With `events` its checklist holds what these touch.
    """

    platform: Platform
    occurrence: str
    because: str
    events: tuple[EventKind, ...] = ()


def due_occasions(actor: Actor) -> Iterator[Occasion]:
    """The reviews whose day has come, days missed together as one; and those that a lost process left half-opened."""
    for review in Review.objects.filter(status=ReviewStatus.OPENING).select_related("platform").order_by("pk"):
        yield Occasion(review.platform, review.occurrence, review.because)
    for platform in Platform.objects.filter(is_active=True).order_by("pk"):
        if platform.next_review_on is None:
            plan_next_review(actor, platform)
        if platform.next_review_on is not None and platform.next_review_on <= actor_day(actor, platform):
            due = platform.next_review_on
            yield Occasion(platform, f"{BY_CADENCE}{due}", f"scheduled for {due}")


def open_due_reviews(actor: Actor, *, environ: Mapping[str, str] | None = None) -> list[Review]:
    """Open every review whose day has come, each once; returns those opened."""
    return [open_occasion(actor, each, environ=environ) for each in due_occasions(actor)]


def open_occasion(
    actor: Actor,
    occasion: Occasion,
    *,
    due_on: date | None = None,
    environ: Mapping[str, str] | None = None,
    is_patient: bool = False,
) -> Review:
    """Open that review, and where it was the platform's cadence plan the next. See `open_review`."""
    platform, occurrence = occasion.platform, occasion.occurrence
    review = open_review(
        actor,
        platform,
        occurrence,
        because=occasion.because,
        due_on=due_on,
        environ=environ,
        is_patient=is_patient,
        events=occasion.events,
    )
    if occurrence == f"{BY_CADENCE}{platform.next_review_on}":
        plan_next_review(actor, platform)
    return review


def plan_next_review(actor: Actor, platform: Platform) -> date | None:
    """Set and return the day the platform's next review opens, by its own cadence or its tier's."""
    policy = _tier_policy(platform)
    first = today_in(platform.time_zone, platform.created_at)
    day = next_due_day(platform.cadence_rrule or policy.cadence, platform.time_zone, first, actor_day(actor, platform))
    if day != platform.next_review_on:
        with acting(actor, Action.OPEN_REVIEW, platform, platform=platform, verb="plan_next_review") as event:
            event.before, event.after = {"next_review_on": platform.next_review_on}, {"next_review_on": day}
            platform.next_review_on = day
            platform.save(update_fields=["next_review_on"])
    return day


def actor_day(actor: Actor, platform: Platform) -> date:
    """Today, where the platform is."""
    return today_in(platform.time_zone, actor.now)


def set_cadence(actor: Actor, platform: Platform, rrule: str, *, why: str = "") -> None:
    """Give a platform a cadence of its own, or (empty) its tier's; raises UsageError with all that is wrong.

    One rarer than the tier asks for, or that puts the next review off, is the programme's to choose, with a reason.
    """
    complaints = cadence_complaints(rrule, platform.time_zone) if rrule else []
    if complaints:
        raise UsageError("\n".join(complaints))
    with acting(actor, Action.MANAGE_PLATFORM, platform, platform=platform, why=why, verb="set_cadence") as event:
        if rrule != platform.cadence_rrule:
            require_often_enough(actor, platform, rrule, why)
        event.before, event.after = {"cadence": platform.cadence_rrule}, {"cadence": rrule}
        event.is_silent = platform.cadence_rrule == rrule
        platform.cadence_rrule = rrule
        postpone_nothing(actor, platform)
        platform.save(update_fields=["cadence_rrule", "next_review_on"])


def open_review(  # noqa: PLR0913 - what makes a review, all by name
    actor: Actor,
    platform: Platform,
    occurrence: str,
    *,
    because: str,
    due_on: date | None = None,
    environ: Mapping[str, str] | None = None,
    is_patient: bool = False,
    events: Sequence[EventKind] = (),
) -> Review:
    """Open the review of that occurrence (a due day, an event), or return it where it is open already.

    Looks at the platform, judges, compares with the last whole review and the baseline, and lays out the checklist: the
    whole of it, or what `events` touch. Where
    the look fails the review opens on the last one and says so; with `is_patient` AlreadyLooking is raised instead,
    where somebody looks right now, and the review stays half-opened until it is opened again.
    """
    require(actor, Action.OPEN_REVIEW, platform.pk)
    review = _begin(actor, Occasion(platform, occurrence, because, tuple(events)), due_on)
    if review.status != ReviewStatus.OPENING:
        return review
    if review.collection is None:
        _look_for(actor, review, environ, is_patient=is_patient)
    with acting(actor, Action.OPEN_REVIEW, review, platform=platform, why=because, verb="lay_out_review") as event:
        locked = Review.objects.select_for_update().get(pk=review.pk)
        if locked.status != ReviewStatus.OPENING:
            event.is_silent = True
            return locked
        event.before, event.after = {"status": locked.status}, lay_out(actor, locked, _policy())
        locked.status = ReviewStatus.OPEN
        locked.save(update_fields=["status", "scope"])
    return Review.objects.get(pk=review.pk)


def _begin(actor: Actor, occasion: Occasion, due_on: date | None) -> Review:
    platform, occurrence, because = occasion.platform, occasion.occurrence, occasion.because
    events = {"events": [str(each) for each in occasion.events]} if occasion.events else {}
    with acting(actor, Action.OPEN_REVIEW, "review", platform=platform, why=because, verb="open_review") as event:
        Platform.objects.select_for_update().get(pk=platform.pk)
        there = Review.objects.filter(platform=platform, occurrence=occurrence).first()
        if there is not None:
            event.is_silent = True
            return there
        policy = _tier_policy(platform)
        today = actor_day(actor, platform)
        review = Review.objects.create(
            platform=platform,
            occurrence=occurrence[:100],
            because=because[:300],
            due_on=due_on or today + timedelta(days=policy.days_to_finish),
            opened_at=actor.now,
            previous=_previous(platform),
            scope={"in": [platform.name], "out": [], **events},
        )
        event.subject_id = str(review.pk)
        event.after = {"occurrence": occurrence, "due_on": review.due_on, "previous": review.previous_id, **events}
    return review


def _previous(platform: Platform) -> Review | None:
    """The newest review of everything that came to its end; before the first did, the newest that was opened."""
    held = Review.objects.filter(platform=platform).exclude(status=ReviewStatus.CANCELLED)
    ended = held.filter(status__in=(ReviewStatus.SIGNED, ReviewStatus.SEALED)).exclude(scope__has_key=Review.LEFT)
    return (ended if ended.exists() else held).order_by("-opened_at", "-pk").first()


def _look_for(actor: Actor, review: Review, environ: Mapping[str, str] | None, *, is_patient: bool) -> None:
    # Whoever may open a review may not always look; the keeper does it for them, and says for whom.
    worker = Actor(name="passmuster", by="worker", now=actor.now, held=actor.held)
    shortfall, look = "", None
    try:
        look = collect_once(worker, review.platform, f"review {review.pk}, opened by {actor.name}", environ=environ)
        shortfall = look.error
    except AlreadyLooking as error:
        if is_patient:
            raise
        shortfall = str(error)
    if look is None or look.state == CollectionState.FAILED:
        look = last_look(review.platform)
        when = f"the look of {look.started_at:%Y-%m-%d} is used" if look else "there is no earlier look to use"
        shortfall = f"{shortfall}; {when}"
    with acting(actor, Action.OPEN_REVIEW, review, platform=review.platform, verb="look_for_review") as event:
        if Review.objects.select_for_update().get(pk=review.pk).status != ReviewStatus.OPENING:
            # Somebody else opened it meanwhile; its lines are of the look they had.
            event.is_silent = True
            return
        review.collection, review.shortfall = look, shortfall
        review.evaluation = Evaluation.objects.filter(collection=look).order_by("-pk").first() if look else None
        review.changes = compare_for_review(look, _base(review), review.platform, now=actor.now) if look else {}
        review.save(update_fields=["collection", "evaluation", "shortfall", "changes"])
        event.after = {"collection": look.pk if look else None, "shortfall": shortfall}


def _base(review: Review) -> Evaluation | None:
    return review.previous.evaluation if review.previous else None


def set_scope(actor: Actor, review: Review, *, out: list[tuple[str, str]]) -> None:
    """Say what is left out of a review, each with why; raises UsageError where a reason is missing."""
    if any(not what.strip() or not why.strip() for what, why in out):
        raise UsageError("what is left out needs a name and a reason; readers of the report must be able to judge it")
    with acting(actor, Action.WORK_REVIEW, review, platform=review.platform, verb="set_scope") as event:
        Review.objects.select_for_update().get(pk=review.pk)
        require_unsigned(review)
        event.before = {"out": review.scope.get("out", [])}
        review.scope = {**review.scope, "out": [{"what": what.strip(), "why": why.strip()} for what, why in out]}
        review.save(update_fields=["scope"])
        event.after = {"out": review.scope["out"]}


def may_cancel(actor: Actor, review: Review) -> bool:
    """Whether the actor may end the review unfinished: one that the cadence asks for is for those who seal."""
    needed = Action.SEAL_REVIEW if review.occurrence.startswith(BY_CADENCE) else Action.SIGN_REVIEW
    return may(actor, needed, review.platform_id)


def cancel_review(actor: Actor, review: Review, *, why: str) -> Review:
    """End a review that will not be finished; raises UsageError without a reason, or where it is signed.

    One that the cadence asks for is cancelled by those who seal; whoever else signs is told so (NotAllowed).
    """
    if not why.strip():
        raise UsageError("say why the review is cancelled")
    if may(actor, Action.SIGN_REVIEW, review.platform_id) and not may_cancel(actor, review):
        raise NotAllowed("the cadence asks for this review, so those who seal reviews decide that it is not held")
    with acting(actor, Action.SIGN_REVIEW, review, platform=review.platform, why=why, verb="cancel_review") as event:
        review = Review.objects.select_for_update().get(pk=review.pk)
        if not ReviewStatus(review.status).can_become(ReviewStatus.CANCELLED):
            raise NotReady(f"this review is {review.status}; it cannot be cancelled")
        event.before = {"status": review.status}
        review.status, review.cancelled_at = ReviewStatus.CANCELLED, actor.now
        review.save(update_fields=["status", "cancelled_at"])
        event.after = {"status": review.status}
    return review


def require_open(review: Review) -> None:
    """Raise UsageError unless the review is being worked on."""
    status = Review.objects.values_list("status", flat=True).get(pk=review.pk)
    if status != ReviewStatus.OPEN:
        raise NotReady(f"this review is {status}; only an open one can be worked on")


def require_unsigned(review: Review) -> None:
    """Raise UsageError unless the review is being worked on and nobody has signed what stands there."""
    require_open(review)
    signed = sorted(str(each.person) for each in review.sign_offs.select_related("person"))
    if signed:
        raise UsageError(
            f"{' and '.join(signed)} signed what stands here; whoever may sign takes the signatures back first, with a "
            "reason, and then it can be changed"
        )


def _policy() -> ReviewPolicy:
    return read_review_policy(home())


def _tier_policy(platform: Platform) -> TierPolicy:
    return _policy().tiers[Tier(platform.tier)]
