"""Who answers for a thing of a platform, who stands in, and who is told when nobody acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.errors import UsageError
from passmuster.model.keeping import DutyRole
from passmuster.records.models import EscalationStep, Ownership, Person, Platform

SCOPE_KINDS = ("platform", "environment", "app", "connection", "credential", "control")
_LATEST_HOURS = 24 * 365


@dataclass(frozen=True)
class Thing:
    """A thing of a platform; the platform itself has no id."""

    kind: str = "platform"
    id: str = ""


def owner_complaints(thing: Thing, owner: Person | None, deputy: Person | None) -> list[str]:
    """What is wrong with this ownership, in words."""
    complaints = []
    if thing.kind not in SCOPE_KINDS:
        complaints.append(f"{thing.kind!r} is none of {', '.join(SCOPE_KINDS)}")
    elif bool(thing.id) == (thing.kind == "platform"):
        complaints.append("name the id of the thing; the platform itself has none")
    if owner is None:
        complaints.append("there is no owner")
    complaints += [
        f"{person.email} cannot own anything here: {'a guest' if person.vendor_id else 'deactivated'}"
        for person in (owner, deputy)
        if person is not None and (person.vendor_id is not None or not person.is_active)
    ]
    if owner is not None and owner == deputy:
        complaints.append("the deputy is somebody other than the owner")
    return complaints


def set_owner(
    actor: Actor, platform: Platform, thing: Thing, *, owner: Person, deputy: Person | None = None, why: str = ""
) -> Ownership:
    """Make somebody answer for a thing; raises UsageError with all that is wrong."""
    if complaints := owner_complaints(thing, owner, deputy):
        raise UsageError("; ".join(complaints))
    with acting(actor, Action.MANAGE_PLATFORM, "ownership", platform=platform, why=why, verb="set_owner") as event:
        found = Ownership.objects.select_for_update().filter(
            platform=platform, scope_kind=thing.kind, scope_id=thing.id
        )
        kept = found.select_related(None).first()
        event.before = _told(kept) if kept else None
        ownership, _ = Ownership.objects.update_or_create(
            platform=platform,
            scope_kind=thing.kind,
            scope_id=thing.id,
            defaults={"owner": owner, "deputy": deputy},
        )
        event.subject_id, event.after = str(ownership.pk), _told(ownership)
        event.is_silent = event.before == event.after
    return ownership


def remove_owner(actor: Actor, ownership: Ownership, *, why: str = "") -> None:
    """Have nobody answer for the thing by name; the platform's duties decide then."""
    with acting(
        actor, Action.MANAGE_PLATFORM, ownership, platform=ownership.platform, why=why, verb="remove_owner"
    ) as event:
        event.before = _told(ownership)
        ownership.delete()


def set_escalation(
    actor: Actor, steps: Sequence[tuple[int, DutyRole]], platform: Platform | None = None, *, why: str = ""
) -> None:
    """Who is told after how many hours late, on one platform or (None) on all that have no steps of their own."""
    if any(not 0 <= hours <= _LATEST_HOURS for hours, _ in steps) or len(set(steps)) != len(steps):
        raise UsageError("a step is a number of hours within a year and a role, each once")
    if any(role is DutyRole.VENDOR_CONTACT for _, role in steps):
        raise UsageError("a vendor's contact is a guest; tell somebody of your own")
    action = Action.MANAGE_PLATFORM if platform else Action.MANAGE_PROGRAMME
    with acting(actor, action, "escalation", platform=platform, why=why, verb="set_escalation") as event:
        kept = EscalationStep.objects.filter(platform=platform)
        event.before = {"steps": sorted(kept.values_list("after_hours", "role"))}
        kept.delete()
        EscalationStep.objects.bulk_create(
            EscalationStep(platform=platform, after_hours=hours, role=role) for hours, role in sorted(steps)
        )
        event.after = {"steps": sorted((hours, str(role)) for hours, role in steps)}
        event.is_silent = event.before == event.after


def _told(ownership: Ownership) -> dict[str, str | None]:
    return {
        "thing": f"{ownership.scope_kind} {ownership.scope_id}".strip(),
        "owner": ownership.owner.email,
        "deputy": ownership.deputy.email if ownership.deputy else None,
    }
