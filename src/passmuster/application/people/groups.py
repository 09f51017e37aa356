"""Groups of the identity provider that stand for duties: given and gone at each sign-in."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from passmuster.application.access import Action, Actor
from passmuster.application.acting import Event, acting, write_event
from passmuster.application.people.duties import Held, settle
from passmuster.application.people.group_days import read_group_days
from passmuster.application.people.people import told_duties
from passmuster.errors import UsageError
from passmuster.model.keeping import DutyRole
from passmuster.records.models import Duty, GroupDuty, Person, Platform


def without_stale_duties(actor: Actor) -> Actor:
    """Whoever acts without being there (by a token, by a worker), without what groups gave at a sign-in too long ago.

    Groups are read at sign-ins alone: somebody whom the identity provider put out of a group long ago may never have
    signed in since, and their programs, and what they asked for, go on.
    """
    gone = frozenset((DutyRole(duty.role), duty.platform_id) for duty in _stale(actor))
    return replace(actor, duties=actor.duties - gone) if gone else actor


def why_without(actor: Actor) -> str:
    """Why duties that groups gave do not count where the actor is not there; empty where none of theirs is too old."""
    duty = _stale(actor).order_by("created_at").last()
    if duty is None:
        return ""
    return (
        f"what groups of the identity provider gave {actor.name} at the last sign-in, on "
        f"{duty.created_at.astimezone(UTC):%Y-%m-%d}, counts for {read_group_days(os.environ)} days; "
        "they sign in and ask again"
    )


def _stale(actor: Actor) -> QuerySet[Duty]:
    given = Duty.objects.filter(person=actor.person_id or 0).exclude(from_group="")
    return given.filter(created_at__lte=actor.now - timedelta(days=read_group_days(os.environ)))


def map_group(
    actor: Actor, group: str, role: DutyRole, platform: Platform | None = None, *, why: str = ""
) -> GroupDuty:
    """Let a group stand for a role, from its members' next sign-in on; raises UsageError."""
    name = group.strip()
    if not name:
        raise UsageError("the group's name is empty; write it as the identity provider spells it")
    with acting(actor, Action.MANAGE_PEOPLE, "group_duty", why=why, verb="map_group") as event:
        mapped, is_new = GroupDuty.objects.get_or_create(group=name, role=role, platform=platform)
        event.subject_id, event.is_silent = str(mapped.pk), not is_new
        event.after = {"group": name, "role": role, "platform": platform.slug if platform else None}
    return mapped


def unmap_group(actor: Actor, mapped: GroupDuty, *, why: str = "") -> None:
    """End what a group stands for; what its members have by it ends at once."""
    with acting(actor, Action.MANAGE_PEOPLE, mapped, why=why, verb="unmap_group") as event:
        event.before = {"group": mapped.group, "role": mapped.role, "platform": mapped.platform_id}
        Duty.objects.filter(Q(platform_id=mapped.platform_id), from_group=mapped.group, role=mapped.role).delete()
        mapped.delete()


def apply_groups(person: Person, groups: Iterable[str], now: datetime) -> None:
    """Give what these groups stand for, and take what other groups gave before; one event where anything changed."""
    told = frozenset(groups)
    with transaction.atomic():
        # Two sign-ins at once would each give the same.
        Person.objects.select_for_update().get(pk=person.pk)
        before = told_duties(person)
        mapped = GroupDuty.objects.filter(group__in=told).order_by("group")
        by_group = {Held(DutyRole(each.role), each.platform_id): each.group for each in mapped}
        own = {Held(DutyRole(d.role), d.platform_id) for d in person.duties.filter(from_group="")}
        # What was given here stays as it is; groups add only what goes together with it.
        stays = settle({*by_group, *own}, has_vendor=person.vendor_id is not None) - own
        Duty.objects.filter(person=person).exclude(from_group="").delete()
        Duty.objects.bulk_create(
            Duty(person=person, role=held.role, platform_id=held.platform_id, from_group=by_group[held], created_at=now)
            for held in sorted(stays, key=lambda held: (held.role, held.platform_id or 0))
        )
        after = told_duties(person)
        if before != after:
            actor = Actor(name=person.email, by="single sign-on", now=now, person_id=person.pk)
            write_event(
                actor,
                "change_duties",
                Event("person", str(person.pk), before={"duties": before}, after={"duties": after}, why="groups"),
            )
