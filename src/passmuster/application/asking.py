"""What people ask for now and a worker does: a look, a review, verifying the record, pushing the calendar.

Asking answers at once with the work to follow. Whoever asks for what is under way gets that.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import date

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.calendar.calendar_feed import CALDAV_URL
from passmuster.application.reviews.reviewing import Occasion
from passmuster.application.working.working import UNDER_WAY, ask_for, set_going
from passmuster.errors import UsageError
from passmuster.model.keeping import WorkState
from passmuster.records.models import AuditHead, Platform, Work

VERIFY, PUSH = "verify", "calendar"


def ask_for_look(actor: Actor, platform: Platform) -> Work:
    """Have the platform looked at now; where a look waits or runs already, that one. Raises NotAllowed."""
    with acting(actor, Action.COLLECT, platform, platform=platform, verb="ask_for_collection") as event:
        # Two who ask at once find one another.
        Platform.objects.select_for_update().get(pk=platform.pk)
        work = Work.objects.filter(kind="collect", platform=platform, state__in=UNDER_WAY).order_by("pk").first()
        event.is_silent = work is not None
        return work or _made(
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
    actor: Actor, platform: Platform, occurrence: str, *, because: str, due_on: date | None = None
) -> Work:
    """Have the review of that occurrence opened; asked for again, it is the same work. Raises NotAllowed, UsageError.

    Where opening it had failed, it is tried again.
    """
    if not occurrence.strip() or not because.strip():
        raise UsageError("say what the review is opened for; the record and its readers need the reason")
    with acting(actor, Action.OPEN_REVIEW, platform, platform=platform, why=because, verb="ask_for_review") as event:
        Platform.objects.select_for_update().get(pk=platform.pk)
        work = Work.objects.filter(key=review_key(platform, occurrence)).first()
        if work is not None:
            event.is_silent = work.state != WorkState.FAILED
            return set_going(work) if work.state == WorkState.FAILED else work
        event.after = {"occurrence": occurrence, "due_on": due_on}
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
            arguments={"occurrence": each.occurrence, "because": each.because, "due_on": ""},
        )
        for each in occasions
    ]
    return sum(work is not None for work in asked)


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
    return work or _made(actor, kind, key=f"{kind}/asked/{actor.now.isoformat()}", title=title)


def _made(
    actor: Actor,
    kind: str,
    *,
    key: str,
    title: str,
    platform: Platform | None = None,
    arguments: Mapping[str, str] | None = None,
) -> Work:
    work = ask_for(kind, key=key, title=title, now=actor.now, platform=platform, arguments=arguments)
    return work or Work.objects.get(key=key)
