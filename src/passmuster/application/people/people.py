"""People and what they answer for: nobody signs up, and nobody removes the last administrator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q

from passmuster.application.access import Action, Actor
from passmuster.application.acting import acting
from passmuster.application.people.duties import Held, duty_complaints
from passmuster.application.people.left_behind import tell_what_is_left
from passmuster.errors import UsageError
from passmuster.model.keeping import DutyRole
from passmuster.records.models import ApiToken, Duty, FeedToken, Person, Vendor


def add_person(
    actor: Actor,
    *,
    email: str,
    name: str,
    duties: Iterable[Held] = (),
    vendor: Vendor | None = None,
    why: str = "",
) -> Person:
    """Somebody who may sign in, at first by a one-time link; raises UsageError with all that is wrong."""
    address, given = email.strip().lower(), sorted(set(duties), key=_order)
    complaints = [*_address_complaints(address), *duty_complaints(given, has_vendor=vendor is not None)]
    if not name.strip():
        complaints.append("the name is empty")
    if complaints:
        raise UsageError("; ".join(complaints))
    with acting(actor, Action.MANAGE_PEOPLE, "person", why=why, verb="add_person") as event:
        person = Person.objects.create_user(address, None, name=name.strip(), vendor=vendor, created_at=actor.now)
        # The administrator vouches for the address: single sign-on finds the person by it.
        EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
        _give(person, given, actor)
        event.subject_id = str(person.pk)
        event.after = {"email": address, "name": person.name, "duties": told_duties(person)}
    return person


def change_duties(actor: Actor, person: Person, duties: Iterable[Held], *, why: str = "") -> None:
    """Have the person hold exactly these, beside what groups of the identity provider give; raises UsageError."""
    wanted = set(duties)
    by_group = {_held(duty) for duty in person.duties.exclude(from_group="")}
    if complaints := duty_complaints(wanted | by_group, has_vendor=person.vendor_id is not None):
        raise UsageError("; ".join(complaints))
    with acting(actor, Action.MANAGE_PEOPLE, person, why=why, verb="change_duties") as event:
        guard = _AdministratorsStay()
        event.before = {"duties": told_duties(person)}
        here = {_held(duty): duty for duty in person.duties.filter(from_group="")}
        for held, duty in here.items():
            if held not in wanted:
                duty.delete()
        _give(person, sorted(wanted - set(here), key=_order), actor)
        event.after = {"duties": told_duties(person)}
        event.is_silent = event.before == event.after
        guard.check()


def deactivate_person(actor: Actor, person: Person, *, why: str = "") -> None:
    """Shut the person out at once: sessions, password and tokens end; what they did stays on record.

    Who owns the platforms is told what is still theirs.
    """
    with acting(actor, Action.MANAGE_PEOPLE, person, why=why, verb="deactivate_person") as event:
        guard = _AdministratorsStay()
        event.before, event.after = {"is_active": person.is_active}, {"is_active": False}
        person.is_active = False
        # Sessions are signed with it: the old ones stay ended if the person comes back.
        person.set_unusable_password()
        person.save(update_fields=["is_active", "password"])
        for tokens in (ApiToken.objects.filter(person=person), FeedToken.objects.filter(person=person)):
            tokens.filter(revoked_at=None).update(revoked_at=actor.now)
        guard.check()
        tell_what_is_left(actor, person)


def reactivate_person(actor: Actor, person: Person, *, why: str = "") -> None:
    """Let the person back in; they need a new one-time link where they sign in by password."""
    with acting(actor, Action.MANAGE_PEOPLE, person, why=why, verb="reactivate_person") as event:
        event.before, event.after = {"is_active": person.is_active}, {"is_active": True}
        event.is_silent = person.is_active
        person.is_active = True
        person.save(update_fields=["is_active"])


def rename_person(actor: Actor, person: Person, *, name: str, time_zone: str) -> None:
    """Change one's own name and time zone, or as an administrator another's; raises UsageError."""
    complaints = [] if name.strip() else ["the name is empty"]
    if time_zone not in available_timezones():
        complaints.append(f"{time_zone!r} is no time zone; write one like Europe/Berlin")
    if complaints:
        raise UsageError("; ".join(complaints))
    own = actor.person_id == person.pk
    action = Action.MANAGE_OWN_ACCOUNT if own else Action.MANAGE_PEOPLE
    with acting(actor, action, person, verb="rename_person") as event:
        event.before = {"name": person.name, "time_zone": person.time_zone}
        person.name, person.time_zone = name.strip(), time_zone
        person.save(update_fields=["name", "time_zone"])
        event.after = {"name": person.name, "time_zone": person.time_zone}
        event.is_silent = event.before == event.after


def remove_second_factors(actor: Actor, person: Person, *, why: str) -> None:
    """For somebody who lost their phone or key: they must set up another at the next sign-in."""
    if not why.strip():
        raise UsageError("say why: how do you know that it is them?")
    with acting(actor, Action.MANAGE_PEOPLE, person, why=why, verb="remove_second_factors") as event:
        kinds = sorted(Authenticator.objects.filter(user=person).values_list("type", flat=True))
        Authenticator.objects.filter(user=person).delete()
        event.before, event.after = {"factors": kinds}, {"factors": []}


def told_duties(person: Person) -> list[str]:
    """A person's duties as the record tells them: `reviewer`, `approver on acme`."""
    rows = Duty.objects.filter(person=person).values_list("role", "platform__slug", "from_group")
    return sorted(
        role + (f" on {slug}" if slug else "") + (f" by group {group}" if group else "") for role, slug, group in rows
    )


class _AdministratorsStay:
    """Locks who is an administrator everywhere, so that two of them cannot remove each other at once.

    Those whom only a group makes one do not count: the group can be gone tomorrow.
    """

    def __init__(self) -> None:
        self._had_some = bool(self._count())

    @staticmethod
    def _count() -> int:
        duties = Duty.objects.filter(role=DutyRole.ADMINISTRATOR, platform=None, from_group="")
        list(duties.select_for_update().values_list("pk", flat=True))
        return duties.filter(person__is_active=True).count()

    def check(self) -> None:
        if self._had_some and not self._count():
            raise UsageError("this is the last administrator; make somebody else one first")


def _give(person: Person, duties: Iterable[Held], actor: Actor) -> None:
    for held in duties:
        # What a group gave is kept when it is given here too.
        kept = person.duties.filter(Q(platform_id=held.platform_id), role=held.role).update(from_group="")
        if not kept:
            person.duties.create(role=held.role, platform_id=held.platform_id, created_at=actor.now)


def _held(duty: Duty) -> Held:
    return Held(DutyRole(duty.role), duty.platform_id)


def _order(held: Held) -> tuple[Any, ...]:
    return held.role, held.platform_id or 0


def _address_complaints(address: str) -> list[str]:
    try:
        validate_email(address)
    except ValidationError:
        return [f"{address!r} is no mail address"]
    if Person.objects.filter(email=address).exists():
        return [f"{address} is there already; change their duties instead"]
    return []
