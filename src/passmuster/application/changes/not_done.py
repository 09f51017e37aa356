"""Changes that were due or attacked and that somebody decided not to make: they stay in sight, and approvers hear."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from passmuster.application.access import Actor
from passmuster.application.messages.telling import tell
from passmuster.application.programme.owners import people_of
from passmuster.model.keeping import ChangeStatus, DutyRole
from passmuster.records.models import Change

ASKED_NO_MORE = "the plan adopted since asks for it no more"
"""What a change says that a plan cancelled: what it mends is gone, or another mends it."""


def not_done() -> Q:
    """Changes cancelled by a person though attacked or due, as long as nothing else does the same there."""
    same = Change.objects.filter(platform=OuterRef("platform"), job=OuterRef("job"))
    instead = same.exclude(status=ChangeStatus.CANCELLED)
    later = same.filter(pk__gt=OuterRef("pk"))
    matters = Q(is_exploited=True) | Q(due_at__isnull=False)
    given_up = Q(status=ChangeStatus.CANCELLED) & ~Q(outcome_note=ASKED_NO_MORE)
    return given_up & matters & ~Q(Exists(instead)) & ~Q(Exists(later))


def is_not_done(change: Change) -> bool:
    """The same of one."""
    found: QuerySet[Change] = Change.objects.filter(not_done(), pk=change.pk)
    return change.status == ChangeStatus.CANCELLED and found.exists()


def tell_not_done(actor: Actor, change: Change, why: str) -> None:
    """Tell the approvers of a change that was due or attacked and is not made; in the caller's transaction."""
    if not change.is_exploited and change.due_at is None:
        return
    what = "attacked" if change.is_exploited else f"due on {change.due_at:%Y-%m-%d}"
    for person in people_of(change.platform, DutyRole.APPROVER):
        if person.pk != actor.person_id:
            tell(
                person,
                key=f"change_not_done:{change.pk}",
                kind="change_not_done",
                text=f"{change.title}: it is {what} and was cancelled: {why[:300]} Say so where you do not agree.",
                link=f"/changes/{change.pk}",
                now=actor.now,
            )
