"""How many minutes a week somebody has for patches: plans give them no more."""

from __future__ import annotations

from collections.abc import Mapping

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.errors import UsageError
from passmuster.records.models import Person

WHOLE_WEEK = 7 * 24 * 60
_PREFERENCE = "patch_minutes_per_week"


def patch_minutes_of(person: Person) -> int | None:
    """The person's minutes a week; None where they have no limit of their own."""
    told = person.preferences.get(_PREFERENCE) if isinstance(person.preferences, Mapping) else None
    return told if isinstance(told, int) and not isinstance(told, bool) and 0 <= told <= WHOLE_WEEK else None


def set_patch_minutes(actor: Actor, person: Person, minutes: int | None, *, why: str = "") -> None:
    """Set one's own minutes a week, or as an administrator another's; None takes the limit away. Raises UsageError."""
    if minutes is not None and not 0 <= minutes <= WHOLE_WEEK:
        raise UsageError(f"minutes a week: a whole number from 0 to {WHOLE_WEEK}, or empty for no limit")
    if person.vendor_id is not None:
        raise UsageError(f"{person} is a vendor's contact; plans give work to your own people")
    action = Action.MANAGE_OWN_ACCOUNT if actor.person_id == person.pk else Action.MANAGE_PEOPLE
    with acting(actor, action, person, why=why, verb="set_patch_minutes") as event:
        held = Person.objects.select_for_update().get(pk=person.pk)
        event.before, event.after = {_PREFERENCE: patch_minutes_of(held)}, {_PREFERENCE: minutes}
        event.is_silent = event.before == event.after
        kept = {name: value for name, value in held.preferences.items() if name != _PREFERENCE}
        held.preferences = kept if minutes is None else {**kept, _PREFERENCE: minutes}
        held.save(update_fields=["preferences"])
        person.preferences = held.preferences
