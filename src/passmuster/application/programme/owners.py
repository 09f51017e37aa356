"""Who answers: the people with a duty on a platform, the one who owns a thing of it."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from passmuster.model.keeping import DutyRole
from passmuster.records.models import Ownership, Person, Platform


def people_of(platform: Platform | None, role: DutyRole) -> list[Person]:
    """Everybody with that duty on the platform; where nobody has it there, those who have it everywhere."""
    having = Person.objects.filter(is_active=True, duties__role=role).order_by("pk").distinct()
    here = list(having.filter(duties__role=role, duties__platform=platform)) if platform else []
    return here or list(having.filter(Q(duties__platform=None, duties__role=role)))


def first_of(platform: Platform | None, *roles: DutyRole) -> Person | None:
    """Somebody with the first of these duties that anybody has."""
    return next((person for role in roles for person in people_of(platform, role)[:1]), None)


def owner_of(platform: Platform, *things: tuple[str, str]) -> Person | None:
    """The owner of the first of these things (kind, id) that has one, or the deputy of one who is gone; else the
    platform's own."""
    for kind, identity in (*things, ("platform", "")):
        # A thing without an id is not known; whoever owns another of its kind does not answer for it.
        if kind != "platform" and not identity:
            continue
        owned = Ownership.objects.filter(platform=platform, scope_kind=kind).select_related("owner", "deputy")
        person = _there((owned.filter(scope_id=identity) if identity else owned).order_by("pk").first())
        if person is not None:
            return person
    return first_of(platform, DutyRole.REMEDIATION_OWNER, DutyRole.PLATFORM_OWNER)


def owners_of(platform: Platform, things: Collection[tuple[str, str]]) -> dict[tuple[str, str], Person | None]:
    """`owner_of` each of many things, asked of the database together."""
    kinds, identities = {kind for kind, _ in things}, {identity for _, identity in things}
    owned = Ownership.objects.filter(platform=platform, scope_kind__in=kinds, scope_id__in=identities)
    first: dict[tuple[str, str], Ownership] = {}
    for each in owned.select_related("owner", "deputy").order_by("pk"):
        first.setdefault((each.scope_kind, each.scope_id), each)
    whole = owner_of(platform)
    return {thing: _there(first.get(thing)) or whole for thing in things}


def _there(owned: Ownership | None) -> Person | None:
    """The owner, or the deputy of one who is gone."""
    people = (owned.owner, owned.deputy) if owned else ()
    return next((person for person in people if person is not None and person.is_active), None)


def deputies_of(platform: Platform | None, owner_id: int | None) -> list[Person]:
    """Who stands in for that owner, of anything on the platform; each once."""
    if platform is None or owner_id is None:
        return []
    owned = Ownership.objects.filter(platform=platform, owner_id=owner_id).exclude(deputy=None)
    return list(Person.objects.filter(is_active=True, pk__in=owned.values("deputy")).order_by("pk"))


def answerable_for(platform: Platform) -> list[Person]:
    """Who is told of a platform: its owners by duty, else whoever is named for it, else sponsors or administrators."""
    named = owner_of(platform)
    return (
        people_of(platform, DutyRole.PLATFORM_OWNER)
        or ([named] if named else [])
        or people_of(platform, DutyRole.SPONSOR)
        or people_of(None, DutyRole.ADMINISTRATOR)
    )
