"""What is due becomes work: looks at platforms, and chores that come by the clock. Running it twice adds nothing."""

from __future__ import annotations

from collections.abc import Collection as Kinds
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from passmuster.application.working.working import ask_for
from passmuster.model.keeping import WorkState
from passmuster.records.models import Platform, Work


@dataclass(frozen=True)
class Chore:
    """Something done every so many minutes."""

    kind: str
    title: str
    every_minutes: int


CHORES = (
    Chore("deliver", "Send messages", 1),
    Chore("reviews", "Open the reviews that are due", 15),
    Chore("events", "Open the reviews that events call for", 60),
    Chore("changes", "Check the gates and results of changes", 15),
    Chore("deviations", "End the exceptions that are over", 15),
    Chore("escalate", "Tell about what is late", 15),
    Chore("sign_ins", "Write down refused sign-ins", 15),
    Chore("remind", "Remind of what is due soon", 60),
    Chore("tickets", "Tell the ticket system of findings", 15),
    Chore("calendar", "Push the calendar", 60),
    Chore("sync", "Fetch the feeds of advisories", 60),
    Chore("plan", "Decide about advisories and propose a plan", 24 * 60),
    Chore("checkpoint", "Sign the record so far", 24 * 60),
    Chore("sign_decisions", "Sign what was decided", 15),
    Chore("tidy", "Take away old work and messages", 24 * 60),
)


def slot_of(now: datetime, every_minutes: int) -> datetime:
    """The start of the stretch of that many minutes in which `now` lies, counted from 1970, UTC."""
    every = every_minutes * 60
    return datetime.fromtimestamp(now.timestamp() // every * every, UTC)


def lay_out_due(now: datetime, kinds: Kinds[str]) -> int:
    """Ask for all that is due now, of the kinds this installation does; returns how many pieces are new."""
    return lay_out_collections(now, kinds) + lay_out_chores(now, kinds)


def lay_out_chores(now: datetime, kinds: Kinds[str]) -> int:
    """A chore once a stretch of its time; not while the one before still waits or runs."""
    busy = set(
        Work.objects.filter(state__in=[WorkState.WAITING, WorkState.RUNNING], platform=None).values_list(
            "kind", flat=True
        )
    )
    due = [chore for chore in CHORES if chore.kind in kinds and chore.kind not in busy]
    keys = {chore: f"{chore.kind}/{slot_of(now, chore.every_minutes):%Y-%m-%dT%H:%MZ}" for chore in due}
    known = set(Work.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    asked = [
        ask_for(chore.kind, key=key, title=chore.title, now=now) for chore, key in keys.items() if key not in known
    ]
    return sum(work is not None for work in asked)


def lay_out_collections(now: datetime, kinds: Kinds[str]) -> int:
    """A look at each platform whose time has come; the next time is counted from now, so that no backlog piles up.

    What waits for longer than lies between two of its looks is due too: they were rarer, or the clock was wrong, then.
    """
    if "collect" not in kinds:
        return 0
    soonest = now + F("collect_every_hours") * timedelta(hours=1)
    due = Q(next_collection_at=None) | Q(next_collection_at__lte=now) | Q(next_collection_at__gt=soonest)
    waiting = Platform.objects.filter(due, is_active=True, collect_every_hours__gt=0).values_list("pk", flat=True)
    return sum(_lay_out_look(identity, now) for identity in list(waiting))


def _lay_out_look(identity: int, now: datetime) -> bool:
    with transaction.atomic():
        platform = Platform.objects.select_for_update(skip_locked=True).filter(pk=identity).first()
        if platform is None:
            return False
        every = timedelta(hours=platform.collect_every_hours)
        due_at = platform.next_collection_at or now
        if now < due_at <= now + every:
            return False
        due_at = min(due_at, now)
        work = ask_for(
            "collect",
            key=f"collect/{platform.pk}/{due_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            title=f"Look at {platform}",
            now=now,
            platform=platform,
            arguments={"because": f"due {due_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"},
        )
        # The schedule's own note of what comes next, not a change of the platform: no event.
        Platform.objects.filter(pk=platform.pk).update(next_collection_at=now + every)
        return work is not None
