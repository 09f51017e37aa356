"""Who carries a change out: the owner of its environment, else of the platform, else who has the duty."""

from __future__ import annotations

from passmuster.model.keeping import DutyRole
from passmuster.records.models import Ownership, Person, Platform


def owner_of(platform: Platform, *things: tuple[str, str]) -> Person | None:
    """The owner of the first of these things (kind, id) that has one; else the platform's own."""
    for kind, identity in (*things, ("platform", "")):
        if kind != "platform" and not identity:
            continue
        owned = Ownership.objects.filter(platform=platform, scope_kind=kind).select_related("owner")
        found = (owned.filter(scope_id=identity) if identity else owned).order_by("pk").first()
        if found and found.owner.is_active:
            return found.owner
    for role in (DutyRole.REMEDIATION_OWNER, DutyRole.PLATFORM_OWNER):
        people = Person.objects.filter(is_active=True, duties__role=role, duties__platform=platform).order_by("pk")
        if (someone := people.first()) is not None:
            return someone
    return None
