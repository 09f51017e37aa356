"""People, vendors and platforms by the names people type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from passmuster.application.people.duties import Held
from passmuster.application.people.people import told_duties
from passmuster.application.people.signing_in import people_without_second_factor
from passmuster.errors import UsageError
from passmuster.model.keeping import DutyRole
from passmuster.records.models import Person, Platform, Vendor


def person_named(email: str) -> Person:
    """The person with this address; raises UsageError."""
    found = Person.objects.filter(email=email.strip().lower()).first()
    if found is None:
        raise UsageError(f"nobody is called {email}; see `passmuster people list`")
    return found


def platform_named(slug: str) -> Platform:
    """The platform with this short name; raises UsageError."""
    found = Platform.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Platform.objects.order_by("slug").values_list("slug", flat=True)[:20])
        raise UsageError(f"there is no platform {slug!r}; known are: {known or 'none'}")
    return found


def vendor_named(name: str | None) -> Vendor | None:
    """The vendor with this name, None for None; raises UsageError."""
    if name is None:
        return None
    found = Vendor.objects.filter(name__iexact=name.strip()).first()
    if found is None:
        raise UsageError(f"there is no vendor {name!r}; add it on the page of vendors first")
    return found


def named_duties(roles: Iterable[str], slug: str | None) -> list[Held]:
    """These roles on the platform with this short name, or everywhere; raises UsageError."""
    platform_id = platform_named(slug).pk if slug else None
    return [Held(DutyRole(role), platform_id) for role in roles]


def people_lines() -> Iterator[str]:
    """A line a person: address, name, duties, what is the matter."""
    exposed = people_without_second_factor()
    for person in Person.objects.order_by("email"):
        notes = [] if person.is_active else ["deactivated"]
        if person.pk in exposed:
            notes.append("no second factor yet")
        duties = ", ".join(told_duties(person)) or "no duty"
        yield f"{person.email}  {person.name}  {duties}" + (f"  ({'; '.join(notes)})" if notes else "")
