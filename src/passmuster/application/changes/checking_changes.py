"""The schedule's look at all changes: what a look proves, gates that time has met, and what somebody must hear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from passmuster.application.access import Action, Actor, require
from passmuster.application.changes.asked_gates import tighten_gates
from passmuster.application.changes.change_facts import BEFORE
from passmuster.application.changes.change_moments import freeze_to_come
from passmuster.application.changes.change_steps import store_gates
from passmuster.application.changes.following_changes import follow_platform
from passmuster.application.changes.gate_policy import read_gate_policy
from passmuster.application.changes.gate_times import spell
from passmuster.application.changes.missed_windows import missed, proposal_for
from passmuster.application.programme.owners import deputies_of
from passmuster.application.storage.storing import home
from passmuster.model.keeping import ChangeStatus, DutyRole
from passmuster.records.models import Change, Person, Platform

_SOON = timedelta(days=3)
_WAITS_TOO_LONG = timedelta(days=7)


@dataclass(frozen=True)
class ToTell:
    """One message for one person; `key` is the same for the same occasion, however often it is found."""

    person_id: int
    key: str
    kind: str
    text: str
    link: str
    due_at: datetime | None


def check_changes(actor: Actor) -> tuple[ToTell, ...]:
    """Take every step that looks prove, write gates as they stand now, and return what is to be told to whom.

    Where a platform's tier asks for more by now, its changes before their window are asked for it too.
    """
    require(actor, Action.WORK_CHANGE)
    for platform in Platform.objects.filter(is_active=True, changes__isnull=False).distinct().order_by("pk"):
        follow_platform(actor, platform)
    policy = read_gate_policy(home())
    more: list[ToTell] = []
    for change in Change.objects.filter(status__in=BEFORE).select_related("platform", "environment").order_by("pk"):
        store_gates(change, actor)
        if added := tighten_gates(actor, change, policy):
            more += _about_more(change, added, actor.now)
    return (*more, *_to_tell(actor.now))


def _about_more(change: Change, gates: Sequence[str], now: datetime) -> Iterator[ToTell]:
    asked = ", ".join(each.replace("_", " ") for each in gates)
    text = f"{change.title}: {change.platform} is of the tier {change.platform.tier} now, which asks for more: {asked}."
    for person in _answerable(change):
        yield _tell(person, change, "change_asks_more", text, change.due_at, f"{now:%Y%m%dT%H%M}")


def unjustified(now: datetime) -> Q:
    """Changes whose emergency path was not justified in time."""
    return Q(is_emergency=True, justified_at=None, justify_by_at__lte=now)


def _to_tell(now: datetime) -> Iterator[ToTell]:
    changes = Change.objects.select_related("platform", "owner").exclude(status=ChangeStatus.CANCELLED)
    changes = changes.filter(platform__is_active=True)
    yield from _about_windows(changes.filter(missed(now)), now)
    yield from _about_freezes(changes.filter(status__in=BEFORE, window_start_at__gt=now), now)
    for change in changes.filter(unjustified(now)):
        text = (
            f"{change.title}: the emergency path was used and not justified in time. Justify it, or say what follows."
        )
        for person in _holders(change, DutyRole.APPROVER, DutyRole.SPONSOR):
            yield _tell(person, change, "unjustified_emergency", text, change.justify_by_at)
    for change in changes.filter(status__in=BEFORE, due_at__isnull=False, due_at__lte=now + _SOON):
        late = change.due_at is not None and change.due_at <= now
        if not late and change.owner is not None and change.owner.is_active:
            # The one reminder of all that is due tells its owner.
            continue
        text = f"{change.title}: {'is overdue' if late else 'is due soon'} and not deployed. Look at its open gates."
        for person in _answerable(change):
            yield _tell(person, change, "change_overdue" if late else "change_due", text, change.due_at)
    for change in changes.filter(status=ChangeStatus.DEPLOYED, deployed_at__lte=now - _WAITS_TOO_LONG):
        text = f"{change.title}: deployed a week ago and not verified. Collect, or test how it behaves."
        for person in _answerable(change):
            yield _tell(person, change, "change_unverified", text, None)
    for change in changes.filter(status__in=(ChangeStatus.FAILED, ChangeStatus.ROLLED_BACK, ChangeStatus.REGRESSED)):
        text = f"{change.title}: {change.status.replace('_', ' ')}. Plan it again, or say why not."
        for person in _answerable(change):
            yield _tell(person, change, "change_to_replan", text, change.due_at)


def _about_windows(changes: Iterable[Change], now: datetime) -> Iterator[ToTell]:
    for change in changes:
        plan = proposal_for(change, now)
        answer = f"Plan {plan.pk} gives it another: adopt it." if plan else "Make a plan anew, and adopt it."
        text = f"{change.title}: its window has passed and nothing was deployed. {answer}"
        # A change may miss several windows in one try; each is told once.
        occasion = f"{change.window_end_at:%Y%m%dT%H%M}"
        for person in _answerable(change):
            yield _tell(person, change, "change_window_missed", text, change.due_at, occasion)


def _about_freezes(changes: QuerySet[Change], now: datetime) -> Iterator[ToTell]:
    for change in changes.select_related("environment"):
        frozen = freeze_to_come(change, now)
        if frozen is None:
            continue
        text = f"{change.title}: its window touches a freeze until {spell(frozen.end)}. Make a plan anew, and adopt it."
        occasion = f"{change.window_start_at:%Y%m%dT%H%M}"
        for person in _answerable(change):
            yield _tell(person, change, "change_window_frozen", text, change.due_at, occasion)


def _tell(person: int, change: Change, kind: str, text: str, due_at: datetime | None, occasion: str = "") -> ToTell:
    key = ":".join(filter(None, (kind, str(change.pk), str(change.attempt), occasion)))
    return ToTell(person, key, kind, text[:1_000], f"/changes/{change.pk}", due_at)


def _answerable(change: Change) -> list[int]:
    """Its owner; where they are gone whoever stands in for them, else who owns the platform."""
    if change.owner is not None and change.owner.is_active:
        return [change.owner.pk]
    deputies = [person.pk for person in deputies_of(change.platform, change.owner_id)]
    return deputies or _holders(change, DutyRole.PLATFORM_OWNER)


def _holders(change: Change, *roles: DutyRole) -> list[int]:
    """People with the first of these duties that anybody has there or everywhere."""
    for role in roles:
        people = Person.objects.filter(
            Q(duties__platform=change.platform_id) | Q(duties__platform=None), is_active=True, duties__role=role
        )
        if found := list(people.order_by("pk").values_list("pk", flat=True).distinct()):
            return found
    return []
