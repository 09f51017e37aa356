"""What people ask for now and a worker does: looks, reviews, plans, seals, verifying the record, pushing the calendar.

Asking answers at once with the work to follow. Whoever asks for what is under way gets that.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting, plain
from passmuster.application.behalf import asked_anew, behalf_of, by_token
from passmuster.application.calendar.calendar_settings import CALDAV_URL
from passmuster.application.changes.planning import PlanChoice, require_plannable
from passmuster.application.reviews.reviewing import Occasion
from passmuster.application.reviews.sealing import require_sealable
from passmuster.application.working.working import UNDER_WAY, ask_for, join_work, set_going
from passmuster.errors import UsageError
from passmuster.model.keeping import EventKind, WorkState
from passmuster.records.models import AuditHead, Platform, Review, Work

VERIFY, PUSH, SEAL, PROPOSE = "verify", "calendar", "seal", "propose"
_CHOICE = PlanChoice()


def ask_for_look(actor: Actor, platform: Platform) -> Work:
    """Have the platform looked at now; where a look waits or runs already, that one. Raises NotAllowed."""
    with acting(actor, Action.COLLECT, platform, platform=platform, verb="ask_for_collection") as event:
        # Two who ask at once find one another.
        Platform.objects.select_for_update().get(pk=platform.pk)
        work = Work.objects.filter(kind="collect", platform=platform, state__in=UNDER_WAY).order_by("pk").first()
        event.is_silent = work is not None
        if work is not None:
            return join_work(actor, work)
        return _made(
            actor,
            "collect",
            key=f"collect/{platform.pk}/asked/{actor.now.isoformat()}",
            title=f"Look at {platform}",
            platform=platform,
            arguments={"because": f"{actor.name} asked for it"},
        )


def review_key(platform: Platform, occurrence: str) -> str:
    """The key of the work that opens that review: the same occasion is asked for once."""
    return f"review/{platform.pk}/{occurrence}"[:200]


def ask_for_review(
    actor: Actor,
    platform: Platform,
    occurrence: str,
    *,
    because: str,
    due_on: date | None = None,
    event: EventKind | None = None,
) -> Work:
    """Have the review of that occurrence opened; asked for again, it is the same work. Raises NotAllowed, UsageError.

    Its checklist is whole, or what `event` touches. Where opening it had failed, it is tried again.
    """
    if not occurrence.strip() or not because.strip():
        raise UsageError("say what the review is opened for; the record and its readers need the reason")
    with acting(actor, Action.OPEN_REVIEW, platform, platform=platform, why=because, verb="ask_for_review") as told:
        Platform.objects.select_for_update().get(pk=platform.pk)
        work = Work.objects.filter(key=review_key(platform, occurrence)).first()
        if work is not None:
            told.is_silent = work.state != WorkState.FAILED
            if work.state != WorkState.FAILED:
                return join_work(actor, work)
            work.arguments = asked_anew(actor, work.arguments)
            return set_going(work)
        told.after = {"occurrence": occurrence, "due_on": due_on, **({"event": event} if event else {})}
        return _made(
            actor,
            "review",
            key=review_key(platform, occurrence),
            title=f"Open a review of {platform}",
            platform=platform,
            arguments={
                "occurrence": occurrence,
                "because": because,
                "due_on": due_on.isoformat() if due_on else "",
                "events": [str(event)] if event else [],
            },
        )


def ask_for_occasions(actor: Actor, occasions: Iterable[Occasion]) -> int:
    """Have these reviews opened, a piece of work each, so that one which cannot be opened holds up no other.

    The schedule's own asking, not a change of the record: no event. Returns how many are new.
    """
    asked = [
        ask_for(
            "review",
            key=review_key(each.platform, each.occurrence),
            title=f"Open a review of {each.platform}",
            now=actor.now,
            platform=each.platform,
            arguments={
                "occurrence": each.occurrence,
                "because": each.because,
                "due_on": "",
                "events": [str(event) for event in each.events],
            },
        )
        for each in occasions
    ]
    return sum(work is not None for work in asked)


def ask_for_plan(actor: Actor, platforms: Sequence[Platform] | None = None, choice: PlanChoice = _CHOICE) -> Work:
    """Have a plan proposed in the asker's name for these platforms (None: all they work on).

    Where the same is under way already, that. Raises NotAllowed, and PassmusterError where it cannot be planned so.
    """
    chosen, _ = require_plannable(actor, platforms, choice)
    keys = sorted({platform.pk for platform in chosen})
    only = chosen[0] if len(keys) == 1 else None
    with acting(actor, Action.WORK_CHANGE, "plan", platform=chosen[0], verb="ask_for_plan") as event:
        list(Platform.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
        asked = {"platforms": keys, "policy": choice.policy, "weeks": choice.weeks}
        same = {f"arguments__{name}": value for name, value in asked.items()}
        work = Work.objects.filter(kind=PROPOSE, state__in=UNDER_WAY, **same).order_by("pk").first()
        event.is_silent = work is not None
        event.after = {**asked, "platforms": [platform.slug for platform in chosen]}
        return work or _made(
            actor,
            PROPOSE,
            # What is under way was looked for above, behind a lock: the key need not find it.
            key=f"{PROPOSE}/asked/{secrets.token_hex(8)}",
            title=f"Make a plan for {only}" if only else f"Make a plan for {len(keys)} platforms",
            platform=only,
            arguments={**asked, **behalf_of(actor)},
        )


def ask_for_seal(actor: Actor, review: Review) -> Work:
    """Have a signed review sealed in the asker's name; the same signature is the same work.

    Where sealing it went wrong, it is tried now, in the name of whoever asks now. Raises NotAllowed, UsageError.
    """
    with acting(actor, Action.SEAL_REVIEW, review, platform=review.platform, verb="ask_for_seal") as event:
        Platform.objects.select_for_update().get(pk=review.platform_id)
        review = Review.objects.select_related("platform", "collection").get(pk=review.pk)
        about = seal_of(review)
        key = f"{SEAL}/{review.pk}/{about['signed_at']}"
        work = Work.objects.select_for_update(of=("self",)).filter(key=key).first()
        if work is not None and not may_be_hastened(work):
            event.is_silent = True
            return work
        require_sealable(review)
        told = {**about, **behalf_of(actor)}
        if work is not None:
            work.arguments = asked_anew(actor, told)
            return set_going(work)
        return _made(
            actor,
            SEAL,
            key=key,
            title=f"Seal the review of {review.platform}",
            platform=review.platform,
            arguments=told,
        )


def seal_of(review: Review) -> dict[str, Any]:
    """What the work that seals a review, as it was signed last, is about."""
    return {"review": review.pk, "signed_at": plain(review.signed_at)}


def may_be_hastened(work: Work) -> bool:
    """Whether work went wrong and nobody does it now, so that asking again is more than asking twice."""
    return work.state == WorkState.FAILED or (work.state == WorkState.WAITING and bool(work.error))


def ask_for_verification(actor: Actor) -> Work:
    """Have the whole record verified; needs the right to read all of it. Raises NotAllowed.

    No event: a record that is broken must still be verifiable.
    """
    with acting(actor, Action.READ_RECORD, "record", verb="ask_for_verification") as event:
        event.is_silent = True
        list(AuditHead.objects.select_for_update().filter(pk=1))
        return _only_one(actor, VERIFY, "Verify the record")


def ask_for_calendar_push(actor: Actor, *, environ: Mapping[str, str] | None = None) -> Work:
    """Have the calendar pushed to the collection that is set up; raises NotAllowed, UsageError where none is."""
    with acting(actor, Action.MANAGE_PROGRAMME, "calendar", verb="ask_for_calendar_push") as event:
        if not (os.environ if environ is None else environ).get(CALDAV_URL, "").strip():
            raise UsageError(f"no calendar to push to is set up; an administrator names it in {CALDAV_URL}")
        before = Work.objects.filter(kind=PUSH, state__in=UNDER_WAY).exists()
        event.is_silent = before
        return _only_one(actor, PUSH, "Push the calendar")


def _only_one(actor: Actor, kind: str, title: str) -> Work:
    work = Work.objects.filter(kind=kind, state__in=UNDER_WAY).order_by("pk").first()
    if work is not None:
        return join_work(actor, work)
    return _made(actor, kind, key=f"{kind}/asked/{actor.now.isoformat()}", title=title)


def _made(
    actor: Actor,
    kind: str,
    *,
    key: str,
    title: str,
    platform: Platform | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> Work:
    told = {**(arguments or {}), **by_token(actor)}
    work = ask_for(kind, key=key, title=title, now=actor.now, platform=platform, arguments=told)
    return work or Work.objects.get(key=key)
