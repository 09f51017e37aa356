"""Whose duties somebody may read: everybody's, or those of people who answer for the platforms they see."""

from __future__ import annotations

from django.db.models import Prefetch, Q, QuerySet

from passmuster.application.access import Action, Actor, platforms_for
from passmuster.records.models import Duty, GroupDuty, Person, Platform


def people_seen_by(actor: Actor) -> QuerySet[Person]:
    """People with the duties that the actor may read of; all of them for who may read all.

    Of some platforms: who has a duty there or everywhere, and the contacts of their vendors.
    """
    where = platforms_for(actor, Action.READ_PEOPLE)
    duties = Duty.objects.select_related("platform").order_by("role", "platform__slug")
    everybody = Person.objects.select_related("vendor")
    if where is None:
        return everybody.prefetch_related(Prefetch("duties", duties))
    of_theirs = Q(platform=None) | Q(platform_id__in=where)
    seen = Duty.objects.filter(of_theirs, person__vendor=None).values("person_id")
    contacts = Q(vendor__in=Platform.objects.filter(pk__in=where).values("vendor_id"))
    return everybody.filter(Q(pk__in=seen) | contacts).prefetch_related(Prefetch("duties", duties.filter(of_theirs)))


def groups_seen_by(actor: Actor) -> QuerySet[GroupDuty]:
    """What groups of the identity provider stand for, on the platforms the actor may read of."""
    where = platforms_for(actor, Action.READ_PEOPLE)
    mapped = GroupDuty.objects.select_related("platform")
    return mapped if where is None else mapped.filter(Q(platform=None) | Q(platform_id__in=where))
